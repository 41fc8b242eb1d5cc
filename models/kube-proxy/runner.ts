import type { EventHandle, Micros, Simulation } from '../../engine/index.js';
import { TokenBucket } from '../client-go/index.js';

/** Decides when the rules are written. Requests that come while one waits or runs are one. */
export interface SyncRunner {
  request(): void;
  /** The process dies. */
  stop(): void;
}

export interface RunnerOptions {
  readonly simulation: Simulation;
  /** Least time from the end of a run to the start of the next. */
  readonly minInterval: Micros;
  /** Begins a run; answers how long it takes. */
  readonly begin: () => Micros;
  readonly end: () => void;
}

/** k8s 1.37 pkg/proxy/runner BoundedFrequencyRunner: after each run it rests for the least interval, whatever is asked. */
export class RestingRunner implements SyncRunner {
  readonly #options: RunnerOptions;
  #state: 'idle' | 'running' | 'resting' = 'idle';
  #isRequested = false;
  #timer: EventHandle | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  request(): void {
    if (this.#state === 'idle') {
      this.#run();
    } else {
      this.#isRequested = true;
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#state = 'idle';
    this.#isRequested = false;
  }

  #run(): void {
    const { simulation, minInterval, begin, end } = this.#options;
    this.#isRequested = false;
    this.#state = 'running';
    this.#timer = simulation.after(begin(), () => {
      this.#state = 'resting';
      end();
      this.#timer = simulation.after(minInterval, () => {
        this.#state = 'idle';
        if (this.#isRequested) {
          this.#run();
        }
      });
    });
  }
}

/**
 * [23] pkg/util/async BoundedFrequencyRunner: a token bucket of two, so a second run may follow the first at once; without a token
 * the next try is due the least interval after the end of the last run.
 */
export class BurstRunner implements SyncRunner {
  readonly #options: RunnerOptions;
  readonly #tokens: TokenBucket;
  #lastRun = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  #isRequested = false;
  #timer: EventHandle | undefined;

  constructor(options: RunnerOptions, burst: number) {
    this.#options = options;
    const { minInterval } = options;
    this.#tokens = new TokenBucket(minInterval > 0 ? 1_000_000 / minInterval : 0, burst);
  }

  request(): void {
    if (this.#isRunning) {
      this.#isRequested = true;
    } else {
      this.#tryRun();
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#isRunning = false;
    this.#isRequested = false;
  }

  #tryRun(): void {
    const { simulation, minInterval, begin, end } = this.#options;
    this.#timer?.cancel();
    if (!this.#tokens.tryTake(simulation.now)) {
      const wait = Math.max(1, this.#lastRun + minInterval - simulation.now);
      this.#timer = simulation.after(wait, () => this.#tryRun());
      return;
    }
    this.#isRunning = true;
    this.#timer = simulation.after(begin(), () => {
      this.#isRunning = false;
      this.#lastRun = simulation.now;
      end();
      if (this.#isRequested) {
        this.#isRequested = false;
        this.#tryRun();
      }
    });
  }
}
