import type { Micros } from '../time/micros.js';

/** No timer: the end of a list. */
export const NONE = -1;

const FIRST_CAPACITY = 1024;

/**
 * What the fast queue knows of each timer, 32 bytes side by side so that one timer is one visit to memory: when it is due
 * (Infinity: not armed), the ordinal of its arming, and its neighbours in the list of its bucket.
 */
export class TimerRecords {
  #capacity = 0;
  /** Four to a timer; the first two are time and ordinal. */
  #numbers = new Float64Array(0);
  /** Eight to a timer, over the same bytes; the fifth and sixth are the next and the previous timer of the bucket. */
  #links = new Int32Array(0);

  constructor() {
    this.#resize(FIRST_CAPACITY);
  }

  /** Timers there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  at(timer: number): Micros {
    return this.#numbers[timer * 4] as number;
  }

  ordinal(timer: number): number {
    return this.#numbers[timer * 4 + 1] as number;
  }

  isArmed(timer: number): boolean {
    return timer < this.#capacity && (this.#numbers[timer * 4] as number) !== Number.POSITIVE_INFINITY;
  }

  arm(timer: number, at: Micros, ordinal: number): void {
    this.#numbers[timer * 4] = at;
    this.#numbers[timer * 4 + 1] = ordinal;
  }

  disarm(timer: number): void {
    this.#numbers[timer * 4] = Number.POSITIVE_INFINITY;
  }

  next(timer: number): number {
    return this.#links[timer * 8 + 4] as number;
  }

  previous(timer: number): number {
    return this.#links[timer * 8 + 5] as number;
  }

  link(timer: number, next: number, previous: number): void {
    this.#links[timer * 8 + 4] = next;
    this.#links[timer * 8 + 5] = previous;
  }

  setNext(timer: number, next: number): void {
    this.#links[timer * 8 + 4] = next;
  }

  setPrevious(timer: number, previous: number): void {
    this.#links[timer * 8 + 5] = previous;
  }

  makeRoomFor(timer: number): void {
    if (timer >= this.#capacity) {
      this.#resize(2 ** Math.ceil(Math.log2(timer + 1)));
    }
  }

  #resize(capacity: number): void {
    const numbers = new Float64Array(capacity * 4).fill(Number.POSITIVE_INFINITY);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#links = new Int32Array(numbers.buffer);
    this.#capacity = capacity;
  }
}
