import type { SlotTable } from '../store/slot-table.js';
import type { Micros } from '../time/micros.js';
import type { EventQueue } from './event-queue.js';

/** What a bank needs of its simulation. */
export interface TimerHost {
  readonly queue: EventQueue;
  now(): Micros;
  /** Gives out a timer that calls `fire` whenever it comes due. */
  reserve(fire: (timer: number) => void): number;
}

const DISARMED = Number.POSITIVE_INFINITY;

/** Timers of one kind, one per slot of a table. Freeing a slot disarms its timer. */
export class TimerBank {
  readonly name: string;
  readonly #host: TimerHost;
  readonly #onFire: (slot: number) => void;
  readonly #timers: number[] = [];
  readonly #firesAt: Micros[] = [];

  constructor(name: string, slots: SlotTable, onFire: (slot: number) => void, host: TimerHost) {
    this.name = name;
    this.#host = host;
    this.#onFire = onFire;
    slots.onFree((slot) => this.disarm(slot));
  }

  /** Arms the slot's timer `delay` from now; arming an armed timer moves it. A delay below zero counts as zero. */
  arm(slot: number, delay: Micros): void {
    const timer = this.#timers[slot] ?? this.#reserve(slot);
    if (this.firesAt(slot) !== DISARMED) {
      this.#host.queue.remove(timer);
    }
    const at = this.#host.now() + Math.max(0, delay);
    this.#firesAt[slot] = at;
    this.#host.queue.push(at, timer);
  }

  disarm(slot: number): void {
    if (this.firesAt(slot) !== DISARMED) {
      this.#firesAt[slot] = DISARMED;
      this.#host.queue.remove(this.#timers[slot] as number);
    }
  }

  /** When the slot's timer fires; Infinity when disarmed. */
  firesAt(slot: number): Micros {
    return this.#firesAt[slot] ?? DISARMED;
  }

  #reserve(slot: number): number {
    const timer = this.#host.reserve(() => {
      this.#firesAt[slot] = DISARMED;
      this.#onFire(slot);
    });
    this.#timers[slot] = timer;
    return timer;
  }
}
