import type { Micros } from '../../engine/index.js';

interface Entry {
  readonly backoff: Micros;
  readonly lastUpdate: Micros;
}

/** k8s.io/client-go util/flowcontrol Backoff: per id, doubled at each failure, forgotten after twice the longest without one. */
export class Backoff {
  readonly #initial: Micros;
  readonly #longest: Micros;
  readonly #entries = new Map<string, Entry>();

  constructor(initial: Micros, longest: Micros) {
    this.#initial = initial;
    this.#longest = longest;
  }

  /** The id's present back-off; zero when it has none. */
  get(id: string): Micros {
    return this.#entries.get(id)?.backoff ?? 0;
  }

  /** A failure, told at `now`, of something that happened at `eventTime`. */
  next(id: string, eventTime: Micros, now: Micros): void {
    const entry = this.#entries.get(id);
    const backoff =
      entry === undefined || this.#hasExpired(entry, eventTime)
        ? this.#initial
        : Math.min(entry.backoff * 2, this.#longest);
    this.#entries.set(id, { backoff, lastUpdate: now });
  }

  /** Whether the back-off is still running that began at `eventTime`. */
  isInBackOffSince(id: string, eventTime: Micros, now: Micros): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && !this.#hasExpired(entry, eventTime) && now - eventTime < entry.backoff;
  }

  /** Whether `eventTime` lies within the back-off that began at the last failure. */
  isInBackOffSinceUpdate(id: string, eventTime: Micros): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && !this.#hasExpired(entry, eventTime) && eventTime - entry.lastUpdate < entry.backoff;
  }

  reset(id: string): void {
    this.#entries.delete(id);
  }

  /** Drops what has expired; changes no answer, saves memory. */
  collect(now: Micros): void {
    for (const [id, entry] of this.#entries) {
      if (this.#hasExpired(entry, now)) {
        this.#entries.delete(id);
      }
    }
  }

  #hasExpired(entry: Entry, at: Micros): boolean {
    return at - entry.lastUpdate > this.#longest * 2;
  }
}
