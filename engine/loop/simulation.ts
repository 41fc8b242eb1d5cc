import { InvariantError, invariant } from '../invariant.js';
import { RandomSource } from '../random/random-source.js';
import type { RandomStream } from '../random/random-stream.js';
import type { SlotTable } from '../store/slot-table.js';
import { type Micros, toSeconds } from '../time/micros.js';
import type { EventQueue } from './event-queue.js';
import { Fingerprint } from './fingerprint.js';
import { TimerBank } from './timer-bank.js';
import { TinyEventQueue } from './tiny-event-queue.js';

export interface SimulationOptions {
  readonly seed: number;
  readonly queue?: EventQueue;
  /** The command that runs this again, printed when an invariant breaks. */
  readonly replay?: string;
}

/** A one-shot event that can be called off. */
export interface EventHandle {
  readonly isPending: boolean;
  cancel(): void;
}

/**
 * The clock and the loop. Events fire by time, then by order of arming; nothing else decides.
 * Every event that fires goes into the fingerprint: equal seeds, equal fingerprints.
 */
export class Simulation {
  readonly seed: number;
  readonly #queue: EventQueue;
  readonly #random: RandomSource;
  readonly #fingerprint = new Fingerprint();
  readonly #replay: string;
  readonly #onFire: ((timer: number) => void)[] = [];
  readonly #free: number[] = [];
  #now: Micros = 0;
  #fired = 0;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#queue = options.queue ?? new TinyEventQueue();
    this.#random = new RandomSource(options.seed);
    this.#replay = options.replay ?? '';
  }

  get now(): Micros {
    return this.#now;
  }

  /** How many events have fired. */
  get eventCount(): number {
    return this.#fired;
  }

  /** Time of the next event; Infinity when nothing is pending. */
  get nextAt(): Micros {
    return this.#queue.nextAt;
  }

  /** Rolling hash of every event fired, 16 hexadecimal digits. */
  get fingerprint(): string {
    return this.#fingerprint.digest;
  }

  /** For what happens rarely: a closure and a handle. A delay below zero counts as zero. */
  after(delay: Micros, action: () => void): EventHandle {
    const timer = this.#reserve(() => {
      pending = false;
      this.#free.push(timer);
      action();
    });
    let pending = true;
    this.#queue.push(this.#now + Math.max(0, delay), timer);
    return {
      get isPending() {
        return pending;
      },
      cancel: () => {
        if (pending) {
          pending = false;
          this.#queue.remove(timer);
          this.#free.push(timer);
        }
      },
    };
  }

  /** For what exists per node, pod or container: one timer per slot, no allocation per event. */
  timers(name: string, slots: SlotTable, onFire: (slot: number) => void): TimerBank {
    return new TimerBank(name, slots, onFire, {
      queue: this.#queue,
      now: () => this.#now,
      reserve: (fire) => this.#reserve(fire),
    });
  }

  /** Draws of one purpose; the same name gives the same stream. */
  stream(name: string): RandomStream {
    return this.#random.stream(name);
  }

  /** Fires the next event. False when nothing is pending. */
  step(): boolean {
    const at = this.#queue.nextAt;
    if (at === Number.POSITIVE_INFINITY) {
      return false;
    }
    this.#fire(at);
    return true;
  }

  /** Fires everything due up to and including `deadline`, then stands at `deadline`. */
  runUntil(deadline: Micros): void {
    invariant(deadline >= this.#now, `cannot run back from ${toSeconds(this.#now)} s to ${toSeconds(deadline)} s`);
    for (let at = this.#queue.nextAt; at <= deadline; at = this.#queue.nextAt) {
      this.#fire(at);
    }
    this.#now = deadline;
  }

  #fire(at: Micros): void {
    const timer = this.#queue.pop();
    this.#now = at;
    this.#fired++;
    this.#fingerprint.add(at, timer);
    try {
      this.#onFire[timer]?.(timer);
    } catch (error) {
      if (error instanceof InvariantError && !error.message.includes('Replay:')) {
        error.message += ` (at ${toSeconds(at)} s, event ${this.#fired}, seed ${this.seed}). Replay: ${this.#replay}`;
      }
      throw error;
    }
  }

  #reserve(fire: (timer: number) => void): number {
    const timer = this.#free.pop() ?? this.#onFire.length;
    this.#onFire[timer] = fire;
    return timer;
  }
}
