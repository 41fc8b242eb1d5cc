import { type Micros, type ObjectKey, SlotTable, type TimerBank } from '../../engine/index.js';
import type { Component } from './component.js';
import type { ControllerContext } from './context.js';
import { defaultControllerRateLimiter, type RateLimiter } from './rate-limiter.js';
import { WorkQueue } from './work-queue.js';

/** How a sync ended: forget the key's failures, retry it with the queue's rate limiter, or look again later. */
export type SyncResult = 'done' | 'retry' | { readonly requeueAfter: Micros };

export interface ControllerSettings {
  /** Syncs that may run at a time (--concurrent-…-syncs). */
  readonly workers: number;
  /** A key that failed this often in a row is dropped until it is added anew; left out: never. */
  readonly maxRetries?: number;
  readonly rateLimiter?: () => RateLimiter;
}

/**
 * A level-triggered controller: a work queue of keys and a fixed number of workers. A worker is busy from the start of a sync
 * until its `done` is called, so requests inside a sync hold it as they do in the real controllers.
 *
 * Register informer handlers in the constructor; they stay over stop and start. Workers begin once the process's caches are
 * filled. While the process is down nothing is queued, and answers of an earlier life are ignored.
 */
export abstract class Controller implements Component {
  abstract readonly name: string;
  protected readonly context: ControllerContext;
  readonly #settings: ControllerSettings;
  readonly #wakeUp: TimerBank;
  #queue: WorkQueue | undefined;
  #isRunning = false;
  #isWorking = false;
  #busy = 0;

  constructor(context: ControllerContext, settings: ControllerSettings) {
    this.context = context;
    this.#settings = settings;
    const slots = new SlotTable();
    slots.claim('workers');
    this.#wakeUp = context.simulation.timers('controller workers', slots, () => this.#work());
  }

  start(): void {
    if (this.#queue !== undefined) {
      return;
    }
    const { rateLimiter = defaultControllerRateLimiter } = this.#settings;
    const queue = new WorkQueue(this.context.simulation, rateLimiter(), () => this.#wake());
    this.#queue = queue;
    this.#busy = 0;
    this.context.informers.whenSynced(() => {
      if (this.#queue === queue) {
        this.#isRunning = true;
        this.#wake();
      }
    });
  }

  stop(): void {
    this.#queue?.shutDown();
    this.#queue = undefined;
    this.#isRunning = false;
    this.#wakeUp.disarm(0);
  }

  /** Given a key, never an event. Compares wanted with found, writes the difference, then calls `done` once. */
  protected abstract sync(key: ObjectKey, done: (result: SyncResult) => void): void;

  protected enqueue(key: ObjectKey): void {
    this.#queue?.add(key);
  }

  protected enqueueAfter(key: ObjectKey, delay: Micros): void {
    this.#queue?.addAfter(key, delay);
  }

  /** Queues the key as if its sync had failed. */
  protected enqueueRateLimited(key: ObjectKey): void {
    this.#queue?.addRateLimited(key);
  }

  /** Failures of the key in a row. */
  protected requeues(key: ObjectKey): number {
    return this.#queue?.requeues(key) ?? 0;
  }

  // Workers are goroutines that wake up a moment later: whatever else arrives at this instant is seen by their first sync.
  #wake(): void {
    if (this.#isRunning && !this.#isWorking && this.#wakeUp.firesAt(0) === Number.POSITIVE_INFINITY) {
      this.#wakeUp.arm(0, 0);
    }
  }

  #work(): void {
    const queue = this.#queue;
    this.#isWorking = true;
    while (queue !== undefined && queue === this.#queue && this.#busy < this.#settings.workers) {
      const key = queue.take();
      if (key === undefined) {
        break;
      }
      this.#process(queue, key);
    }
    this.#isWorking = false;
  }

  #process(queue: WorkQueue, key: ObjectKey): void {
    this.#busy++;
    this.sync(key, (result) => {
      if (queue !== this.#queue) {
        return;
      }
      this.#busy--;
      this.#settle(queue, key, result);
      queue.done(key);
      if (queue.length > 0) {
        this.#wake();
      }
    });
  }

  #settle(queue: WorkQueue, key: ObjectKey, result: SyncResult): void {
    const { maxRetries = Number.POSITIVE_INFINITY } = this.#settings;
    if (result === 'retry' && queue.requeues(key) < maxRetries) {
      queue.addRateLimited(key);
      return;
    }
    queue.forget(key);
    if (typeof result === 'object') {
      queue.addAfter(key, result.requeueAfter);
    }
  }
}
