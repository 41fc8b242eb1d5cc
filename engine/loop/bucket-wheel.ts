import type { Micros } from '../time/micros.js';
import type { EntryHeap } from './entry-heap.js';
import type { SortedRun } from './sorted-run.js';
import type { TimerRecords } from './timer-records.js';

const LEAST_BUCKETS = 64;
const MOST_BUCKETS = 1 << 20;

/** Entries of a page: a power of two. */
const PER_PAGE = 32;
const PAGE_SHIFT = 5;
const FIRST_PAGES = 64;
const NONE = -1;

/**
 * A wheel of equal buckets over [bucketEnd, end). A bucket is a chain of pages, each an array of (timer, ordinal of arming),
 * so that adding writes behind what was added before and emptying reads memory in order: with 100,000 timers pending, waiting
 * for memory is most of what a queue does. A timer that is moved or taken out leaves its entry behind.
 */
export class BucketWheel {
  readonly width: Micros;
  readonly buckets: number;
  /** Times below bucketEnd belong to the bucket at hand, which the wheel does not hold. */
  bucketStart: Micros = 0;
  bucketEnd: Micros = 0;
  end: Micros = 0;
  /** Entries, stale ones too. */
  size = 0;
  readonly #perMicro: number;
  readonly #mask: number;
  /** Place of the last entry of each bucket. */
  readonly #tails: Int32Array;
  #cursor = 0;
  /** Two to an entry, PER_PAGE entries to a page. */
  #entries = new Float64Array(2 * PER_PAGE * FIRST_PAGES);
  /** Per page: the last place of the page before it in its chain; of free pages, the next free page. */
  #before = new Int32Array(FIRST_PAGES);
  #pages = 0;
  #freePage = NONE;

  /** `width` is a power of two; the number of buckets is one too, at least `wanted` within limits. */
  constructor(start: Micros, width: Micros, wanted: number) {
    let buckets = LEAST_BUCKETS;
    while (buckets < wanted && buckets < MOST_BUCKETS) {
      buckets *= 2;
    }
    this.width = width;
    this.buckets = buckets;
    this.#perMicro = 1 / width;
    this.#mask = buckets - 1;
    this.#tails = new Int32Array(buckets).fill(NONE);
    this.restart(start);
  }

  /** Puts the empty wheel where `at` falls into the bucket at hand. */
  restart(at: Micros): void {
    this.#moveTo(Math.floor(at * this.#perMicro) * this.width);
  }

  /** Adds an entry for a time in [bucketEnd, end). */
  add(at: Micros, ordinal: number, timer: number): void {
    const bucket = (this.#cursor + (((at - this.bucketStart) * this.#perMicro) | 0)) & this.#mask;
    const tail = this.#tails[bucket] as number;
    const place = ((tail + 1) & (PER_PAGE - 1)) === 0 ? this.#newPage(tail) : tail + 1;
    this.#tails[bucket] = place;
    this.#entries[place * 2] = timer;
    this.#entries[place * 2 + 1] = ordinal;
    this.size++;
  }

  /** Turns to the next bucket that holds something; the wheel must not be empty. */
  turn(): void {
    const tails = this.#tails;
    let steps = 1;
    while (tails[(this.#cursor + steps) & this.#mask] === NONE) {
      steps++;
    }
    this.#cursor = (this.#cursor + steps) & this.#mask;
    this.#moveTo(this.bucketStart + steps * this.width);
  }

  /** Empties the bucket at hand into the run, what the run has no room for into the heap; forgets stale entries. */
  takeBucket(records: TimerRecords, run: SortedRun, overflow: EntryHeap): void {
    const entries = this.#entries;
    run.clear();
    let place = this.#tails[this.#cursor] as number;
    this.#tails[this.#cursor] = NONE;
    while (place !== NONE) {
      const page = place >> PAGE_SHIFT;
      const first = page << PAGE_SHIFT;
      this.size -= place - first + 1;
      for (; place >= first; place--) {
        const timer = entries[place * 2] as number;
        const ordinal = entries[place * 2 + 1] as number;
        if (records.ordinal(timer) !== ordinal) {
          continue;
        }
        if (run.isFull) {
          overflow.push(records.at(timer), ordinal, timer);
        } else {
          run.add(records.at(timer), ordinal, timer);
        }
      }
      place = this.#before[page] as number;
      this.#before[page] = this.#freePage;
      this.#freePage = page;
    }
    run.sort(this.bucketStart, this.width);
  }

  /** The first place of a page that follows `tail`. */
  #newPage(tail: number): number {
    let page = this.#freePage;
    if (page !== NONE) {
      this.#freePage = this.#before[page] as number;
    } else {
      page = this.#pages++;
      if (page === this.#before.length) {
        this.#grow();
      }
    }
    this.#before[page] = tail;
    return page << PAGE_SHIFT;
  }

  #grow(): void {
    const entries = new Float64Array(this.#entries.length * 2);
    const before = new Int32Array(this.#before.length * 2);
    entries.set(this.#entries);
    before.set(this.#before);
    this.#entries = entries;
    this.#before = before;
  }

  #moveTo(bucketStart: Micros): void {
    this.bucketStart = bucketStart;
    this.bucketEnd = bucketStart + this.width;
    this.end = bucketStart + this.buckets * this.width;
  }
}
