import type { Micros } from '../../engine/index.js';
import { TokenBucket } from '../client-go/index.js';

interface Limiter {
  readonly qps: number;
  tryTake(now: Micros): boolean;
  /** When tryTake would first succeed; Infinity when never. */
  takesAt(now: Micros): Micros;
}

/** As flowcontrol.NewFakeNeverRateLimiter (k8s.io/client-go), down to the rate it claims to have. */
const NEVER: Limiter = { qps: 1, tryTake: () => false, takesAt: () => Number.POSITIVE_INFINITY };

/** So slow that the tokens it begins with are the only ones: what a rate of 0 is that was given by flag. */
const HARDLY_EVER = 1e-300;

/** The rate is a float32 there, so 0.01 a second is one in 100.0000022 s: a tick later than one would think. */
function tokenBucket(qps: number, burst: number): Limiter {
  const bucket = new TokenBucket(Math.fround(qps) || HARDLY_EVER, burst);
  return { qps, tryTake: (now) => bucket.tryTake(now), takesAt: (now) => bucket.takesAt(now) };
}

interface Entry {
  readonly value: string;
  processAt: Micros;
}

/** Whether an entry is dealt with, or how long to leave it before it is tried again. */
export type Tried = 'done' | { readonly retryAfter: Micros };

/**
 * Names that wait for their turn, each at most once, handed out at a limited rate; by due time, then by order of entering.
 * A name that was handed out cannot be added again until it was removed. As RateLimitedTimedQueue
 * (pkg/controller/nodelifecycle/scheduler).
 */
export class RateLimitedTimedQueue {
  readonly #burst: number;
  readonly #names = new Set<string>();
  #entries: Entry[] = [];
  #limiter: Limiter;

  constructor(qps: number, burst: number) {
    this.#burst = burst;
    this.#limiter = tokenBucket(qps, burst);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** False when it is queued, or was handed out, already. */
  add(value: string, now: Micros): boolean {
    if (this.#names.has(value)) {
      return false;
    }
    this.#names.add(value);
    this.#insert({ value, processAt: now });
    return true;
  }

  /** Takes the name out, and lets it be added again. */
  remove(value: string): void {
    this.#names.delete(value);
    this.#entries = this.#entries.filter((entry) => entry.value !== value);
  }

  /** The earliest instant at which a token and a due entry are both there; Infinity when there is no prospect. */
  nextTurnAt(now: Micros): Micros {
    const head = this.#entries[0];
    return head === undefined ? Number.POSITIVE_INFINITY : Math.max(head.processAt, this.#limiter.takesAt(now));
  }

  /**
   * Takes a token for the entry whose turn it is; undefined when there is no entry, no token or nothing due. The token is
   * taken before the due time is looked at, hence lost when the entry is not due: as there.
   */
  take(now: Micros): string | undefined {
    const head = this.#entries[0];
    if (head === undefined || !this.#limiter.tryTake(now) || now < head.processAt) {
      return undefined;
    }
    return head.value;
  }

  /** What came of an entry taken at `takenAt`. It may have been removed meanwhile. */
  settle(value: string, outcome: Tried, takenAt: Micros): void {
    const at = this.#entries.findIndex((entry) => entry.value === value);
    if (at < 0) {
      return;
    }
    this.#entries.splice(at, 1);
    if (outcome !== 'done') {
      this.#insert({ value, processAt: takenAt + outcome.retryAfter });
    }
  }

  /** A limiter of another rate, 0 for none at all; it starts without a token when the old one had none to give. */
  swapLimiter(qps: number, now: Micros): void {
    if (this.#limiter.qps === qps) {
      return;
    }
    const limiter = qps > 0 ? tokenBucket(qps, this.#burst) : NEVER;
    if (!this.#limiter.tryTake(now)) {
      limiter.tryTake(now);
    }
    this.#limiter = limiter;
  }

  #insert(entry: Entry): void {
    const at = this.#entries.findIndex((other) => other.processAt > entry.processAt);
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry);
  }
}
