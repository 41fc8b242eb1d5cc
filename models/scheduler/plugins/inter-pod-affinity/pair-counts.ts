import type { NodeInfo } from '../../framework/node-info.js';

/** Sums by topology pair: label key, then label value of the node. As topologyToMatchedTermCount. */
export class PairCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  /** No pair has a sum other than zero. */
  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Adds to the pair that this node is in; nothing when it lacks the label. */
  add(node: NodeInfo, key: string, amount: number): void {
    const value = node.label(key);
    if (value === undefined || amount === 0) {
      return;
    }
    let values = this.#counts.get(key);
    if (values === undefined) {
      values = new Map();
      this.#counts.set(key, values);
    }
    const sum = (values.get(value) ?? 0) + amount;
    if (sum !== 0) {
      values.set(value, sum);
      return;
    }
    values.delete(value);
    if (values.size === 0) {
      this.#counts.delete(key);
    }
  }

  get(key: string, value: string): number {
    return this.#counts.get(key)?.get(value) ?? 0;
  }

  /** Some pair of this node has a sum above zero. */
  touches(node: NodeInfo): boolean {
    for (const [key, values] of this.#counts) {
      const value = node.label(key);
      if (value !== undefined && (values.get(value) ?? 0) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Sum over all pairs that this node is in. */
  sumFor(node: NodeInfo): number {
    let sum = 0;
    for (const [key, values] of this.#counts) {
      const value = node.label(key);
      if (value !== undefined) {
        sum += values.get(value) ?? 0;
      }
    }
    return sum;
  }

  clone(): PairCounts {
    const copy = new PairCounts();
    for (const [key, values] of this.#counts) {
      copy.#counts.set(key, new Map(values));
    }
    return copy;
  }
}
