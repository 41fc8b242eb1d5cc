import type { Micros } from '../time/micros.js';

const LEAST_BUCKETS = 64;
const MOST_BUCKETS = 1 << 18;
const NONE = -1;
/** Entries a chunk. */
const CHUNK = 8;

/**
 * A wheel of equal buckets over [bucketStart, end). An entry is a time and a timer, kept by value in chunks that a
 * bucket strings together, so that filling and emptying a bucket walks along memory. Entries of a bucket stay in order of adding.
 */
export class BucketWheel {
  readonly width: Micros;
  readonly buckets: number;
  /** Times in [bucketStart, bucketEnd) belong to the bucket at hand, which the wheel does not hold. */
  bucketStart: Micros = 0;
  bucketEnd: Micros = 0;
  end: Micros = 0;
  size = 0;
  readonly #perMicro: number;
  readonly #mask: number;
  readonly #occupied: Uint32Array;
  /** Two numbers a bucket: its first chunk (NONE: empty), and the place of its last entry plus one. */
  readonly #ends: Int32Array;
  /** Two numbers an entry: time, timer. */
  #entries = new Float64Array(2 * CHUNK * 64);
  #nextChunk = new Int32Array(64);
  #chunks = 0;
  #freeChunk = NONE;
  #cursor = 0;

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
    this.#occupied = new Uint32Array(buckets >> 5);
    this.#ends = new Int32Array(2 * buckets).fill(NONE);
    this.restart(start);
  }

  /** Puts the empty wheel where `at` falls into the bucket at hand. */
  restart(at: Micros): void {
    this.#moveTo(Math.floor(at * this.#perMicro) * this.width);
  }

  /** Adds an entry that falls into [bucketEnd, end). */
  add(at: Micros, timer: number): void {
    const bucket = (this.#cursor + (((at - this.bucketStart) * this.#perMicro) | 0)) & this.#mask;
    const ends = this.#ends;
    let place = ends[bucket * 2 + 1] as number;
    if (ends[bucket * 2] === NONE) {
      place = this.#claimChunk() * CHUNK;
      ends[bucket * 2] = place / CHUNK;
      this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) | (1 << (bucket & 31));
    } else if ((place & (CHUNK - 1)) === 0) {
      const last = place / CHUNK - 1;
      const chunk = this.#claimChunk();
      this.#nextChunk[last] = chunk;
      place = chunk * CHUNK;
    }
    this.#entries[place * 2] = at;
    this.#entries[place * 2 + 1] = timer;
    ends[bucket * 2 + 1] = place + 1;
    this.size++;
  }

  /** Turns to the next bucket that holds something; the wheel must not be empty. */
  turn(): void {
    const steps = this.#stepsToOccupied();
    this.#cursor = (this.#cursor + steps) & this.#mask;
    this.#moveTo(this.bucketStart + steps * this.width);
  }

  /** Hands over the entries of the bucket at hand, in order of adding, and empties it. */
  takeBucket(take: (at: Micros, timer: number) => void): void {
    const bucket = this.#cursor;
    let chunk = this.#ends[bucket * 2] as number;
    if (chunk === NONE) {
      return;
    }
    const entries = this.#entries;
    const end = this.#ends[bucket * 2 + 1] as number;
    this.#ends[bucket * 2] = NONE;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) & ~(1 << (bucket & 31));
    for (;;) {
      const isLast = end > chunk * CHUNK && end <= (chunk + 1) * CHUNK;
      const stop = isLast ? end : (chunk + 1) * CHUNK;
      for (let place = chunk * CHUNK; place < stop; place++) {
        this.size--;
        take(entries[place * 2] as number, entries[place * 2 + 1] as number);
      }
      const next = this.#nextChunk[chunk] as number;
      this.#nextChunk[chunk] = this.#freeChunk;
      this.#freeChunk = chunk;
      if (isLast) {
        return;
      }
      chunk = next;
    }
  }

  #moveTo(bucketStart: Micros): void {
    this.bucketStart = bucketStart;
    this.bucketEnd = bucketStart + this.width;
    this.end = bucketStart + this.buckets * this.width;
  }

  /** Buckets from the one at hand to the next occupied one. */
  #stepsToOccupied(): number {
    const occupied = this.#occupied;
    const words = occupied.length - 1;
    const from = (this.#cursor + 1) & this.#mask;
    let word = from >> 5;
    let bits = (occupied[word] as number) & (-1 << (from & 31));
    while (bits === 0) {
      word = word === words ? 0 : word + 1;
      bits = occupied[word] as number;
    }
    const bucket = (word << 5) + (31 - Math.clz32(bits & -bits));
    return ((bucket - from) & this.#mask) + 1;
  }

  #claimChunk(): number {
    const free = this.#freeChunk;
    if (free !== NONE) {
      this.#freeChunk = this.#nextChunk[free] as number;
      return free;
    }
    if (this.#chunks === this.#nextChunk.length) {
      this.#grow();
    }
    return this.#chunks++;
  }

  #grow(): void {
    const chunks = this.#chunks * 2;
    const entries = new Float64Array(2 * CHUNK * chunks);
    const nextChunk = new Int32Array(chunks);
    entries.set(this.#entries);
    nextChunk.set(this.#nextChunk);
    this.#entries = entries;
    this.#nextChunk = nextChunk;
  }
}
