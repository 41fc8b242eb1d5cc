import type { Micros } from '../time/micros.js';
import { NONE, type TimerRecords } from './timer-records.js';

const LEAST_BUCKETS = 64;
const MOST_BUCKETS = 1 << 20;

/**
 * A wheel of equal buckets over [bucketEnd, end). A bucket is a list that runs through the records of its timers, latest armed
 * first, so that putting a timer in or taking it out touches nothing but neighbours.
 */
export class BucketWheel {
  readonly width: Micros;
  readonly buckets: number;
  /** Times below bucketEnd belong to the bucket at hand, which the wheel does not hold. */
  bucketStart: Micros = 0;
  bucketEnd: Micros = 0;
  end: Micros = 0;
  size = 0;
  readonly #records: TimerRecords;
  readonly #perMicro: number;
  readonly #mask: number;
  /** First timer of each bucket. */
  readonly #heads: Int32Array;
  #cursor = 0;

  /** `width` is a power of two; the number of buckets is one too, at least `wanted` within limits. */
  constructor(records: TimerRecords, start: Micros, width: Micros, wanted: number) {
    let buckets = LEAST_BUCKETS;
    while (buckets < wanted && buckets < MOST_BUCKETS) {
      buckets *= 2;
    }
    this.#records = records;
    this.width = width;
    this.buckets = buckets;
    this.#perMicro = 1 / width;
    this.#mask = buckets - 1;
    this.#heads = new Int32Array(buckets).fill(NONE);
    this.restart(start);
  }

  /** Puts the empty wheel where `at` falls into the bucket at hand. */
  restart(at: Micros): void {
    this.#moveTo(Math.floor(at * this.#perMicro) * this.width);
  }

  /** Adds a timer that falls into [bucketEnd, end). */
  add(at: Micros, timer: number): void {
    const bucket = this.#bucketOf(at);
    const head = this.#heads[bucket] as number;
    this.#records.link(timer, head, NONE);
    if (head !== NONE) {
      this.#records.setPrevious(head, timer);
    }
    this.#heads[bucket] = timer;
    this.size++;
  }

  /** Takes a timer out that was added for `at`. */
  remove(at: Micros, timer: number): void {
    const records = this.#records;
    const next = records.next(timer);
    const previous = records.previous(timer);
    if (previous === NONE) {
      this.#heads[this.#bucketOf(at)] = next;
    } else {
      records.setNext(previous, next);
    }
    if (next !== NONE) {
      records.setPrevious(next, previous);
    }
    this.size--;
  }

  /** Turns to the next bucket that holds something; the wheel must not be empty. */
  turn(): void {
    const heads = this.#heads;
    let steps = 1;
    while (heads[(this.#cursor + steps) & this.#mask] === NONE) {
      steps++;
    }
    this.#cursor = (this.#cursor + steps) & this.#mask;
    this.#moveTo(this.bucketStart + steps * this.width);
  }

  /** Empties the bucket at hand; answers its first timer, from which the records lead to the others. */
  takeBucket(): number {
    const first = this.#heads[this.#cursor] as number;
    this.#heads[this.#cursor] = NONE;
    return first;
  }

  #bucketOf(at: Micros): number {
    return (this.#cursor + (((at - this.bucketStart) * this.#perMicro) | 0)) & this.#mask;
  }

  #moveTo(bucketStart: Micros): void {
    this.bucketStart = bucketStart;
    this.bucketEnd = bucketStart + this.width;
    this.end = bucketStart + this.buckets * this.width;
  }
}
