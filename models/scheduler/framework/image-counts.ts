import type { Micros } from '../../../engine/index.js';
import type { Node } from '../../api/index.js';
import { KeyedHeap } from '../queue/keyed-heap.js';
import type { ImageState, NodeInfo } from './node-info.js';

/** Status reports of undisturbed nodes, which arrive without an event. */
export interface QuietReports {
  readonly now: Micros;
  /** When the next one of this node arrives, from now on; Infinity when none does without an event. */
  nextArrival(node: string): Micros;
}

/** A node that shows old counts, and when its next report arrives. */
interface StaleNode {
  readonly name: string;
  readonly at: Micros;
}

type ImageStates = NodeInfo['images'];

interface ImageEntry {
  readonly sizeBytes: number;
  readonly nodes: Set<string>;
}

const NO_REPORTS: QuietReports = { now: 0, nextArrival: () => Number.POSITIVE_INFINITY };

/**
 * On how many nodes each image is. As imageStates of cacheImpl (pkg/scheduler/backend/cache/cache.go): a node shows the counts
 * of the time at which it, or a pod on it, changed last, and its status report is such a change.
 */
export class ImageCounts {
  /** Changes with any node's list of images. */
  epoch = 1;
  readonly #reports: QuietReports;
  readonly #entries = new Map<string, ImageEntry>();
  /** Nodes that show the counts of this epoch. */
  readonly #fresh = new Set<string>();
  /** The others, by when the next report of each arrives. */
  readonly #stale = new KeyedHeap<StaleNode>(
    ({ name }) => name,
    (a, b) => a.at < b.at,
  );
  /** What nodes show now that name the same images. */
  readonly #shown = new Map<string, ImageStates>();

  constructor(reports: QuietReports = NO_REPORTS) {
    this.#reports = reports;
  }

  /** As addNodeImageStates: the first node that names an image says its size. */
  add(node: Node): void {
    this.#age();
    for (const image of node.status?.images ?? []) {
      for (const name of image.names ?? []) {
        const entry = this.#entries.get(name);
        if (entry === undefined) {
          this.#entries.set(name, { sizeBytes: image.sizeBytes ?? 0, nodes: new Set([node.metadata.name]) });
        } else {
          entry.nodes.add(node.metadata.name);
        }
      }
    }
  }

  remove(node: Node): void {
    this.#age();
    for (const image of node.status?.images ?? []) {
      for (const name of image.names ?? []) {
        const entry = this.#entries.get(name);
        entry?.nodes.delete(node.metadata.name);
        if (entry?.nodes.size === 0) {
          this.#entries.delete(name);
        }
      }
    }
  }

  /** The node is known no more. */
  forget(node: string): void {
    this.#fresh.delete(node);
    this.#stale.delete(node);
  }

  /** Nodes whose report arrived since the last call while they showed old counts. */
  reported(): readonly string[] {
    const { now } = this.#reports;
    const arrived: string[] = [];
    for (let next = this.#stale.peek(); next !== undefined && next.at <= now; next = this.#stale.peek()) {
      arrived.push(next.name);
      this.#stale.pop();
    }
    return arrived;
  }

  /** The reports of a node began or ceased to be quiet. */
  reportsChanged(node: string): void {
    if (this.#stale.has(node)) {
      this.#expect(node);
    }
  }

  /** Shows the node the counts of now. Answers whether they are others than before. */
  refresh(info: NodeInfo): boolean {
    if (info.imagesEpoch === this.epoch) {
      return false;
    }
    const before = info.images;
    info.images = this.#of(info.node);
    info.imagesEpoch = this.epoch;
    this.#stale.delete(info.name);
    if (info.images.size > 0) {
      this.#fresh.add(info.name);
    } else {
      this.#fresh.delete(info.name); // without images it shows no counts, whatever they are
    }
    return !areEqual(before, info.images);
  }

  #of({ status }: Node): ImageStates {
    const names = (status?.images ?? []).flatMap((image) => image.names ?? []);
    const key = names.join();
    let shown = this.#shown.get(key);
    if (shown === undefined) {
      const found = new Map<string, ImageState>();
      for (const name of names) {
        const entry = this.#entries.get(name);
        if (entry !== undefined) {
          found.set(name, { sizeBytes: entry.sizeBytes, nodeCount: entry.nodes.size });
        }
      }
      shown = found;
      this.#shown.set(key, shown);
    }
    return shown;
  }

  #age(): void {
    this.epoch++;
    this.#shown.clear();
    for (const name of this.#fresh) {
      this.#expect(name);
    }
    this.#fresh.clear();
  }

  #expect(node: string): void {
    this.#stale.put({ name: node, at: this.#reports.nextArrival(node) });
  }
}

function areEqual(a: ImageStates, b: ImageStates): boolean {
  if (a.size !== b.size) {
    return false;
  }
  for (const [name, { sizeBytes, nodeCount }] of a) {
    const other = b.get(name);
    if (other?.sizeBytes !== sizeBytes || other.nodeCount !== nodeCount) {
      return false;
    }
  }
  return true;
}
