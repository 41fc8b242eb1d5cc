import type { Micros } from '../../../engine/index.js';

/** Why a container is not running, as its waiting state says it (k8s 1.37 pkg/kubelet/container/sync_result.go, images/types.go). */
export interface StartFailure {
  /** 'ErrImagePull', 'ImagePullBackOff', 'CrashLoopBackOff', 'RunContainerError' … */
  readonly reason: string;
  readonly message: string;
  /** For CrashLoopBackOff: when it ends. */
  readonly backOffUntil?: Micros;
  /** Another try before this instant would fail in the same way. */
  readonly sameUntil?: Micros;
}

/** What one sync did at the runtime. */
export interface RuntimeSyncResult {
  /** How many actions were tried: stopping, making a sandbox, starting a container. */
  actions: number;
  /** Messages of those that failed. */
  readonly failures: string[];
  /** By container name: how its start ended. */
  readonly starts: Map<string, StartFailure | undefined>;
}

/**
 * Why containers did not start, kept from one sync to the status of the next: reasons reach the API one sync late. As
 * ReasonCache (k8s 1.37 pkg/kubelet/reason_cache.go), which holds 1000 entries a node; here it holds all.
 */
export class ReasonCache {
  readonly #failures = new Map<string, Map<string, StartFailure>>();

  get(uid: string, container: string): StartFailure | undefined {
    return this.#failures.get(uid)?.get(container);
  }

  /** Answers whether the next status will show something else because of this. */
  update(uid: string, starts: RuntimeSyncResult['starts']): boolean {
    let hasChanged = false;
    for (const [container, failure] of starts) {
      const known = this.#failures.get(uid);
      const before = known?.get(container);
      hasChanged ||= before?.reason !== failure?.reason || before?.message !== failure?.message;
      if (failure !== undefined) {
        this.#failures.set(uid, (known ?? new Map()).set(container, failure));
      } else if (known?.delete(container) && known.size === 0) {
        this.#failures.delete(uid);
      }
    }
    return hasChanged;
  }

  forget(uid: string): void {
    this.#failures.delete(uid);
  }
}
