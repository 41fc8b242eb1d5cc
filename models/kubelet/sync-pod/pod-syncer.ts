import type { Micros, Seconds } from '../../../engine/index.js';
import { conditionOf, isStaticPod, type Pod, type PodStatus } from '../../api/index.js';
import { type ContainerRuntime, NO_SPACE, type RuntimePod } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import { isTerminalPhase } from '../pod-status/index.js';
import type { SyncError } from '../pod-workers/decisions.js';
import type { PodUpdate, PodWorker } from '../pod-workers/pod-worker.js';
import type { Done, PodSyncer, SyncOutcome } from '../pod-workers/pod-workers.js';
import type { ProbeManager } from '../probes/probe-manager.js';
import type { ProcessClock } from '../process-clock.js';
import type { MirrorPods } from '../static-pods/mirror-pods.js';
import type { PodStatusGenerator } from '../status/pod-status-generator.js';
import type { StatusManager } from '../status/status-manager.js';
import type { ContainerKiller } from '../termination/container-killer.js';
import type { VolumeManager } from '../volumes/volume-manager.js';
import { type IdleSync, isUnchanged, mayIdle } from './idle-sync.js';
import type { RuntimeSync } from './runtime-sync.js';
import type { ReasonCache, RuntimeSyncResult } from './sync-results.js';

export interface SyncRules {
  /** [37] The status with exit codes is set before the worker goes on from terminating to terminated. */
  readonly tellsEndOfTermination: boolean;
  /** Gate: after a sync that did something the pod is listed at once. */
  readonly PLEGOnDemandRelist: boolean;
  /** Gate. */
  readonly RestartAllContainersOnContainerExits: boolean;
}

export interface PodSyncerOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly generator: PodStatusGenerator;
  readonly statuses: StatusManager;
  readonly probes: ProbeManager;
  readonly reasons: ReasonCache;
  readonly volumes: VolumeManager;
  readonly mirrors: MirrorPods;
  readonly killer: ContainerKiller;
  readonly runtimeSync: RuntimeSync;
  readonly rules: SyncRules;
  /** Why pods with a network of their own cannot start now. */
  networkErrors(): readonly string[];
  /** Containers were removed for a restart of all: the pod is looked at again at once. */
  requeue(pod: Pod): void;
}

/** What a pod worker does: SyncPod, SyncTerminatingPod, SyncTerminatedPod (k8s 1.37 pkg/kubelet/kubelet.go). */
export class KubeletPodSyncer implements PodSyncer {
  readonly #options: PodSyncerOptions;

  constructor(options: PodSyncerOptions) {
    this.#options = options;
  }

