import { type EventHandle, formatDuration, type Micros, seconds } from '../../../engine/index.js';
import type { PodInfo } from './pod-info.js';
import { type Status, unschedulable } from './status.js';

/** No plugin holds a pod longer. As maxTimeout (pkg/scheduler/framework/runtime/framework.go). */
const MAX_WAIT: Micros = seconds(15 * 60);

/** A pod that Permit plugins hold on the node chosen for it. As waitingPod (pkg/scheduler/framework/runtime/waiting_pods_map.go). */
export class WaitingPod {
  readonly pod: PodInfo;
  readonly #holders = new Map<string, EventHandle>();
  /** 'permitted' until somebody asks. */
  #outcome: Status | 'permitted' | undefined;
  #onDecided: ((status: Status | undefined) => void) | undefined;

  /** @param timeouts how long each plugin would wait at most */
  constructor(pod: PodInfo, timeouts: ReadonlyMap<string, Micros>, after: After) {
    this.pod = pod;
    for (const [plugin, timeout] of timeouts) {
      const limit = Math.min(timeout, MAX_WAIT);
      const text = `rejected due to timeout after waiting ${formatDuration(limit)} at plugin ${plugin}`;
      this.#holders.set(
        plugin,
        after(limit, () => this.reject(plugin, text)),
      );
    }
  }

  /** Plugins that have not let the pod go. */
  get pendingPlugins(): readonly string[] {
    return [...this.#holders.keys()];
  }

  /** The plugin lets the pod go; it is bound when all have. */
  allow(plugin: string): void {
    this.#holders.get(plugin)?.cancel();
    this.#holders.delete(plugin);
    if (this.#holders.size === 0) {
      this.#decide('permitted');
    }
  }

  /** The pod goes back to the queue. */
  reject(plugin: string, message: string): void {
    this.#decide(unschedulable(plugin, message));
  }

  /** As WaitOnPermit: told at once when it is decided already. */
  whenDecided(done: (status: Status | undefined) => void): void {
    this.#onDecided = done;
    this.#tell();
  }

  #decide(outcome: Status | 'permitted'): void {
    if (this.#outcome !== undefined) {
      return;
    }
    this.#outcome = outcome;
    for (const timer of this.#holders.values()) {
      timer.cancel();
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#outcome !== undefined) {
      this.#onDecided?.(this.#outcome === 'permitted' ? undefined : this.#outcome);
    }
  }
}

type After = (delay: Micros, action: () => void) => EventHandle;

/** Pods that wait at Permit, by uid. */
export class WaitingPods {
  readonly #pods = new Map<string, WaitingPod>();
  readonly #after: After;

  constructor(after: After) {
    this.#after = after;
  }

  get(uid: string): WaitingPod | undefined {
    return this.#pods.get(uid);
  }

  /** In the order in which they began to wait. */
  list(): readonly WaitingPod[] {
    return [...this.#pods.values()];
  }

  hold(pod: PodInfo, timeouts: ReadonlyMap<string, Micros>): void {
    this.#pods.set(pod.uid, new WaitingPod(pod, timeouts, this.#after));
  }

  /** Takes the pod's place away when it is decided; who does not wait is told at once. */
  whenDecided(uid: string, done: (status: Status | undefined) => void): void {
    const waiting = this.#pods.get(uid);
    if (waiting === undefined) {
      done(undefined);
      return;
    }
    waiting.whenDecided((status) => {
      this.#pods.delete(uid);
      // Who decided goes on first, as the goroutine that waits does not run before.
      this.#after(0, () => done(status));
    });
  }
}
