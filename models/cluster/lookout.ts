import type { EventHandle, Micros, Simulation } from '../../engine/index.js';
import { nextLook } from '../coredns/index.js';
import type { Need, Onlooker, Surroundings } from '../world/index.js';

/** What one look finds. */
export interface Sight {
  readonly isMet: boolean;
  /** When it may find something else though nothing changes: an answer that somebody keeps ends. */
  readonly staleUntil?: Micros | undefined;
}

export interface LookoutOptions {
  readonly simulation: Simulation;
  /** `isNoticed`: whether the look is one of a process, whose answers are kept for others. */
  readonly look: (from: Onlooker, need: Need, isNoticed: boolean) => Sight;
  readonly serves: (url: string) => boolean;
  /** Tells that somebody asks every so often from now on. Answers how to tell that this is over. */
  readonly announce: (from: Onlooker, need: Need, every: Micros) => () => void;
}

/** A process that looks every so often. */
interface Waiter {
  readonly from: Onlooker;
  readonly need: Need;
  readonly since: Micros;
  readonly every: Micros;
  readonly then: () => void;
  lastLook: Micros;
  timer: EventHandle | undefined;
}

/** Looks for processes that wait: only where something may have changed since their last look. */
export class Lookout implements Surroundings {
  readonly #options: LookoutOptions;
  readonly #listeners = new Set<() => void>();
  readonly #waiters = new Set<Waiter>();
  #isDue = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  isMet(from: Onlooker, need: Need, unnoticed?: 'unnoticed'): boolean {
    return this.#options.look(from, need, unnoticed === undefined).isMet;
  }

  serves(url: string): boolean {
    return this.#options.serves(url);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  waitFor(from: Onlooker, need: Need, every: Micros, then: () => void): () => void {
    const { simulation, announce } = this.#options;
    const over = announce(from, need, every);
    const waiter: Waiter = {
      from,
      need,
      since: simulation.now,
      every,
      then: () => {
        over();
        then();
      },
      lastLook: Number.NEGATIVE_INFINITY,
      timer: undefined,
    };
    this.#waiters.add(waiter);
    this.#lookAt(waiter, simulation.now);
    return () => {
      waiter.timer?.cancel();
      if (this.#waiters.delete(waiter)) {
        over();
      }
    };
  }

  /** Something out there changed: all that changes at one instant is looked at once. */
  changed(): void {
    if (this.#isDue || this.#listeners.size + this.#waiters.size === 0) {
      return;
    }
    this.#isDue = true;
    const { simulation } = this.#options;
    simulation.after(0, () => {
      this.#isDue = false;
      for (const listener of [...this.#listeners]) {
        listener();
      }
      for (const waiter of this.#waiters) {
        this.#lookAt(waiter, simulation.now);
      }
    });
  }

  /** At the first of its own looks from an instant on that it has not had. */
  #lookAt(waiter: Waiter, at: Micros): void {
    const { simulation } = this.#options;
    const next = nextLook(waiter, at);
    waiter.timer?.cancel();
    waiter.timer = simulation.after((next > waiter.lastLook ? next : next + waiter.every) - simulation.now, () =>
      this.#look(waiter),
    );
  }

  #look(waiter: Waiter): void {
    const { simulation, look } = this.#options;
    waiter.lastLook = simulation.now;
    waiter.timer = undefined;
    const { isMet, staleUntil } = look(waiter.from, waiter.need, true);
    if (isMet) {
      this.#waiters.delete(waiter);
      waiter.then();
    } else if (staleUntil !== undefined) {
      this.#lookAt(waiter, staleUntil);
    }
  }
}
