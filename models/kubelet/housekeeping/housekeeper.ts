import type { Micros, Seconds } from '../../../engine/index.js';
import { isPodTerminal, type Pod } from '../../api/index.js';
import type { ContainerRuntime, RuntimePod } from '../../world/index.js';
import type { Pleg } from '../pleg/pleg.js';
import type { PodWorker } from '../pod-workers/pod-worker.js';
import type { PodWorkers } from '../pod-workers/pod-workers.js';
import type { ProbeManager } from '../probes/probe-manager.js';
import type { ProcessClock, Ticker } from '../process-clock.js';
import type { StatusManager } from '../status/status-manager.js';
import type { ReasonCache } from '../sync-pod/sync-results.js';
import { type ContainerGCPolicy, containersToRemove, type DeadContainer } from './decisions.js';

export interface HousekeeperOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly workers: PodWorkers;
  readonly statuses: StatusManager;
  readonly probes: ProbeManager;
  readonly reasons: ReasonCache;
  readonly pleg: Pleg;
  readonly period: Micros;
  readonly firstAt: Micros;
  readonly containerGCPolicy: ContainerGCPolicy;
  readonly containerGCPeriod: Micros;
  readonly nextContainerGCAt: Micros;
  /** The process has just begun: so does the container garbage collector. */
  readonly collectsAtOnce: boolean;
  readonly orphanGracePeriodSeconds: Seconds;
  /** The API has told which pods are wanted. */
  areSourcesReady(): boolean;
  podOf(uid: string): Pod | undefined;
  pods(): Iterable<Pod>;
  removeOrphanedMirrors(): void;
}

/**
 * Puts away what is no longer wanted: finished workers, statuses, orphans, dead containers. As HandlePodCleanups (k8s 1.37
 * pkg/kubelet/kubelet_pods.go) each 2 s and the container garbage collector each minute; passes with nothing to do are left out.
 */
