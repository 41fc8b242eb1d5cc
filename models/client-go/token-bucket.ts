import { MICROS_PER_SECOND, type Micros } from '../../engine/index.js';

/**
 * golang.org/x/time/rate.Limiter as k8s.io/client-go util/flowcontrol uses it: starts with `burst` tokens, refills at `qps`.
 * Takers who must wait reserve future tokens, so they go first come, first served. A qps of zero or less means no limit.
 */
export class TokenBucket {
  readonly #period: number;
  readonly #depth: number;
  /** When the bucket will be full if nobody takes from it; in the past when it is full. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(qps: number, burst: number) {
    this.#period = qps > 0 ? MICROS_PER_SECOND / qps : 0;
    this.#depth = burst * this.#period;
  }

  /** Takes a token, if need be of the future. Answers how long its taker has to wait. */
  reserve(now: Micros): Micros {
    this.#fullAt = Math.max(now, this.#fullAt) + this.#period;
    return this.#wait(now);
  }

  /** As TryAccept: takes a token if there is one now. */
  tryTake(now: Micros): boolean {
    const before = this.#fullAt;
    if (this.reserve(now) > 0) {
      this.#fullAt = before;
      return false;
    }
    return true;
  }

  /** When tryTake will first succeed if nobody takes before. */
  takesAt(now: Micros): Micros {
    return Math.max(now, Math.ceil(Math.max(now, this.#fullAt) + this.#period - this.#depth - 0.001));
  }

  #wait(now: Micros): Micros {
    // The period need not be whole: a thousandth of a microsecond is forgiven before rounding up.
    return Math.max(0, Math.ceil(this.#fullAt - this.#depth - now - 0.001));
  }
}
