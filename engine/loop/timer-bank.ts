import type { SlotTable } from '../store/slot-table.js';
import type { Micros } from '../time/micros.js';
import type { EventQueue } from './event-queue.js';

/** What a bank needs of its simulation. */
export interface TimerHost {
  readonly now: Micros;
  readonly queue: EventQueue;
  /**
   * Gives out TIMERS_PER_BLOCK timers in a row, for the slots from `firstSlot` on: each calls `fire` with its slot when due.
   * Answers the first.
   */
  reserveBlock(fire: (slot: number) => void, firstSlot: number): number;
}

/** Timers are given out in blocks, so that the tables that lead from timer to slot and back stay in the processor's cache. */
export const TIMERS_PER_BLOCK = 256;
export const BLOCK_SHIFT = 8;
export const IN_BLOCK = TIMERS_PER_BLOCK - 1;

/** Timers of one kind, one per slot of a table. Freeing a slot disarms its timer. */
export class TimerBank {
  readonly name: string;
  readonly #fire: (slot: number) => void;
  readonly #host: TimerHost;
  /** First timer of each block of slots. */
  readonly #blocks: number[] = [];

  constructor(name: string, slots: SlotTable, onFire: (slot: number) => void, host: TimerHost) {
    this.name = name;
    this.#fire = onFire;
    this.#host = host;
    slots.onFree((slot) => this.disarm(slot));
  }

  /**
   * Arms the slot's timer `delay` from now; arming an armed timer moves it. A delay below zero counts as zero. Of what fires at one
   * instant the first armed is first; one armed with a turn counts as armed when that was taken.
   */
  arm(slot: number, delay: Micros, turn?: number): void {
    const { queue, now } = this.#host;
    if (slot >> BLOCK_SHIFT >= this.#blocks.length) {
      this.#reserveThrough(slot);
    }
    const timer = this.#timerOf(slot);
    queue.remove(timer);
    queue.push(now + (delay > 0 ? delay : 0), timer, turn);
  }

  disarm(slot: number): void {
    if (slot >> BLOCK_SHIFT < this.#blocks.length) {
      this.#host.queue.remove(this.#timerOf(slot));
    }
  }

  /** When the slot's timer fires; Infinity when disarmed. */
  firesAt(slot: number): Micros {
    return slot >> BLOCK_SHIFT < this.#blocks.length
      ? this.#host.queue.armedAt(this.#timerOf(slot))
      : Number.POSITIVE_INFINITY;
  }

  #timerOf(slot: number): number {
    return (this.#blocks[slot >> BLOCK_SHIFT] as number) + (slot & IN_BLOCK);
  }

  #reserveThrough(slot: number): void {
    while (this.#blocks.length <= slot >> BLOCK_SHIFT) {
      this.#blocks.push(this.#host.reserveBlock(this.#fire, this.#blocks.length << BLOCK_SHIFT));
    }
  }
}
