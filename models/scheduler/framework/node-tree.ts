import type { Node } from '../../api/index.js';
import { zoneKeyOf } from '../../api/index.js';

/**
 * Node names by zone, listed round robin: the order in which nodes are tried.
 * As nodeTree (pkg/scheduler/backend/cache/node_tree.go): zones in order of first appearance, nodes in order of arrival.
 */
export class NodeTree {
  readonly #zones = new Map<string, string[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(node: Node): void {
    const zone = zoneKeyOf(node);
    const names = this.#zones.get(zone);
    if (names === undefined) {
      this.#zones.set(zone, [node.metadata.name]);
    } else if (names.includes(node.metadata.name)) {
      return;
    } else {
      names.push(node.metadata.name);
    }
    this.#size++;
  }

  remove(node: Node): void {
    const zone = zoneKeyOf(node);
    const names = this.#zones.get(zone);
    const at = names?.indexOf(node.metadata.name) ?? -1;
    if (names === undefined || at < 0) {
      return;
    }
    names.splice(at, 1);
    this.#size--;
    if (names.length === 0) {
      this.#zones.delete(zone);
    }
  }

  /** A node that changes its zone goes to the end of the new one. */
  update(before: Node, after: Node): void {
    if (zoneKeyOf(before) !== zoneKeyOf(after)) {
      this.remove(before);
      this.add(after);
    }
  }

  /** The first node of every zone, then the second of every zone that has one, and so on. */
  list(): string[] {
    const zones = [...this.#zones.values()];
    const longest = Math.max(0, ...zones.map((names) => names.length));
    const listed: string[] = [];
    for (let i = 0; i < longest; i++) {
      for (const names of zones) {
        const name = names[i];
        if (name !== undefined) {
          listed.push(name);
        }
      }
    }
    return listed;
  }
}