  /** Brings the pod nearer to what it is to be. One call is one blocking action: while it waits, nothing else is done for it. */
  syncPod(worker: PodWorker, { pod }: PodUpdate, cached: CachedPod, done: Done): void {
    const { events, generator, networkErrors, statuses } = this.#options;
    const idle = this.#idleAgain(worker, pod, cached);
    const status = idle?.status ?? generator.generate(pod, cached, false);
    if (idle === undefined) {
      statuses.set(pod, status);
    }
    if (isTerminalPhase(status.phase)) {
      done({ isTerminal: true });
      return;
    }
    const broken = networkErrors();
    if (broken.length > 0 && !pod.spec.hostNetwork) {
      const message = `network is not ready: ${broken.join(', ')}`;
      events.record(pod, undefined, 'Warning', REASONS.networkNotReady, message);
      done({ error: { kind: 'network', message } });
      return;
    }
    if (isStaticPod(pod)) {
      this.#options.mirrors.reconcile(pod);
    }
    const failure = this.#failedDirectories(pod, cached);
    if (failure !== undefined) {
      const message = `error making pod data directories: ${failure}`;
      events.record(pod, undefined, 'Warning', REASONS.failed, message);
      done({ error: { kind: 'error', message } });
      return;
    }
    this.#withVolumes(worker, pod, done, () => {
      this.#options.probes.addPod(pod);
      if (idle !== undefined && this.#isSteady(idle.outcome)) {
        done(idle.outcome);
      } else {
        this.#syncRuntime(worker, pod, status, cached, done);
      }
    });
  }

  /** The last sync, if this one would do as little. */
  #idleAgain(worker: PodWorker, pod: Pod, cached: CachedPod): IdleSync | undefined {
    const { clock, runtime, statuses } = this.#options;
    const { idle } = worker;
    return idle !== undefined &&
      clock.elidesQuietTicks &&
      runtime.isResponding &&
      this.#isSteady(idle.outcome) &&
      isUnchanged(idle, pod, cached, statuses.get(worker.uid))
      ? idle
      : undefined;
  }

  #isSteady({ steadyUntil }: SyncOutcome): boolean {
    return steadyUntil !== undefined && this.#options.clock.now < steadyUntil;
  }

  /** Why makePodDataDirs fails; a pod that has a sandbox has its directories. */
  #failedDirectories({ metadata }: Pod, { pod }: CachedPod): string | undefined {
    const { clock, runtime } = this.#options;
    const isNew = pod === undefined || pod.sandboxes.length === 0;
    return isNew && runtime.disks.nodefs.isFullAt(clock.now)
      ? `mkdir /var/lib/kubelet/pods/${metadata.uid}: ${NO_SPACE}`
      : undefined;
  }

  #withVolumes(worker: PodWorker, pod: Pod, done: Done, then: () => void): void {
    const giveUp = (): void => done({ error: { kind: 'canceled', message: 'context canceled' } });
    const cancel = this.#options.volumes.waitForAttachAndMount(pod, (error) => {
      worker.cancel = undefined;
      if (error === undefined) {
        then();
      } else {
        done({ error: { kind: 'error', message: error } });
      }
    });
    if (cancel === undefined) {
      return;
    }
    worker.cancel = () => {
      worker.cancel = undefined;
      cancel();
      giveUp();
    };
    if (worker.isCanceled) {
      worker.cancel();
    }
  }

  #syncRuntime(worker: PodWorker, pod: Pod, status: PodStatus, cached: CachedPod, done: Done): void {
    const { reasons, rules, runtimeSync, statuses } = this.#options;
    const uid = pod.metadata.uid as string;
    const isRestartingAll =
      rules.RestartAllContainersOnContainerExits &&
      conditionOf(status.conditions, 'AllContainersRestarting')?.status === 'True';
    runtimeSync.sync(pod, cached, isRestartingAll, (result) => {
      const hasNewReasons = reasons.update(uid, result.starts);
      if (isRestartingAll && result.failures.length === 0 && result.actions > 0) {
        this.#options.requeue(pod);
      }
      const outcome: SyncOutcome = {
        error: errorOf(result),
        hasActed: rules.PLEGOnDemandRelist && result.actions > 0,
        steadyUntil: this.#steadyUntil(pod, status, result, hasNewReasons),
      };
      const left = statuses.get(uid);
      worker.idle =
        left !== undefined && this.#isSteady(outcome) && mayIdle(pod, cached)
          ? { pod, cached, status: left, outcome }
          : undefined;
      done(outcome);
    });
  }

  /** Until when syncs do nothing: nothing is to be done, or all that is waits for the end of a back-off and nobody hears of it. */
  #steadyUntil(pod: Pod, status: PodStatus, result: RuntimeSyncResult, hasNewReasons: boolean): Micros | undefined {
    const { events, mirrors, probes, runtime } = this.#options;
    if (!runtime.isResponding || probes.hasUnready(status, pod.metadata.uid as string) || mirrors.isMissing(pod)) {
      return undefined;
    }
    if (result.actions === 0) {
      return result.failures.length === 0 ? Number.POSITIVE_INFINITY : undefined;
    }
    if (events.areRead || hasNewReasons || result.starts.size < result.actions) {
      return undefined;
    }
    return Math.min(...[...result.starts.values()].map((failure) => failure?.sameUntil ?? Number.NEGATIVE_INFINITY));
  }

  /** Stops every container, within the pod's grace period. */
  syncTerminatingPod(
    worker: PodWorker,
    pod: Pod,
    cached: CachedPod,
    gracePeriod: Seconds | undefined,
    done: Done,
  ): void {
    const { generator, killer, probes, rules, statuses } = this.#options;
    const status = generator.generate(pod, cached, false);
    statuses.set(pod, worker.changeStatus?.(status) ?? status);
    probes.stopLivenessAndStartup(pod);
    killer.killPod(pod, cached, gracePeriod, () => {
      probes.removePod(worker.uid);
      const stopped: CachedPod = { pod: this.#options.runtime.pod(worker.uid), ips: cached.ips };
      if (rules.tellsEndOfTermination) {
        statuses.set(pod, generator.generate(pod, stopped, true));
      }
      done({});
    });
  }

  /** Stops the containers of a pod that nobody wants. */
  syncTerminatingRuntimePod(runtimePod: RuntimePod, gracePeriod: Seconds, done: Done): void {
    this.#options.killer.killRuntimePod({ pod: runtimePod, ips: [] }, gracePeriod, () => done({}));
  }

  /** Gives back what the pod had on the node; afterwards the status manager may delete it. */
  syncTerminatedPod(worker: PodWorker, pod: Pod, cached: CachedPod, done: Done): void {
    const { clock, generator, runtime, statuses, volumes } = this.#options;
    statuses.set(pod, generator.generate(pod, cached, true));
    volumes.waitForUnmount(pod, worker.terminatedAt ?? clock.now, () => {
      runtime.removePodVolumes(worker.uid);
      statuses.terminatePod(pod);
      done({});
    });
  }
}

function errorOf({ failures, starts }: RuntimeSyncResult): SyncError | undefined {
  if (failures.length === 0) {
    return undefined;
  }
  const ends = [...starts.values()].flatMap((failure) => failure?.backOffUntil ?? []);
  const backOffUntil = ends.length === 0 ? undefined : Math.min(...ends);
  return { kind: 'error', message: failures.join(', '), backOffUntil };
}
