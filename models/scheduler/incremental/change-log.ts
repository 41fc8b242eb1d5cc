import type { PodInfo } from '../framework/pod-info.js';

/** Beyond so many entries the older half is forgotten, and who has not read it begins anew. */
const CAPACITY = 1 << 16;

/** What happened to nodes, in order: a pod came or went, or the node object changed, came or went. */
export class ChangeLog {
  #slots: number[] = [];
  #pods: (PodInfo | undefined)[] = [];
  #signs: (1 | -1 | 0)[] = [];
  /** Number of the first entry kept. */
  #first = 0;

  /** Number that the next entry will have: where a reader stands who has read all. */
  get end(): number {
    return this.#first + this.#slots.length;
  }

  podAdded(slot: number, pod: PodInfo): void {
    this.#push(slot, pod, 1);
  }

  podRemoved(slot: number, pod: PodInfo): void {
    this.#push(slot, pod, -1);
  }

  nodeChanged(slot: number): void {
    this.#push(slot, undefined, 0);
  }

  /**
   * Tells everything from entry `from` on; `pod` is undefined where the node itself changed. False when some of it is forgotten.
   */
  readFrom(from: number, tell: (slot: number, pod: PodInfo | undefined, sign: 1 | -1 | 0) => void): boolean {
    if (from < this.#first) {
      return false;
    }
    for (let i = from - this.#first; i < this.#slots.length; i++) {
      tell(this.#slots[i] as number, this.#pods[i], this.#signs[i] as 1 | -1 | 0);
    }
    return true;
  }

  #push(slot: number, pod: PodInfo | undefined, sign: 1 | -1 | 0): void {
    if (this.#slots.length >= CAPACITY) {
      const dropped = CAPACITY / 2;
      this.#first += dropped;
      this.#slots = this.#slots.slice(dropped);
      this.#pods = this.#pods.slice(dropped);
      this.#signs = this.#signs.slice(dropped);
    }
    this.#slots.push(slot);
    this.#pods.push(pod);
    this.#signs.push(sign);
  }
}
