import { longEnough } from '../../incremental/cluster-view.js';
import type { FeasibleSlots } from '../../incremental/incremental-plugin.js';
import type { SelectorCounts } from '../../incremental/pod-groups.js';
import type { DomainSums, Topology } from '../../incremental/topology.js';

/** What one constraint sees of nodes. */
export interface Looked {
  readonly topology: Topology;
  readonly counts: SelectorCounts;
  /** Undefined where a node is looked at by its own pods, and not by its domain. */
  readonly sums: DomainSums | undefined;
}

/** The value of a node without the key. */
export const ABSENT = -1;

/** The domain of the node at this slot, or how many pods it has. */
export function valueAt({ topology, counts, sums }: Looked, slot: number): number {
  const domain = topology.domains[slot] as number;
  return domain < 0 ? ABSENT : sums === undefined ? (counts.own[slot] as number) : domain;
}

/** Combinations of values are numbered by a table as long as there can be no more. */
const TABLE_LIMIT = 1 << 18;

/**
 * Sorts nodes by what the constraints of a pod see of them, a value for each constraint. There are few such looks, however many nodes
 * there are.
 */
export class NodeLooks {
  /** The look of each node, as a number below `limit`. */
  keys = new Int32Array(0);
  limit = 1;
  /** One slot of each look, and its key. */
  readonly slots: number[] = [];
  readonly keyOf: number[] = [];
  #seen = new Int32Array(0);
  #round = 0;

  read(plan: readonly Looked[], feasible: FeasibleSlots): void {
    this.keys = longEnough(this.keys, feasible.count);
    this.limit = 1;
    for (const looked of plan) {
      const size = sizeOf(looked);
      if (this.limit * size > TABLE_LIMIT) {
        this.#compress(feasible.count);
      }
      this.#addValues(looked, size, feasible);
      this.limit *= size;
    }
    if (this.limit > TABLE_LIMIT) {
      this.#compress(feasible.count);
    }
    this.#findAll(feasible);
  }

  /** How many nodes have a look for which `isKept` says yes. */
  nodesWith(isKept: (look: number) => boolean, count: number): number {
    const kept = new Set(this.keyOf.filter((_, look) => isKept(look)));
    let nodes = 0;
    for (let j = 0; j < count; j++) {
      nodes += kept.has(this.keys[j] as number) ? 1 : 0;
    }
    return nodes;
  }

  #addValues({ topology, counts, sums }: Looked, size: number, { slots, count }: FeasibleSlots): void {
    const { keys } = this;
    const { domains } = topology;
    if (this.limit === 1) {
      keys.fill(0, 0, count);
    }
    if (sums !== undefined) {
      for (let j = 0; j < count; j++) {
        keys[j] = Math.imul(keys[j] as number, size) + (domains[slots[j] as number] as number) + 1;
      }
      return;
    }
    const { own } = counts;
    for (let j = 0; j < count; j++) {
      const slot = slots[j] as number;
      const value = (domains[slot] as number) < 0 ? ABSENT : (own[slot] as number);
      keys[j] = Math.imul(keys[j] as number, size) + value + 1;
    }
  }

  /** Numbers the keys anew, in order of appearance, so that they are as small as can be. */
  #compress(count: number): void {
    const numbers = new Map<number, number>();
    for (let j = 0; j < count; j++) {
      const key = this.keys[j] as number;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      this.keys[j] = number;
    }
    this.limit = numbers.size;
  }

  #findAll({ slots, count }: FeasibleSlots): void {
    this.#seen = longEnough(this.#seen, this.limit);
    const [keys, seen] = [this.keys, this.#seen];
    const round = ++this.#round;
    this.slots.length = 0;
    this.keyOf.length = 0;
    for (let j = 0; j < count; j++) {
      const key = keys[j] as number;
      if (seen[key] !== round) {
        seen[key] = round;
        this.slots.push(slots[j] as number);
        this.keyOf.push(key);
      }
    }
  }
}

/** Values that the constraint can see, and one for none. */
const sizeOf = ({ topology, counts, sums }: Looked): number =>
  (sums === undefined ? counts.most + 1 : topology.domainCount) + 1;
