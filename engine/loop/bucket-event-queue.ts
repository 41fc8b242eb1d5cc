import { invariant } from '../invariant.js';
import type { Micros } from '../time/micros.js';
import { BucketWheel } from './bucket-wheel.js';
import { EntryHeap } from './entry-heap.js';
import type { EventQueue } from './event-queue.js';

/** Pushes between two looks at whether the wheel still fits what is in it. */
const REVIEW_EVERY = 1 << 13;
/** How many delays are looked at to choose the width of a bucket. */
const SAMPLES = 63;
/** A bucket is made to hold about this many of the nearer half of the timers. */
const TIMERS_PER_BUCKET = 16;

/**
 * The fast queue: a wheel of buckets over the near future, a heap for the bucket at hand and one for what lies beyond the wheel.
 * Width and number of buckets follow the pending timers (a calendar queue). A timer taken out or moved leaves its old entry
 * behind; the entry is known for stale because time or ordinal differ from the timer's own. Pops in exactly the order of
 * the plain queue.
 */
export class BucketEventQueue implements EventQueue {
  /** Two numbers a timer, side by side for the processor's cache: when it is due (Infinity: not armed), ordinal of arming. */
  #armed = new Float64Array(2 * 1024).fill(Number.POSITIVE_INFINITY);
  #wheel = new BucketWheel(0, 1 << 16, 64);
  readonly #atHand = new EntryHeap();
  readonly #beyond = new EntryHeap();
  #size = 0;
  #entries = 0;
  #ordinal = 0;
  #pushesBeyond = 0;
  #pushesAtHand = 0;
  #reviewAt = REVIEW_EVERY;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Micros {
    if (this.#size === 0) {
      return Number.POSITIVE_INFINITY;
    }
    const heap = this.#atHand;
    while (heap.size === 0 || this.#isStale(heap.topAt, heap.topOrdinal, heap.topTimer)) {
      if (heap.size > 0) {
        heap.drop();
        this.#entries--;
      } else {
        this.#advance();
      }
    }
    return heap.topAt;
  }

  armedAt(timer: number): Micros {
    return this.#armed[timer * 2] ?? Number.POSITIVE_INFINITY;
  }

  push(at: Micros, timer: number): void {
    if (timer * 2 >= this.#armed.length) {
      this.#grow(timer);
    }
    invariant(this.#armed[timer * 2] === Number.POSITIVE_INFINITY, 'a timer is armed twice');
    const ordinal = this.#ordinal++;
    this.#armed[timer * 2] = at;
    this.#armed[timer * 2 + 1] = ordinal;
    this.#size++;
    this.#entries++;
    this.#place(at, ordinal, timer);
    if (ordinal >= this.#reviewAt) {
      this.#review();
    }
  }

  pop(): number {
    const at = this.nextAt;
    invariant(at !== Number.POSITIVE_INFINITY, 'pop from an empty event queue');
    const timer = this.#atHand.topTimer;
    this.#atHand.drop();
    this.#entries--;
    this.#size--;
    this.#armed[timer * 2] = Number.POSITIVE_INFINITY;
    return timer;
  }

  remove(timer: number): void {
    if (this.armedAt(timer) !== Number.POSITIVE_INFINITY) {
      this.#armed[timer * 2] = Number.POSITIVE_INFINITY;
      this.#size--;
    }
  }

  #place(at: Micros, ordinal: number, timer: number): void {
    if (at < this.#wheel.bucketEnd) {
      this.#pushesAtHand++;
      this.#atHand.push(at, ordinal, timer);
    } else if (at >= this.#wheel.end) {
      this.#pushesBeyond++;
      this.#beyond.push(at, ordinal, timer);
    } else {
      this.#wheel.add(at, timer);
    }
  }

  /** Turns the wheel to the next bucket that holds something; an empty wheel starts anew at the earliest timer beyond it. */
  #advance(): void {
    const wheel = this.#wheel;
    if (wheel.size > 0) {
      wheel.turn();
    } else {
      invariant(this.#beyond.size > 0, 'the event queue lost a timer');
      wheel.restart(this.#beyond.topAt);
    }
    this.#takeFromBeyond();
    wheel.takeBucket(this.#take);
  }

  readonly #take = (at: Micros, timer: number): void => {
    if (this.#armed[timer * 2] === at) {
      this.#atHand.push(at, this.#armed[timer * 2 + 1] as number, timer);
    } else {
      this.#entries--;
    }
  };

  #takeFromBeyond(): void {
    const heap = this.#beyond;
    const { end } = this.#wheel;
    while (heap.size > 0 && heap.topAt < end) {
      const at = heap.topAt;
      const ordinal = heap.topOrdinal;
      const timer = heap.topTimer;
      heap.drop();
      if (this.#isStale(at, ordinal, timer)) {
        this.#entries--;
      } else {
        this.#place(at, ordinal, timer);
      }
    }
  }

  #isStale(at: Micros, ordinal: number, timer: number): boolean {
    return this.#armed[timer * 2] !== at || this.#armed[timer * 2 + 1] !== ordinal;
  }

  /** Rebuilds the wheel when it does not fit what is pending: too few or many buckets, too coarse, too short, too many stale. */
  #review(): void {
    const { buckets } = this.#wheel;
    const isMisfit =
      this.#size > buckets * 2 * TIMERS_PER_BUCKET ||
      this.#size * 8 < buckets ||
      this.#entries > 2 * this.#size + REVIEW_EVERY ||
      this.#pushesBeyond * 4 > REVIEW_EVERY ||
      this.#pushesAtHand * 4 > REVIEW_EVERY;
    if (isMisfit) {
      this.#rebuild();
    }
    this.#reviewAt = this.#ordinal + REVIEW_EVERY;
    this.#pushesBeyond = 0;
    this.#pushesAtHand = 0;
  }

  #rebuild(): void {
    const pending = this.#pending();
    const start = this.#wheel.bucketStart;
    this.#atHand.clear();
    this.#beyond.clear();
    this.#wheel = new BucketWheel(start, this.#fittingWidth(pending, start), pending.length / TIMERS_PER_BUCKET);
    this.#entries = pending.length;
    for (const timer of pending) {
      this.#place(this.#armed[timer * 2] as number, this.#armed[timer * 2 + 1] as number, timer);
    }
  }

  /** Every armed timer, in order of arming. */
  #pending(): number[] {
    const pending: number[] = [];
    for (let timer = 0; timer * 2 < this.#armed.length; timer++) {
      if (this.#armed[timer * 2] !== Number.POSITIVE_INFINITY) {
        pending.push(timer);
      }
    }
    return pending.sort((a, b) => (this.#armed[a * 2 + 1] as number) - (this.#armed[b * 2 + 1] as number));
  }

  /** A power of two of microseconds, from the median delay of a sample. */
  #fittingWidth(pending: readonly number[], start: Micros): number {
    const step = Math.max(1, Math.floor(pending.length / SAMPLES));
    const delays: number[] = [];
    for (let i = 0; i < pending.length; i += step) {
      delays.push((this.#armed[(pending[i] as number) * 2] as number) - start);
    }
    delays.sort((a, b) => a - b);
    const median = delays[delays.length >> 1] ?? 0;
    const wanted = (2 * TIMERS_PER_BUCKET * median) / pending.length;
    return 2 ** Math.min(40, Math.round(Math.log2(Math.max(1, wanted))));
  }

  #grow(timer: number): void {
    const armed = new Float64Array(2 ** Math.ceil(Math.log2(2 * timer + 2))).fill(Number.POSITIVE_INFINITY);
    armed.set(this.#armed);
    this.#armed = armed;
  }
}
