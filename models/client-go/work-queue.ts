import type { EventHandle, Micros, ObjectKey, Simulation } from '../../engine/index.js';
import type { RateLimiter } from './rate-limiter.js';

interface Waiting {
  readonly due: Micros;
  readonly handle: EventHandle;
}

/**
 * k8s.io/client-go util/workqueue: keys in order of arrival, each at most once; a key added while it is worked on is queued again
 * when that work is done, so no two workers ever hold the same key.
 */
export class WorkQueue {
  readonly #simulation: Simulation;
  readonly #limiter: RateLimiter;
  readonly #onReady: () => void;
  #queue: ObjectKey[] = [];
  #head = 0;
  readonly #dirty = new Set<ObjectKey>();
  readonly #processing = new Set<ObjectKey>();
  readonly #waiting = new Map<ObjectKey, Waiting>();

  /** `onReady` is called whenever a key has been queued. */
  constructor(simulation: Simulation, limiter: RateLimiter, onReady: () => void) {
    this.#simulation = simulation;
    this.#limiter = limiter;
    this.#onReady = onReady;
  }

  /** Keys that a worker could take now. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  add(key: ObjectKey): void {
    if (this.#dirty.has(key)) {
      return;
    }
    this.#dirty.add(key);
    if (!this.#processing.has(key)) {
      this.#push(key);
    }
  }

  /** Adds the key later; a key that waits already keeps the earlier of the two times. */
  addAfter(key: ObjectKey, delay: Micros): void {
    if (delay <= 0) {
      this.add(key);
      return;
    }
    const due = this.#simulation.now + delay;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      if (waiting.due <= due) {
        return;
      }
      waiting.handle.cancel();
    }
    const handle = this.#simulation.after(delay, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, { due, handle });
  }

  /** Adds the key after the back-off that its failures have earned. */
  addRateLimited(key: ObjectKey): void {
    this.addAfter(key, this.#limiter.when(key, this.#simulation.now));
  }

  /** The key's failures are forgiven. */
  forget(key: ObjectKey): void {
    this.#limiter.forget(key);
  }

  /** Failures of the key that are not forgiven. */
  requeues(key: ObjectKey): number {
    return this.#limiter.failures(key);
  }

  /** The next key to work on; undefined when none is queued. `done` must follow. */
  take(): ObjectKey | undefined {
    if (this.#head >= this.#queue.length) {
      return undefined;
    }
    const key = this.#queue[this.#head++] as ObjectKey;
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#processing.add(key);
    this.#dirty.delete(key);
    return key;
  }

  done(key: ObjectKey): void {
    this.#processing.delete(key);
    if (this.#dirty.has(key)) {
      this.#push(key);
    }
  }

  /** The process dies: nothing that waits will be queued any more. */
  shutDown(): void {
    for (const { handle } of this.#waiting.values()) {
      handle.cancel();
    }
    this.#waiting.clear();
    this.#dirty.clear();
    this.#queue = [];
    this.#head = 0;
  }

  #push(key: ObjectKey): void {
    this.#queue.push(key);
    this.#onReady();
  }
}