export class Housekeeper {
  readonly #options: HousekeeperOptions;
  readonly #passes: Ticker;
  readonly #collections: Ticker;
  #hasSeenAllPods = false;
  /** Pods that may have something to collect since the last collection; all of them before the first. */
  #litter: Set<string> | undefined;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    const { clock } = options;
    this.#passes = clock.ticker(options.period, options.firstAt, () => this.#pass());
    const collect = (): void => this.#collect(this.#littered(), (uid) => this.#contentMayGo(uid));
    this.#collections = clock.ticker(options.containerGCPeriod, options.nextContainerGCAt, collect);
    if (options.collectsAtOnce && [...options.runtime.pods()].length > 0) {
      clock.after(0, collect);
      this.#collections.wakeAfter(clock.now);
    }
    this.wake();
  }

  /** When the last pass was, whether or not it had to do anything. */
  get lastPassAt(): Micros {
    return this.#passes.lastUpTo(this.#options.clock.now);
  }

  /** Something is left to do for the next pass. */
  wake(): void {
    this.#passes.wakeAfter(this.#options.clock.now);
  }

  /** A pod without a worker: before all pods were seen it may still run (CouldHaveRunningContainers). */
  couldHaveRunningContainers(uid: string): boolean {
    const worker = this.#options.workers.get(uid);
    return worker === undefined ? !this.#hasSeenAllPods : !worker.isTerminated;
  }

  /** Of dead containers the newest of each name are kept, none of a pod that goes (cleanUpContainersInPod). */
  onContainerDied(uid: string, containerId: string): void {
    const { containerGCPolicy, pleg, runtime } = this.#options;
    const containers = pleg.get(uid).pod?.containers ?? [];
    const goes = this.#contentMayGo(uid);
    const died = containers.find(({ id }) => id === containerId);
    const dead = containers.filter(
      ({ name, state }) => state === 'exited' && (goes || (died !== undefined && name === died.name)),
    );
    for (const { id } of goes ? dead : dead.slice(containerGCPolicy.maxPerPodContainerCount)) {
      runtime.removeContainer(uid, id);
    }
    this.#litters(uid);
  }

  /** For a disk that is full: dead containers of pods that have ended go, too (DeleteAllUnusedContainers). */
  deleteAllUnusedContainers(): void {
    const pods = this.#options.runtime.pods();
    this.#collect([...pods], (uid) => this.#contentMayGo(uid) || this.#runtimeMayGo(uid));
  }

  onTerminated({ uid }: PodWorker): void {
    this.#litters(uid);
  }

  onFinished(worker: PodWorker): void {
    this.wake();
    this.#litters(worker.uid);
  }

  #litters(uid: string): void {
    this.#litter?.add(uid);
    this.#collections.wakeAfter(this.#options.clock.now);
  }

  #pass(): void {
    if (!this.#options.areSourcesReady()) {
      this.wake();
      return;
    }
    this.#hasSeenAllPods = true;
    this.#cleanWorkers();
    this.#cleanStatuses();
    this.#endTerminalPods();
    this.#killOrphans();
    this.#options.removeOrphanedMirrors();
  }

  /** SyncKnownPods and, for pods wanted again under the same uid, a new start. */
  #cleanWorkers(): void {
    const { podOf, probes, reasons, workers } = this.#options;
    for (const worker of [...workers.all()]) {
      const pod = podOf(worker.uid);
      if (worker.isFinished && (pod === undefined || worker.isRestartRequested)) {
        workers.forget(worker);
        // What it left on the node may go now.
        this.#litters(worker.uid);
        reasons.forget(worker.uid);
        if (pod !== undefined && !isPodTerminal(pod)) {
          workers.updatePod({ type: 'create', pod });
        }
      } else if (pod === undefined && worker.pod !== undefined) {
        workers.terminateOrphan(worker);
      }
      if (worker.isTerminated) {
        probes.removePod(worker.uid);
      }
    }
  }

  #cleanStatuses(): void {
    const { podOf, statuses } = this.#options;
    for (const uid of [...statuses.uids()]) {
      if (podOf(uid) === undefined) {
        statuses.forget(uid);
      }
    }
  }

  /** Pods that are to be deleted and ended without a worker, such as refused ones: a worker sees them off. */
  #endTerminalPods(): void {
    const { pleg, pods, workers } = this.#options;
    for (const pod of pods()) {
      const uid = pod.metadata.uid as string;
      const isLeft = pod.metadata.deletionTimestamp !== undefined && isPodTerminal(pod);
      if (isLeft && workers.get(uid) === undefined && !isRunning(pleg.get(uid).pod)) {
        workers.updatePod({ type: 'kill', pod });
      }
    }
  }

  /** Containers of pods that nobody knows: their pods went while the kubelet was not there to see it. */
  #killOrphans(): void {
    const { orphanGracePeriodSeconds, pleg, workers } = this.#options;
    for (const uid of [...pleg.uids()]) {
      const { pod } = pleg.get(uid);
      if (pod !== undefined && isRunning(pod) && workers.get(uid) === undefined) {
        workers.killRuntimePod(pod, orphanGracePeriodSeconds);
      }
    }
  }

  /** The container garbage collector (k8s 1.37 pkg/kubelet/kuberuntime/kuberuntime_gc.go). */
  #collect(pods: readonly RuntimePod[], contentMayGo: (uid: string) => boolean): void {
    const { clock, containerGCPolicy, runtime } = this.#options;
    const dead: DeadContainer[] = [];
    for (const { uid, containers } of pods) {
      for (const { id, name, state, createdAt } of containers) {
        if (state !== 'running') {
          dead.push({ podUid: uid, id, name, createdAt });
        }
      }
    }
    for (const { podUid, id } of containersToRemove(dead, containerGCPolicy, clock.now, contentMayGo)) {
      runtime.removeContainer(podUid, id);
    }
    for (const { uid } of pods) {
      this.#collectSandboxes(uid, this.#contentMayGo(uid));
    }
  }

  /** Of the others nothing has changed since they were looked at; where the node has a limit, all compete. */
  #littered(): readonly RuntimePod[] {
    const { containerGCPolicy, runtime } = this.#options;
    const litter = this.#litter;
    const isKnown =
      containerGCPolicy.maxContainerCount < 0 && containerGCPolicy.minimumGCAge === 0 && this.#hasSeenAllPods;
    this.#litter = isKnown ? new Set() : undefined;
    return litter === undefined ? [...runtime.pods()] : [...litter].flatMap((uid) => runtime.pod(uid) ?? []);
  }

  #collectSandboxes(uid: string, goes: boolean): void {
    const { runtime } = this.#options;
    const { sandboxes = [], containers = [] } = runtime.pod(uid) ?? {};
    const used = new Set(containers.map(({ sandboxId }) => sandboxId));
    for (const { id, isReady } of goes ? sandboxes : sandboxes.slice(1)) {
      if (!isReady && !used.has(id)) {
        runtime.removePodSandbox(uid, id);
      }
    }
  }

  /** Nothing of the pod will run again (ShouldPodRuntimeBeRemoved). */
  #runtimeMayGo(uid: string): boolean {
    return this.#options.workers.get(uid)?.isTerminated ?? this.#hasSeenAllPods;
  }

  /** Nobody will ask for what the pod left on the node (ShouldPodContentBeRemoved). */
  #contentMayGo(uid: string): boolean {
    const worker = this.#options.workers.get(uid);
    return worker === undefined ? this.#hasSeenAllPods : worker.isEvicted || (worker.isDeleted && worker.isTerminated);
  }
}

const isRunning = (pod: RuntimePod | undefined): boolean =>
  pod !== undefined &&
  (pod.sandboxes.some(({ isReady }) => isReady) || pod.containers.some(({ state }) => state === 'running'));
