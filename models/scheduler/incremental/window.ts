import { fillWinners, updateWinners } from '../framework/select-host.js';
import type { ClassTable } from './class-table.js';

/** The list of nodes by slot. */
export interface NodeOrder {
  readonly slots: Int32Array;
  /** Position of each slot in the list; negative for one that is not in it. */
  readonly positions: Int32Array;
}

/** With more changes than this of its nodes, or of any, it is cheaper to begin anew. */
const MOST_CHANGES = 48;
const MOST_ENTRIES = 256;

/**
 * The feasible nodes that a cycle finds which begins at some position, with their worth, and who wins among them. A change of one
 * node costs the height of the heap, as long as the same nodes are feasible.
 */
export class Window {
  readonly #table: ClassTable;
  readonly #order: NodeOrder;
  /** Position at which the cycle begins, and how many feasible nodes it looks for. */
  start = -1;
  wanted = 0;
  /** Feasible nodes found; and how many nodes were looked at, the refused ones included. */
  count = 0;
  visited = 0;
  slots = new Int32Array(0);
  worth = new Float64Array(0);
  /** Who wins in each subtree of the heap. */
  winners = new Int32Array(0);
  /** Distance of each feasible node from the start. */
  #offsets = new Int32Array(0);
  /** Nodes looked at, with the one that was feasible and one too many. */
  #span = 0;
  /** What of `touched` it has followed; behind its first entry from the start. */
  #readTo = -1;
  readonly #changed: number[] = [];

  constructor(table: ClassTable, order: NodeOrder) {
    this.#table = table;
    this.#order = order;
  }

  /** Numbers kept, for whoever limits them. */
  get size(): number {
    return this.slots.length;
  }

  /** Makes it hold for this start. */
  settle(start: number, wanted: number): void {
    if (start !== this.start || wanted !== this.wanted || !this.#applyChanges()) {
      this.#fill(start, wanted);
    }
  }

  #offsetOf(slot: number): number {
    const position = this.#order.positions[slot] ?? -1;
    if (position < 0) {
      return Number.POSITIVE_INFINITY;
    }
    const offset = position - this.start;
    return offset < 0 ? offset + this.#order.slots.length : offset;
  }

  /** False when other nodes are feasible now, or too much happened. */
  #applyChanges(): boolean {
    const { touched } = this.#table;
    const changed = this.#changed;
    changed.length = 0;
    if (this.#readTo < touched.first || touched.end - this.#readTo > MOST_ENTRIES) {
      return false;
    }
    for (; this.#readTo < touched.end; this.#readTo++) {
      const slot = touched.at(this.#readTo);
      if (this.#offsetOf(slot) < this.#span) {
        changed.push(slot);
      }
    }
    if (changed.length > MOST_CHANGES) {
      return false;
    }
    for (const slot of changed) {
      const offset = this.#offsetOf(slot);
      this.#table.lookUp(slot);
      const index = this.#indexOf(offset);
      const wasFeasible = index >= 0 || offset >= this.visited;
      if (wasFeasible !== (this.#table.isFeasible[slot] === 1)) {
        return false;
      }
      if (index >= 0 && this.worth[index] !== this.#table.worth[slot]) {
        this.worth[index] = this.#table.worth[slot] as number;
        updateWinners(this.worth, this.count, this.winners, index);
      }
    }
    return true;
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#offsets[middle] as number;
      if (found === offset) {
        return middle;
      }
      if (found < offset) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  #fill(start: number, wanted: number): void {
    this.start = start;
    this.wanted = wanted;
    this.#reserve(wanted);
    const table = this.#table;
    const order = this.#order.slots;
    const size = order.length;
    let count = 0;
    let i = 0;
    let isFull = false;
    for (; i < size && !isFull; i++) {
      const at = start + i;
      const slot = order[at < size ? at : at - size] as number;
      table.lookUp(slot);
      if (table.isFeasible[slot] === 1) {
        if (count === wanted) {
          isFull = true;
        } else {
          this.slots[count] = slot;
          this.#offsets[count] = i;
          this.worth[count] = table.worth[slot] as number;
          count++;
        }
      }
    }
    this.count = count;
    this.#span = i;
    this.visited = isFull ? i - 1 : i;
    fillWinners(this.worth, count, this.winners);
    this.#readTo = this.#table.touched.end;
  }

  #reserve(count: number): void {
    if (this.slots.length < count) {
      this.slots = new Int32Array(count);
      this.worth = new Float64Array(count);
      this.winners = new Int32Array(count);
      this.#offsets = new Int32Array(count);
    }
  }
}
