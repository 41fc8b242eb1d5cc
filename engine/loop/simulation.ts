import { InvariantError, invariant } from '../invariant.js';
import { RandomSource } from '../random/random-source.js';
import type { RandomStream } from '../random/random-stream.js';
import { SlotTable } from '../store/slot-table.js';
import { type Micros, toSeconds } from '../time/micros.js';
import type { EventQueue } from './event-queue.js';
import { Fingerprint } from './fingerprint.js';
import { type EventHandle, OneShots } from './one-shots.js';
import { BLOCK_SHIFT, IN_BLOCK, TIMERS_PER_BLOCK, TimerBank, type TimerHost } from './timer-bank.js';
import { TinyEventQueue } from './tiny-event-queue.js';

export interface SimulationOptions {
  readonly seed: number;
  readonly queue?: EventQueue;
  /** Where the clock stands at first; below zero for what has to be there before the run begins. Default: 0. */
  readonly startAt?: Micros;
  /** The command that runs this again, printed when an invariant breaks. */
  readonly replay?: string;
}

/**
 * The clock and the loop. Events fire by time, then by order of arming; nothing else decides.
 * Every event that fires goes into the fingerprint: equal seeds, equal fingerprints.
 */
export class Simulation {
  readonly seed: number;
  readonly #random: RandomSource;
  readonly #fingerprint = new Fingerprint();
  readonly #replay: string;
  readonly #host: Host;
  readonly #oneShots: OneShots;
  #fired = 0;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#host = new Host(options.queue ?? new TinyEventQueue(), options.startAt ?? 0);
    this.#random = new RandomSource(options.seed);
    this.#replay = options.replay ?? '';
    this.#oneShots = new OneShots((onFire) => this.timers('one-shots', new SlotTable(), onFire));
  }

  get now(): Micros {
    return this.#host.now;
  }

  /** How many events have fired. */
  get eventCount(): number {
    return this.#fired;
  }

  /** Time of the next event; Infinity when nothing is pending. */
  get nextAt(): Micros {
    return this.#host.queue.nextAt;
  }

  /** Rolling hash of every event fired, 16 hexadecimal digits. */
  get fingerprint(): string {
    return this.#fingerprint.digest;
  }

  /** For what happens rarely: a closure and a handle. A delay below zero counts as zero. */
  after(delay: Micros, action: () => void): EventHandle {
    return this.#oneShots.arm(delay, action);
  }

  /** For what exists per node, pod or container: one timer per slot, no allocation per event. */
  timers(name: string, slots: SlotTable, onFire: (slot: number) => void): TimerBank {
    return new TimerBank(name, slots, onFire, this.#host);
  }

  /** A turn among what fires at one instant, for a timer to be armed with later as if it were armed now. */
  takeTurn(): number {
    return this.#host.queue.takeTurn();
  }

  /** Whether nothing pending fires before a timer that is armed for this instant with this turn. */
  isTurn(at: Micros, turn: number): boolean {
    const { queue } = this.#host;
    const { nextAt } = queue;
    return nextAt > at || (nextAt === at && queue.nextTurn > turn);
  }

  /** Draws of one purpose; the same name gives the same stream. */
  stream(name: string): RandomStream {
    return this.#random.stream(name);
  }

  /** Fires the next event. False when nothing is pending. */
  step(): boolean {
    const at = this.nextAt;
    if (at === Number.POSITIVE_INFINITY) {
      return false;
    }
    this.#guard(() => this.#fire(at));
    return true;
  }

  /** Fires everything due up to and including `deadline`, then stands at `deadline`. */
  runUntil(deadline: Micros): void {
    invariant(deadline >= this.now, `cannot run back from ${toSeconds(this.now)} s to ${toSeconds(deadline)} s`);
    this.#guard(() => {
      const { queue } = this.#host;
      for (let at = queue.nextAt; at <= deadline; at = queue.nextAt) {
        this.#fire(at);
      }
    });
    this.#host.now = deadline;
  }

  #fire(at: Micros): void {
    const host = this.#host;
    const timer = host.queue.pop();
    host.now = at;
    this.#fired++;
    this.#fingerprint.add(at, timer);
    const block = timer >> BLOCK_SHIFT;
    (host.fires[block] as (slot: number) => void)((host.firstSlots[block] as number) + (timer & IN_BLOCK));
  }

  /** Adds to a broken invariant when it broke and how to see it again. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof InvariantError && !error.message.includes('Replay:')) {
        error.message += ` (at ${toSeconds(this.now)} s, event ${this.#fired}, seed ${this.seed}). Replay: ${this.#replay}`;
      }
      throw error;
    }
  }
}

/** What the timer banks see of the simulation: clock, queue, and the tables that lead from a timer to its handler. */
class Host implements TimerHost {
  now: Micros;
  readonly queue: EventQueue;
  readonly fires: ((slot: number) => void)[] = [];
  readonly firstSlots: number[] = [];

  constructor(queue: EventQueue, now: Micros) {
    this.queue = queue;
    this.now = now;
  }

  reserveBlock(fire: (slot: number) => void, firstSlot: number): number {
    this.fires.push(fire);
    this.firstSlots.push(firstSlot);
    return (this.fires.length - 1) * TIMERS_PER_BLOCK;
  }
}
