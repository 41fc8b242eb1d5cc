import type { NodeInfo } from './node-info.js';

/** What was worked out for each node, kept until the pods or the object of that node change. */
export class NodeMemo<T> {
  readonly #values: T[] = [];
  readonly #stamps: number[] = [];
  readonly #compute: (node: NodeInfo) => T;

  constructor(compute: (node: NodeInfo) => T) {
    this.#compute = compute;
  }

  get(node: NodeInfo): T {
    const { slot } = node;
    const stamp = node.nodeStamp > node.podsStamp ? node.nodeStamp : node.podsStamp;
    if (this.#stamps[slot] !== stamp) {
      this.#values[slot] = this.#compute(node);
      this.#stamps[slot] = stamp;
    }
    return this.#values[slot] as T;
  }
}

/** How many kinds of pods are remembered; beyond it all are forgotten. */
const MEMO_LIMIT = 1024;

/** Memos by kind of pod. */
export class NodeMemos<T> {
  readonly #memos = new Map<string, NodeMemo<T>>();

  get(key: string, compute: (node: NodeInfo) => T): NodeMemo<T> {
    let memo = this.#memos.get(key);
    if (memo === undefined) {
      if (this.#memos.size >= MEMO_LIMIT) {
        this.#memos.clear();
      }
      memo = new NodeMemo(compute);
      this.#memos.set(key, memo);
    }
    return memo;
  }
}
