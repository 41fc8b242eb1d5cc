import type { Micros } from '../../../engine/index.js';
import { type Container, isRestartableInitContainer, keyOf, type Pod } from '../../api/index.js';
import type { ContainerRuntime, RuntimeContainer, RuntimeSandbox } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import {
  computePodActions,
  type PodActions,
  type PodActionsGates,
  type PodRuntimeStatus,
  type ProbeResults,
} from '../pod-actions/index.js';
import type { ProcessClock } from '../process-clock.js';
import {
  backoffKey,
  backoffMessage,
  type RestartBackoff,
  type RestartBackoffSettings,
} from '../restart-backoff/index.js';
import type { ContainerKiller } from '../termination/container-killer.js';
import type { ContainerStarter } from './container-starter.js';
import type { RuntimeSyncResult, StartFailure } from './sync-results.js';

export interface RuntimeSyncOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly killer: ContainerKiller;
  readonly starter: ContainerStarter;
  probesOf(uid: string): ProbeResults;
  readonly restartBackoff: RestartBackoff;
  readonly backoffSettings: RestartBackoffSettings;
  readonly gates: PodActionsGates;
  /** Pods get a name server of the cluster. */
  readonly hasClusterDNS: boolean;
  /** When housekeeping last ran: it forgets expired back-offs. */
  lastHousekeepingAt(): Micros;
  /** The pod is on its way out: a failure to make a sandbox is no news. */
  isTerminationRequested(uid: string): boolean;
  /** The sandbox is up while containers are still to come. */
  onSandboxReady(pod: Pod): void;
}

export const NOTHING_RUNS: PodRuntimeStatus = { sandboxes: [], containers: [] };

const MISSING_CLUSTER_DNS =
  'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.';

/** One sync as it goes on. */
interface Sync {
  readonly pod: Pod;
  readonly cached: CachedPod;
  readonly actions: PodActions;
  readonly result: RuntimeSyncResult;
  readonly then: (result: RuntimeSyncResult) => void;
}

/**
 * Brings what the runtime does for a pod nearer to what the pod wants: one step after the other, each to its end. As
 * kuberuntime SyncPod (k8s 1.37 pkg/kubelet/kuberuntime/kuberuntime_manager.go). It works on what the cache showed when it
 * began, also where it has changed that itself since.
 */
export class RuntimeSync {
  readonly #options: RuntimeSyncOptions;

  constructor(options: RuntimeSyncOptions) {
    this.#options = options;
  }

  sync(pod: Pod, cached: CachedPod, restartAllContainers: boolean, then: Sync['then']): void {
    const { events, gates } = this.#options;
    const probes = this.#options.probesOf(pod.metadata.uid as string);
    const actions = computePodActions(pod, cached.pod ?? NOTHING_RUNS, probes, restartAllContainers, gates);
    const sync: Sync = { pod, cached, actions, result: { actions: 0, failures: [], starts: new Map() }, then };
    if (actions.createSandbox && actions.sandboxId !== undefined) {
      const message = 'Pod sandbox changed, it will be killed and re-created.';
      events.record(pod, undefined, 'Normal', REASONS.sandboxChanged, message);
    }
    if (actions.killPod) {
      this.#killPod(sync);
    } else {
      this.#killContainers(sync, 0);
    }
  }

