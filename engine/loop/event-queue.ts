import type { Micros } from '../time/micros.js';

/**
 * The pending timers of a run. Ordering law: by time; at equal times, first armed first out.
 * A timer is a small integer given out by the simulation; a timer stands in the queue at most once.
 */
export interface EventQueue {
  readonly size: number;
  /** Time of the earliest entry; Infinity when empty. */
  readonly nextAt: Micros;
  /** Turn of the earliest entry among those of its instant; only while there is one. */
  readonly nextTurn: number;
  /** The turn that a timer armed now would have. No other gets it: whoever asks can arm a timer with it later. */
  takeTurn(): number;
  /** Arms a timer that is not in the queue; it has its turn from now, or one taken earlier. */
  push(at: Micros, timer: number, turn?: number): void;
  /** Removes the earliest entry and answers its timer. Throws when empty. */
  pop(): number;
  /** When the timer is due; Infinity when it is not in the queue. */
  armedAt(timer: number): Micros;
  /** Takes a timer out; does nothing when it is not in the queue. */
  remove(timer: number): void;
}

export type EventQueueKind = 'plain' | 'fast';
