import { type Micros, milliseconds, seconds } from '../../engine/index.js';
import { TokenBucket } from './token-bucket.js';

/** How long a key that failed waits before it is queued again. k8s.io/client-go util/workqueue TypedRateLimiter. */
export interface RateLimiter {
  when(key: string, now: Micros): Micros;
  forget(key: string): void;
  /** Failures since the last forget. */
  failures(key: string): number;
}

/** Base × 2^failures, capped; as ItemExponentialFailureRateLimiter. */
export class ExponentialFailureLimiter implements RateLimiter {
  readonly #base: Micros;
  readonly #cap: Micros;
  readonly #failures = new Map<string, number>();

  constructor(base: Micros, cap: Micros) {
    this.#base = base;
    this.#cap = cap;
  }

  when(key: string): Micros {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    return Math.min(this.#base * 2 ** failures, this.#cap);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }
}

/** The later of the key's own back-off and a bucket that all keys share. */
class ControllerLimiter implements RateLimiter {
  readonly #items: ExponentialFailureLimiter;
  readonly #bucket: TokenBucket;

  constructor(items: ExponentialFailureLimiter, bucket: TokenBucket) {
    this.#items = items;
    this.#bucket = bucket;
  }

  when(key: string, now: Micros): Micros {
    return Math.max(this.#items.when(key), this.#bucket.reserve(now));
  }

  forget(key: string): void {
    this.#items.forget(key);
  }

  failures(key: string): number {
    return this.#items.failures(key);
  }
}

/**
 * DefaultTypedControllerRateLimiter: 5 ms × 2^failures up to 1000 s, and 10 a second with a burst of 100 for all keys.
 * Some controllers begin with, or stop at, another back-off.
 */
export const defaultControllerRateLimiter = (
  base: Micros = milliseconds(5),
  cap: Micros = seconds(1000),
): RateLimiter => new ControllerLimiter(new ExponentialFailureLimiter(base, cap), new TokenBucket(10, 100));
