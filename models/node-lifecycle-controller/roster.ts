import { type Node, zoneKeyOf } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import { isExcludedFromDisruption, type ZoneVotes } from './decisions.js';

/** A node that need not be looked at until something disturbs it: it votes as ready. */
interface Resting {
  readonly zone: string;
  readonly hasVote: boolean;
}

/** Which nodes there are, which of them a pass has to look at, and how the others would vote. */
export class Roster {
  readonly #nodes: Informer<Node>;
  readonly #known = new Map<string, Node>();
  readonly #gone = new Set<string>();
  readonly #restless = new Set<string>();
  readonly #resting = new Map<string, Resting>();
  readonly #restingByZone = new Map<string, { readonly nodes: number; readonly votes: number }>();

  constructor(nodes: Informer<Node>) {
    this.#nodes = nodes;
    for (const node of nodes.list()) {
      this.#restless.add(node.metadata.name);
    }
  }

  /** The node has to be looked at by the next pass, and by all after it until it rests. */
  disturb(name: string): void {
    const resting = this.#resting.get(name);
    if (resting !== undefined) {
      this.#resting.delete(name);
      this.#count(resting, -1);
    }
    this.#restless.add(name);
  }

  /** The Node was deleted. */
  gone(name: string): void {
    this.disturb(name);
    this.#restless.delete(name);
    this.#gone.add(name);
  }

  rest(node: Node): void {
    const { name } = node.metadata;
    const resting = { zone: zoneKeyOf(node), hasVote: !isExcludedFromDisruption(node) };
    this.#restless.delete(name);
    this.#resting.set(name, resting);
    this.#count(resting, 1);
  }

  /** Nodes that do not rest, in the order in which they became so. */
  restless(): readonly Node[] {
    return [...this.#restless].flatMap((name) => this.#nodes.get(name) ?? []);
  }

  /** As classifyNodes: nodes that no pass has met yet, and nodes that some pass has met and that are there no more. */
  classify(): { readonly added: readonly Node[]; readonly deleted: readonly Node[] } {
    const added = this.restless().filter((node) => !this.#known.has(node.metadata.name));
    const deleted = [...this.#gone].flatMap((name) =>
      this.#nodes.get(name) === undefined ? (this.#known.get(name) ?? []) : [],
    );
    for (const { metadata } of deleted) {
      this.#known.delete(metadata.name);
    }
    for (const node of added) {
      this.#known.set(node.metadata.name, node);
    }
    this.#gone.clear();
    return { added, deleted };
  }

  /** Zones in which nodes rest. */
  restingZones(): Iterable<string> {
    return this.#restingByZone.keys();
  }

  /** The votes of nodes that rest. */
  restingVotes(): Map<string, ZoneVotes> {
    const voting = [...this.#restingByZone].filter(([, { votes }]) => votes > 0);
    return new Map(voting.map(([zone, { votes }]) => [zone, { ready: votes, notReady: 0 }]));
  }

  #count({ zone, hasVote }: Resting, change: 1 | -1): void {
    const { nodes, votes } = this.#restingByZone.get(zone) ?? { nodes: 0, votes: 0 };
    if (nodes + change === 0) {
      this.#restingByZone.delete(zone);
    } else {
      this.#restingByZone.set(zone, { nodes: nodes + change, votes: votes + (hasVote ? change : 0) });
    }
  }
}