  #killPod(sync: Sync): void {
    const { pod, cached, actions, result } = sync;
    result.actions++;
    this.#options.killer.killPod(pod, cached, undefined, () => {
      if (actions.createSandbox) {
        // A new sandbox begins again from the first init container (purgeInitContainers).
        this.#removeInitContainers(sync, () => true);
      }
      this.#prepareSandbox(sync);
    });
  }

  #killContainers(sync: Sync, i: number): void {
    const { pod, actions, result } = sync;
    const victim = actions.containersToKill[i];
    if (victim === undefined) {
      this.#resetContainers(sync, 0);
      return;
    }
    result.actions++;
    const cause = victim.reason === 'Unknown' ? undefined : victim.reason;
    this.#options.killer.killContainer(pod, victim, { message: victim.message, cause }, () =>
      this.#killContainers(sync, i + 1),
    );
  }

  /** For RestartAllContainers: each is killed without grace if it runs, and removed. */
  #resetContainers(sync: Sync, i: number): void {
    const { pod, actions, result } = sync;
    const target = actions.containersToReset[i];
    if (target === undefined) {
      this.#prepareSandbox(sync);
      return;
    }
    result.actions++;
    const remove = (): void => {
      this.#options.runtime.removeContainer(pod.metadata.uid as string, target.id);
      this.#resetContainers(sync, i + 1);
    };
    if (target.kill) {
      const kill = { message: 'killing', gracePeriodOverride: 0 };
      this.#options.killer.killContainer(pod, target, kill, remove);
    } else {
      remove();
    }
  }

  #prepareSandbox(sync: Sync): void {
    const seen = new Set<string>();
    // Of every init container only the newest dead instance is kept (pruneInitContainersBeforeStart).
    this.#removeInitContainers(sync, ({ name, state }) => state === 'exited' && (seen.has(name) || !seen.add(name)));
    const { actions } = sync;
    if (actions.createSandbox) {
      this.#createSandbox(sync);
    } else {
      this.#startContainers(sync, actions.sandboxId);
    }
  }

  #createSandbox(sync: Sync): void {
    const { pod, actions, result } = sync;
    const { clock, events, runtime } = this.#options;
    const uid = pod.metadata.uid as string;
    result.actions++;
    const config = {
      podUid: uid,
      podKey: keyOf(pod),
      labels: pod.metadata.labels ?? {},
      annotations: pod.metadata.annotations ?? {},
      attempt: actions.attempt,
      isHostNetwork: pod.spec.hostNetwork ?? false,
    };
    const onCreated: Parameters<ContainerRuntime['runPodSandbox']>[1] = (reply) => {
      if (reply.ok) {
        this.#onSandbox(sync, reply.value);
        return;
      }
      if (!this.#options.isTerminationRequested(uid)) {
        result.failures.push(`failed to "CreatePodSandbox": ${reply.message}`);
        const message = `Failed to create pod sandbox: ${reply.message}`;
        events.record(pod, undefined, 'Warning', REASONS.failedCreatePodSandBox, message);
      }
      sync.then(result);
    };
    runtime.runPodSandbox(config, clock.whileAlive(onCreated));
  }

  #onSandbox(sync: Sync, sandbox: RuntimeSandbox): void {
    this.#options.onSandboxReady(sync.pod);
    this.#startContainers(sync, sandbox.id);
  }

  #startContainers(sync: Sync, sandboxId: string | undefined): void {
    const { pod, actions } = sync;
    const { ephemeralContainers = [], initContainers = [], containers } = pod.spec;
    const pick = <C extends Container>(list: readonly C[], indexes: readonly number[]): Container[] =>
      indexes.map((i) => list[i] as C);
    const init = pick(initContainers, actions.initContainersToStart);
    const others = [
      ...pick(ephemeralContainers as readonly Container[], actions.ephemeralContainersToStart),
      ...init,
      ...pick(containers, actions.containersToStart),
    ];
    if (others.length > 0) {
      this.#missClusterDNS(pod);
    }
    // A regular init container that cannot be started ends the sync; whatever else fails, the next one has its turn.
    const isDecisive = (container: Container): boolean =>
      init.includes(container) && !isRestartableInitContainer(container);
    this.#startNext(sync, sandboxId ?? '', others, isDecisive);
  }

  /** As GetPodDNS (k8s 1.37 pkg/kubelet/network/dns/dns.go), asked for each sandbox configuration. */
  #missClusterDNS(pod: Pod): void {
    const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = pod.spec;
    const wantsIt = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
    if (wantsIt && !this.#options.hasClusterDNS) {
      const { name, namespace, uid } = pod.metadata;
      const message = `pod: "${name}_${namespace}(${uid})". ${MISSING_CLUSTER_DNS}`;
      this.#options.events.record(pod, undefined, 'Warning', 'MissingClusterDNS', message);
    }
  }

  #startNext(
    sync: Sync,
    sandboxId: string,
    [container, ...rest]: readonly Container[],
    isDecisive: (container: Container) => boolean,
  ): void {
    const { pod, cached, result } = sync;
    if (container === undefined) {
      sync.then(result);
      return;
    }
    result.actions++;
    const next = (failure: StartFailure | undefined): void => {
      result.starts.set(container.name, failure);
      if (failure !== undefined) {
        const what = `failed to "StartContainer" for "${container.name}" with ${failure.reason}`;
        result.failures.push(`${what}: "${failure.message}"`);
      }
      if (failure !== undefined && isDecisive(container)) {
        sync.then(result);
      } else {
        this.#startNext(sync, sandboxId, rest, isDecisive);
      }
    };
    const refusal = this.#crashLoopBackOff(pod, container, cached);
    if (refusal === undefined) {
      this.#options.starter.start(pod, container, sandboxId, cached.pod, next);
    } else {
      next(refusal);
    }
  }

  /** As doBackOff: asked only for a container that has exited before. */
  #crashLoopBackOff(pod: Pod, container: Container, { pod: known }: CachedPod): StartFailure | undefined {
    const { backoffSettings, clock, events, restartBackoff } = this.#options;
    const exited = known?.containers.find(({ name, state }) => name === container.name && state === 'exited');
    if (exited?.finishedAt === undefined) {
      return undefined;
    }
    restartBackoff.collectGarbage(this.#options.lastHousekeepingAt());
    const key = backoffKey(pod, container, backoffSettings);
    const refusal = restartBackoff.tryRestart(key, exited.finishedAt, clock.now);
    if (refusal === undefined) {
      return undefined;
    }
    const { name, namespace, uid } = pod.metadata;
    const message = `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`;
    events.record(pod, container.name, 'Warning', REASONS.backOff, message);
    return {
      reason: 'CrashLoopBackOff',
      message: backoffMessage(pod, container.name, refusal.backoff),
      backOffUntil: refusal.until,
      sameUntil: Math.min(refusal.until, restartBackoff.expiresAfter(key)),
    };
  }

  #removeInitContainers({ pod, cached }: Sync, isSurplus: (container: RuntimeContainer) => boolean): void {
    const names = new Set(pod.spec.initContainers?.map(({ name }) => name));
    for (const container of cached.pod?.containers ?? []) {
      if (names.has(container.name) && isSurplus(container)) {
        this.#options.runtime.removeContainer(pod.metadata.uid as string, container.id);
      }
    }
  }
}
