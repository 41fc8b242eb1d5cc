import { formatDuration, type Micros } from '../../../engine/index.js';
import type { ContainerRuntime } from '../../world/index.js';
import type { Pleg } from '../pleg/pleg.js';
import type { ProcessClock, Ticker } from '../process-clock.js';

export interface RuntimeHealthSettings {
  /** How often the runtime is asked for its status. */
  readonly pollPeriod: Micros;
  /** Without a good answer for so long the runtime counts as down. */
  readonly downAfter: Micros;
  /** Without a relist for more than this the PLEG counts as unhealthy. */
  readonly relistThreshold: Micros;
}

export interface RuntimeHealthOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly pleg: Pleg;
  readonly settings: RuntimeHealthSettings;
  /** It answered for the first time (initializeRuntimeDependentModules). */
  onFirstAnswer(): void;
  /** What follows from this may have changed. */
  onChange(): void;
}

/**
 * What the kubelet believes of its runtime: asked each 5 s, down after 30 s without an answer. As runtimeState and
 * updateRuntimeUp (k8s 1.37 pkg/kubelet/runtime.go, kubelet.go). Polls that would find what the last one found are left out.
 */
export class RuntimeHealth {
  readonly #options: RuntimeHealthOptions;
  readonly #polls: Ticker;
  /** As the last poll found it; undefined before the first. */
  #isNetworkReady: boolean | undefined;

  constructor(options: RuntimeHealthOptions) {
    this.#options = options;
    const { clock, settings } = options;
    this.#polls = clock.ticker(settings.pollPeriod, clock.now + settings.pollPeriod, () => this.poll());
    clock.after(0, () => this.poll());
  }

  /** As updateRuntimeUp. */
  poll(): void {
    const { onChange, onFirstAnswer, runtime } = this.#options;
    if (!runtime.isResponding) {
      this.#polls.wakeAfter(this.#options.clock.now);
    } else {
      const isFirst = this.#isNetworkReady === undefined;
      this.#isNetworkReady = runtime.isNetworkReady;
      if (isFirst) {
        onFirstAnswer();
      }
      onChange();
    }
  }

  /** The runtime began or ceased to answer, or to have a network. */
  runtimeChanged(): void {
    const { clock, pleg, runtime, settings } = this.#options;
    this.#polls.wakeAfter(clock.now);
    if (!runtime.isResponding) {
      this.#lookAt(this.#lastGoodPoll + settings.downAfter);
      this.#lookAt(pleg.listedAt + settings.relistThreshold + 1);
    }
  }

  /** Why the sync loop stands still (runtimeErrors). */
  get runtimeErrors(): readonly string[] {
    const { clock, pleg, settings } = this.#options;
    const errors: string[] = [];
    if (this.#isNetworkReady === undefined) {
      errors.push('container runtime status check may not have completed yet');
    } else if (clock.now - this.#lastGoodPoll >= settings.downAfter) {
      errors.push('container runtime is down');
    }
    const age = clock.now - pleg.listedAt;
    if (age === Number.POSITIVE_INFINITY) {
      errors.push('PLEG is not healthy: pleg has yet to be successful');
    } else if (age > settings.relistThreshold) {
      const threshold = formatDuration(settings.relistThreshold);
      errors.push(
        `PLEG is not healthy: pleg was last seen active ${formatDuration(age)} ago; threshold is ${threshold}`,
      );
    }
    return errors;
  }

  /** Why pods with a network of their own cannot start (networkErrors). */
  get networkErrors(): readonly string[] {
    if (this.#isNetworkReady) {
      return [];
    }
    return this.#isNetworkReady === undefined
      ? ['network state unknown']
      : [
          'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
        ];
  }

  get #lastGoodPoll(): Micros {
    const { clock, runtime } = this.#options;
    return Math.max(clock.startedAt, this.#polls.lastUpTo(runtime.hangsSince ?? clock.now));
  }

  #lookAt(at: Micros): void {
    const { clock, onChange } = this.#options;
    clock.after(at - clock.now, onChange);
  }
}
