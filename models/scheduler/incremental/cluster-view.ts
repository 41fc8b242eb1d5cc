import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { ChangeLog } from './change-log.js';
import type { SlotLog } from './slot-log.js';

/** The cluster by slot, and what happens to it. */
export interface ClusterView {
  /** Pods, and what Kubernetes' own plugins read of node objects but for images. */
  readonly changes: ChangeLog;
  /** Nodes that show other images, or other counts of them. */
  readonly imageChanges: SlotLog;
  /** Nodes of which something else changed, that only plugins of users may look at. */
  readonly otherChanges: SlotLog;
  /** Nodes of which a pod has changed in what counts nowhere, such as its start, or its place in the node's list. */
  readonly podUpdates: SlotLog;
  /** Slots given out are below this. */
  readonly slotCount: number;
  /** Undefined for a slot nobody has. */
  nodeAt(slot: number): NodeInfo | undefined;
}

/** Something kept up to date with the log: read what is new, or begin anew. */
export abstract class Follower {
  protected readonly view: ClusterView;
  #readTo = -1;

  constructor(view: ClusterView) {
    this.view = view;
  }

  /** To be called before each use. */
  catchUp(): void {
    const { changes } = this.view;
    const { end } = changes;
    if (this.#readTo === end) {
      return;
    }
    if (this.#readTo < 0 || !this.#read(this.#readTo)) {
      this.restart();
    }
    this.#readTo = end;
  }

  /**
   * The log is read when all of it has happened: a node that changed is read as it is now, and what came to it or went counts there.
   */
  #read(from: number): boolean {
    const { changes } = this.view;
    const changed = new Set<number>();
    const isComplete = changes.readFrom(from, (slot, pod) => {
      if (pod === undefined) {
        changed.add(slot);
      }
    });
    if (!isComplete) {
      return false;
    }
    changes.readFrom(from, (slot, pod, sign) => {
      if (pod !== undefined && !changed.has(slot)) {
        this.onPod(slot, pod, sign as 1 | -1);
      }
    });
    for (const slot of changed) {
      this.onNode(slot);
    }
    return true;
  }

  /** Forgets everything and reads the cluster as it is. */
  protected abstract restart(): void;
  protected abstract onNode(slot: number): void;
  protected abstract onPod(slot: number, pod: PodInfo, sign: 1 | -1): void;
}

/** The array, or a longer one with the same contents, so that it has this index. */
export function longEnough<A extends Int32Array | Int16Array | Float64Array | Uint8Array>(
  array: A,
  index: number,
  fill = 0,
): A {
  if (index < array.length) {
    return array;
  }
  const Type = array.constructor as new (length: number) => A;
  const grown = new Type(Math.max(64, index + 1, array.length * 2));
  grown.fill(fill);
  grown.set(array as never);
  return grown;
}
