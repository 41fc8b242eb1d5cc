import type { Micros } from '../time/micros.js';

/**
 * The pending timers of a run. Ordering law: by time; at equal times, first armed first out.
 * A timer is a small integer given out by the simulation; a timer stands in the queue at most once.
 */
export interface EventQueue {
  readonly size: number;
  /** Time of the earliest entry; Infinity when empty. */
  readonly nextAt: Micros;
  /** Arms a timer that is not in the queue. */
  push(at: Micros, timer: number): void;
  /** Removes the earliest entry and answers its timer. Throws when empty. */
  pop(): number;
  /** When the timer is due; Infinity when it is not in the queue. */
  armedAt(timer: number): Micros;
  /** Takes a timer out; does nothing when it is not in the queue. */
  remove(timer: number): void;
}

export type EventQueueKind = 'plain' | 'fast';
