import type { EntityKey, Micros, RandomStream } from '../../../engine/index.js';

interface Cursor {
  n: number;
  at: Micros;
}

/**
 * When something was last looked at by a loop that waits, after each look, a period and up to `jitterFactor` times as much again.
 * Nobody simulates such looks: they are counted up when somebody asks.
 */
export class Samples {
  readonly #draws: RandomStream;
  readonly #period: Micros;
  readonly #jitterFactor: number;
  readonly #cursors = new Map<EntityKey, Cursor>();

  constructor(draws: RandomStream, period: Micros, jitterFactor: number) {
    this.#draws = draws;
    this.#period = period;
    this.#jitterFactor = jitterFactor;
  }

  /** The last look up to `now`; the first is at `first`. Undefined before that. `now` never goes back. */
  lastUpTo(now: Micros, key: EntityKey, first: Micros): Micros | undefined {
    if (now < first) {
      return undefined;
    }
    const known = this.#cursors.get(key);
    const cursor = known ?? { n: 0, at: first };
    if (known === undefined) {
      this.#cursors.set(key, cursor);
    }
    for (;;) {
      const next = cursor.at + this.#draws.jitter(key, cursor.n, this.#period, this.#jitterFactor);
      if (next > now) {
        return cursor.at;
      }
      cursor.n++;
      cursor.at = next;
    }
  }

  /** Forgets all but these. */
  retain(keys: ReadonlySet<EntityKey>): void {
    for (const key of this.#cursors.keys()) {
      if (!keys.has(key)) {
        this.#cursors.delete(key);
      }
    }
  }
}
