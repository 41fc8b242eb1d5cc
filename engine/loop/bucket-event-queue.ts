import { invariant } from '../invariant.js';
import type { Micros } from '../time/micros.js';
import { BucketWheel } from './bucket-wheel.js';
import { EntryHeap } from './entry-heap.js';
import type { EventQueue } from './event-queue.js';
import { SortedRun } from './sorted-run.js';
import { TimerRecords } from './timer-records.js';

/** Pushes between two looks at whether the wheel still fits what is in it. */
const REVIEW_EVERY = 1 << 13;
/** How many delays are looked at to choose the width of a bucket. */
const SAMPLES = 63;
/** A bucket is made to hold about so many of the nearer half of the timers; of few timers, this fraction of them. */
const MOST_PER_BUCKET = 128;
const LARGEST_FRACTION = 1 / 16;
/** The wheel reaches about this many times as far as the median delay. */
const REACH = 7;

/**
 * The fast queue: a wheel of buckets over the near future; the bucket at hand as a sorted run, with a heap for what is
 * armed into it late; and a heap for what lies beyond the wheel. Width and number of buckets follow the pending timers (a
 * calendar queue). A timer moved or taken out leaves its entry behind, known for stale by its ordinal. Pops in exactly the
 * order of the plain queue.
 */
export class BucketEventQueue implements EventQueue {
  readonly #records = new TimerRecords();
  #wheel = new BucketWheel(0, 1 << 16, 64);
  readonly #run = new SortedRun();
  readonly #late = new EntryHeap();
  readonly #beyond = new EntryHeap();
  /** Whether nothing has happened since #settle that could change what it found. */
  #isSettled = false;
  #isLateNext = false;
  #size = 0;
  #ordinal = 0;
  #pushesBeyond = 0;
  #pushesLate = 0;
  #reviewAt = REVIEW_EVERY;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Micros {
    if (this.#size === 0) {
      return Number.POSITIVE_INFINITY;
    }
    if (!this.#isSettled) {
      this.#settle();
    }
    return this.#isLateNext ? this.#late.topAt : this.#run.topAt;
  }

  get nextTurn(): number {
    if (!this.#isSettled) {
      this.#settle();
    }
    return this.#isLateNext ? this.#late.topOrdinal : this.#run.topOrdinal;
  }

  takeTurn(): number {
    return this.#ordinal++;
  }

  armedAt(timer: number): Micros {
    return this.#records.isArmed(timer) ? this.#records.at(timer) : Number.POSITIVE_INFINITY;
  }

  push(at: Micros, timer: number, turn?: number): void {
    this.#records.makeRoomFor(timer);
    invariant(!this.#records.isArmed(timer), 'a timer is armed twice');
    const ordinal = turn ?? this.#ordinal++;
    this.#records.arm(timer, at, ordinal);
    this.#size++;
    if (at < this.#wheel.bucketEnd) {
      this.#isSettled = false;
      this.#pushesLate++;
      this.#late.push(at, ordinal, timer);
    } else if (at >= this.#wheel.end) {
      this.#pushesBeyond++;
      this.#beyond.push(at, ordinal, timer);
    } else {
      this.#wheel.add(at, ordinal, timer);
    }
    if (this.#ordinal > this.#reviewAt) {
      this.#review();
    }
  }

  pop(): number {
    invariant(this.#size > 0, 'pop from an empty event queue');
    if (!this.#isSettled) {
      this.#settle();
    }
    this.#isSettled = false;
    let timer: number;
    if (this.#isLateNext) {
      timer = this.#late.topTimer;
      this.#late.drop();
    } else {
      timer = this.#run.topTimer;
      this.#run.drop();
    }
    this.#records.disarm(timer);
    this.#size--;
    return timer;
  }

  remove(timer: number): void {
    if (this.#records.isArmed(timer)) {
      this.#isSettled = false;
      this.#records.disarm(timer);
      this.#size--;
    }
  }

  /** Sees to it that the tops of run and late heap are armed timers, that there is one, and which is next. */
  #settle(): void {
    const run = this.#run;
    const late = this.#late;
    for (;;) {
      while (!run.isEmpty && this.#isStale(run.topOrdinal, run.topTimer)) {
        run.drop();
      }
      while (late.size > 0 && this.#isStale(late.topOrdinal, late.topTimer)) {
        late.drop();
      }
      if (!run.isEmpty || late.size > 0) {
        this.#isSettled = true;
        this.#isLateNext = isLateNext(run, late);
        return;
      }
      this.#advance();
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
    wheel.takeBucket(this.#records, this.#run, this.#late);
  }

  #takeFromBeyond(): void {
    const heap = this.#beyond;
    const { end, bucketEnd } = this.#wheel;
    while (heap.size > 0 && heap.topAt < end) {
      const at = heap.topAt;
      const ordinal = heap.topOrdinal;
      const timer = heap.topTimer;
      heap.drop();
      if (this.#isStale(ordinal, timer)) {
        continue;
      }
      if (at < bucketEnd) {
        this.#late.push(at, ordinal, timer);
      } else {
        this.#wheel.add(at, ordinal, timer);
      }
    }
  }

  #isStale(ordinal: number, timer: number): boolean {
    return this.#records.ordinal(timer) !== ordinal;
  }

  /** Rebuilds the wheel when it does not fit what is pending: too few or many buckets, too coarse, too short, too many stale. */
  #review(): void {
    const fitting = wantedBuckets(this.#size);
    const { buckets } = this.#wheel;
    const isMisfit =
      fitting > buckets * 2 ||
      fitting * 8 < buckets ||
      this.#wheel.size + this.#late.size + this.#beyond.size > 2 * this.#size + REVIEW_EVERY ||
      this.#pushesBeyond * 8 > REVIEW_EVERY ||
      this.#pushesLate * 4 > REVIEW_EVERY;
    if (isMisfit) {
      this.#rebuild();
    }
    this.#reviewAt = this.#ordinal + REVIEW_EVERY;
    this.#pushesBeyond = 0;
    this.#pushesLate = 0;
  }

  #rebuild(): void {
    this.#isSettled = false;
    const pending = this.#pending();
    const start = this.#wheel.bucketStart;
    this.#run.clear();
    this.#late.clear();
    this.#beyond.clear();
    const width = this.#fittingWidth(pending, start);
    this.#wheel = new BucketWheel(start, width, wantedBuckets(pending.length));
    const { bucketEnd, end } = this.#wheel;
    for (const timer of pending) {
      const at = this.#records.at(timer);
      if (at < bucketEnd) {
        this.#late.push(at, this.#records.ordinal(timer), timer);
      } else if (at >= end) {
        this.#beyond.push(at, this.#records.ordinal(timer), timer);
      } else {
        this.#wheel.add(at, this.#records.ordinal(timer), timer);
      }
    }
  }

  /** Every armed timer. */
  #pending(): number[] {
    const pending: number[] = [];
    for (let timer = 0; timer < this.#records.capacity; timer++) {
      if (this.#records.isArmed(timer)) {
        pending.push(timer);
      }
    }
    return pending;
  }

  /** A power of two of microseconds, from the median delay of a sample. */
  #fittingWidth(pending: readonly number[], start: Micros): number {
    const step = Math.max(1, Math.floor(pending.length / SAMPLES));
    const delays: number[] = [];
    for (let i = 0; i < pending.length; i += step) {
      delays.push(this.#records.at(pending[i] as number) - start);
    }
    delays.sort((a, b) => a - b);
    const median = delays[delays.length >> 1] ?? 0;
    const wanted = (2 * perBucket(pending.length) * median) / pending.length;
    return 2 ** Math.min(40, Math.round(Math.log2(Math.max(1, wanted))));
  }
}

const isLateNext = (run: SortedRun, late: EntryHeap): boolean => {
  if (late.size === 0 || run.isEmpty) {
    return run.isEmpty;
  }
  return late.topAt < run.topAt || (late.topAt === run.topAt && late.topOrdinal < run.topOrdinal);
};

/** Of buckets as wide as `fittingWidth` makes them, so many reach far enough. */
const wantedBuckets = (size: number): number => (REACH * size) / (2 * perBucket(size));

const perBucket = (size: number): number => Math.min(MOST_PER_BUCKET, size * LARGEST_FRACTION);
