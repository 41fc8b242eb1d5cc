import { type EventHandle, type Micros, type Simulation, seconds } from '../../../engine/index.js';
import { type BackoffSettings, flushTime, nextTick } from './decisions.js';
import type { SchedulingQueue } from './scheduling-queue.js';

/** pkg/scheduler/backend/queue/scheduling_queue.go Run: how often the pool is looked through. */
const POOL_FLUSH_PERIOD = seconds(30);

/**
 * The queue's two loops. Only flushes that can find someone are events: back-off is looked at when the first one ends, the pool
 * on its 30 s grid while anyone is in it.
 */
export class FlushTimers {
  readonly #simulation: Simulation;
  readonly #queue: SchedulingQueue;
  readonly #settings: BackoffSettings;
  readonly #startedAt: Micros;
  #backoff: EventHandle | undefined;
  #backoffAt: Micros = Number.POSITIVE_INFINITY;
  #pool: EventHandle | undefined;

  constructor(simulation: Simulation, queue: SchedulingQueue, settings: BackoffSettings) {
    this.#simulation = simulation;
    this.#queue = queue;
    this.#settings = settings;
    this.#startedAt = simulation.now;
  }

  /** To be called after any change of the queue. */
  arm(): void {
    this.#armBackoff();
    this.#armPool();
  }

  stop(): void {
    this.#backoff?.cancel();
    this.#pool?.cancel();
  }

  #armBackoff(): void {
    const { firstExpiry } = this.#queue;
    const { now } = this.#simulation;
    const at =
      firstExpiry === Number.POSITIVE_INFINITY
        ? firstExpiry
        : Math.max(flushTime(firstExpiry, this.#startedAt, this.#settings), now);
    if (at === this.#backoffAt) {
      return;
    }
    this.#backoff?.cancel();
    this.#backoff = undefined;
    this.#backoffAt = at;
    if (at !== Number.POSITIVE_INFINITY) {
      this.#backoff = this.#simulation.after(at - now, () => {
        this.#backoffAt = Number.POSITIVE_INFINITY;
        this.#queue.flushBackoff();
        this.arm();
      });
    }
  }

  #armPool(): void {
    if (this.#pool?.isPending || this.#queue.poolSize === 0) {
      return;
    }
    const { now } = this.#simulation;
    const at = nextTick(now + 1, this.#startedAt, POOL_FLUSH_PERIOD);
    this.#pool = this.#simulation.after(at - now, () => {
      this.#queue.flushPool();
      this.#armPool();
    });
  }
}
