import type { Micros } from '../time/micros.js';

const FIRST_CAPACITY = 1024;
/** The ordinal of a timer that is not armed. */
const UNARMED = -1;

/**
 * What the fast queue knows of each timer, side by side so that one timer is one visit to memory: when it is due, and the
 * ordinal of its arming. An entry of the queue whose ordinal is not its timer's is stale: the timer was moved or taken out.
 */
export class TimerRecords {
  #capacity = 0;
  /** Two to a timer: time and ordinal. */
  #numbers = new Float64Array(0);

  constructor() {
    this.#resize(FIRST_CAPACITY);
  }

  /** Timers there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** When an armed timer is due. */
  at(timer: number): Micros {
    return this.#numbers[timer * 2] as number;
  }

  ordinal(timer: number): number {
    return this.#numbers[timer * 2 + 1] as number;
  }

  isArmed(timer: number): boolean {
    return timer < this.#capacity && (this.#numbers[timer * 2 + 1] as number) !== UNARMED;
  }

  arm(timer: number, at: Micros, ordinal: number): void {
    this.#numbers[timer * 2] = at;
    this.#numbers[timer * 2 + 1] = ordinal;
  }

  disarm(timer: number): void {
    this.#numbers[timer * 2 + 1] = UNARMED;
  }

  makeRoomFor(timer: number): void {
    if (timer >= this.#capacity) {
      this.#resize(2 ** Math.ceil(Math.log2(timer + 1)));
    }
  }

  #resize(capacity: number): void {
    const numbers = new Float64Array(capacity * 2).fill(UNARMED);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#capacity = capacity;
  }
}
