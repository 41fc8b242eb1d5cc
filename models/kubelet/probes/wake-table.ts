import type { EventHandle, Micros } from '../../../engine/index.js';
import type { ProcessClock } from '../process-clock.js';

/** What can stand in a wake table. */
export interface Sleeper {
  /** Order among those that wake at the same instant. */
  readonly ordinal: number;
  /** When it wakes; Infinity when it is not in the table. Written by the table alone. */
  wakesAt: Micros;
}

interface Instant<T> {
  readonly event: EventHandle;
  readonly sleepers: Set<T>;
}

/**
 * Who wakes when: one event for all that wake at one instant, in the order in which they were made, so that it does not
 * matter when each was put in.
 */
export class WakeTable<T extends Sleeper> {
  readonly #clock: ProcessClock;
  readonly #wake: (sleeper: T) => void;
  readonly #instants = new Map<Micros, Instant<T>>();

  constructor(clock: ProcessClock, wake: (sleeper: T) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Moves the sleeper to that instant; Infinity takes it out. */
  set(sleeper: T, at: Micros): void {
    if (sleeper.wakesAt === at) {
      return;
    }
    this.#takeOut(sleeper);
    sleeper.wakesAt = at;
    if (at === Number.POSITIVE_INFINITY) {
      return;
    }
    const instant = this.#instants.get(at);
    if (instant !== undefined) {
      instant.sleepers.add(sleeper);
    } else {
      const event = this.#clock.after(at - this.#clock.now, () => this.#fire(at));
      this.#instants.set(at, { event, sleepers: new Set([sleeper]) });
    }
  }

  /** Wakes now who is due at this instant and has not been woken yet. */
  wakeDue(): void {
    const { now } = this.#clock;
    this.#instants.get(now)?.event.cancel();
    this.#fire(now);
  }

  #takeOut(sleeper: T): void {
    const instant = this.#instants.get(sleeper.wakesAt);
    if (instant?.sleepers.delete(sleeper) && instant.sleepers.size === 0) {
      instant.event.cancel();
      this.#instants.delete(sleeper.wakesAt);
    }
  }

  #fire(at: Micros): void {
    const sleepers = [...(this.#instants.get(at)?.sleepers ?? [])].sort((a, b) => a.ordinal - b.ordinal);
    this.#instants.delete(at);
    for (const sleeper of sleepers) {
      // One that woke before it may have put it elsewhere.
      if (sleeper.wakesAt === at) {
        sleeper.wakesAt = Number.POSITIVE_INFINITY;
        this.#wake(sleeper);
      }
    }
  }
}
