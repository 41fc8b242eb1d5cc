import { type Micros, milliseconds, type Seconds, seconds } from '../../../engine/index.js';
import { conditionOf, isMirrorPod, isPodTerminal, keyOf, type Pod, type PodStatus } from '../../api/index.js';
import type { Admitter } from '../admission/admitter.js';
import { type PodEvents, REASONS } from '../events.js';
import { isSyncPodWorthy, type PodLifecycleEvent } from '../pleg/decisions.js';
import { isTerminalPhase, readyCondition } from '../pod-status/index.js';
import type { KillOptions, UpdateType } from '../pod-workers/pod-worker.js';
import type { PodWorkers } from '../pod-workers/pod-workers.js';
import type { ProbeKind, ProbeResult } from '../probes/index.js';
import type { ProcessClock } from '../process-clock.js';
import type { MirrorPods } from '../static-pods/mirror-pods.js';
import type { StatusManager } from '../status/status-manager.js';
import { podOperation } from './decisions.js';

// k8s 1.37 pkg/kubelet/kubelet.go syncLoop
const FIRST_SLEEP = milliseconds(100);
const LONGEST_SLEEP = seconds(5);

export interface KillTimes {
  readonly timeoutFactor: number;
  readonly minimumTimeoutSeconds: Seconds;
}

export interface SyncLoopOptions {
  readonly clock: ProcessClock;
  readonly events: PodEvents;
  readonly workers: PodWorkers;
  readonly statuses: StatusManager;
  readonly admitter: Admitter;
  readonly mirrors: MirrorPods;
  readonly killing: KillTimes;
  /** [37] A pod that was refused gets no worker, whatever becomes of it. */
  readonly skipsRefusedPods: boolean;
  /** Why nothing is dispatched now: the runtime does not answer. */
  runtimeErrors(): readonly string[];
  /** Something is left for housekeeping to do. */
  wakeHousekeeping(): void;
  onContainerDied(uid: string, containerId: string): void;
}

/**
 * What the kubelet is asked to run, and what it does about every change of that. As syncLoopIteration and its handlers (k8s 1.37
 * pkg/kubelet/kubelet.go).
 */
export class SyncLoop {
  readonly #options: SyncLoopOptions;
  /** By uid: the pods of this node, as the API last showed them or as its own files say. */
  readonly #desired = new Map<string, Pod>();
  /** By namespace and name. */
  readonly #staticPods = new Map<string, Pod>();
  readonly #admitted = new Set<string>();
  #arrived: Pod[] = [];
  /** What is to be dispatched once the loop goes on. */
  #held: (() => void)[] = [];

  constructor(options: SyncLoopOptions) {
    this.#options = options;
  }

  podOf(uid: string): Pod | undefined {
    return this.#desired.get(uid);
  }

  pods(): Iterable<Pod> {
    return this.#desired.values();
  }

  /** Pods that may use the node's resources (filterOutInactivePods): not refused, not over, or not yet all stopped. */
  activePods(except?: Pod): readonly Pod[] {
    const active: Pod[] = [];
    for (const [uid, pod] of this.#desired) {
      if (pod !== except && this.#isActive(uid, pod)) {
        active.push(pod);
      }
    }
    return active;
  }

  #isActive(uid: string, pod: Pod): boolean {
    const { statuses, workers } = this.#options;
    const worker = workers.get(uid);
    if (worker?.isTerminationRequested) {
      return !worker.isTerminated;
    }
    return !isPodTerminal(pod) && !isTerminalPhase(statuses.get(uid)?.phase);
  }

  // ------------------------------------------------------------------------------------------------------ from the API

  /** Pods that arrive at the same time are taken in the order of their creation. */
  podAdded(pod: Pod): void {
    if (isMirrorPod(pod)) {
      this.#mirrorSeen(pod);
      return;
    }
    if (this.#arrived.push(pod) === 1) {
      this.#options.clock.after(0, () => this.#takeArrived());
    }
  }

  podModified(pod: Pod): void {
    this.#takeArrived();
    if (isMirrorPod(pod)) {
      this.#mirrorSeen(pod);
      return;
    }
    const uid = pod.metadata.uid as string;
    const before = this.#desired.get(uid);
    if (before === undefined) {
      return;
    }
    this.#desired.set(uid, pod);
    switch (podOperation(before, pod)) {
      case 'update':
        this.#onUpdate(uid, pod);
        break;
      case 'reconcile':
        this.#onReconcile(uid, pod);
        break;
      case 'none':
        break;
    }
    this.#options.statuses.podSeen(uid);
  }

  podRemoved(pod: Pod): void {
    this.#takeArrived();
    if (isMirrorPod(pod)) {
      this.#options.mirrors.gone(pod);
      this.#lookAtStatic(pod);
      return;
    }
    const uid = pod.metadata.uid as string;
    // By its own last copy (config/config.go filter): a pod that was not being deleted gets the grace of its spec.
    const last = this.#desired.get(uid);
    if (last !== undefined) {
      this.#desired.delete(uid);
      this.#admitted.delete(uid);
      this.#update('kill', last);
      this.#options.wakeHousekeeping();
    }
  }

  /**
   * A file of the node came, changed or went. A changed one is another pod: its uid is made of what stands there. Removals come first
   * (k8s 1.37 pkg/kubelet/config/config.go Merge).
   */
  staticPodChanged(before: Pod | undefined, after: Pod | undefined): void {
    if (before?.metadata.uid === after?.metadata.uid) {
      return;
    }
    if (before !== undefined) {
      this.#staticPods.delete(keyOf(before));
      this.podRemoved(before);
    }
    if (after !== undefined) {
      this.#staticPods.set(keyOf(after), after);
      this.podAdded(after);
    }
  }

  /** Housekeeping: a mirror of a pod that is no more goes when the pod's containers have. */
  removeOrphanedMirrors(): void {
    const { mirrors, workers } = this.#options;
    for (const mirror of [...mirrors.all()]) {
      if (!this.#staticPods.has(keyOf(mirror)) && !workers.isStaticPodTerminating(keyOf(mirror))) {
        mirrors.removeOrphan(mirror);
      }
    }
  }

  /** [37] The Node was registered: its static pods can be shown (fastStaticPodsRegistration). */
  nodeRegistered(): void {
    for (const pod of this.#staticPods.values()) {
      this.#options.mirrors.reconcile(pod);
    }
  }

  /** What the API shows of a pod. */
  shownOf(uid: string): Pod | undefined {
    const pod = this.#desired.get(uid);
    return pod !== undefined && this.#staticPods.has(keyOf(pod)) ? this.#options.mirrors.of(pod) : pod;
  }

  #mirrorSeen(mirror: Pod): void {
    const { mirrors, statuses } = this.#options;
    const before = mirrors.of(mirror);
    mirrors.seen(mirror);
    if (before === undefined || podOperation(before, mirror) === 'update') {
      this.#lookAtStatic(mirror);
    }
    const pod = this.#staticPods.get(keyOf(mirror));
    if (pod !== undefined) {
      statuses.podSeen(pod.metadata.uid as string);
    }
  }

  /** The worker of a static pod sees to its mirror; a mirror of nothing goes. */
  #lookAtStatic(mirror: Pod): void {
    const pod = this.#staticPods.get(keyOf(mirror));
    if (pod !== undefined) {
      this.#update('update', pod);
    } else if (this.#options.mirrors.of(mirror) !== undefined) {
      this.#options.mirrors.removeOrphan(mirror);
    }
  }

  /** HandlePodAdditions. */
  #takeArrived(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    arrived.sort((a, b) => (a.metadata.creationTimestamp ?? 0) - (b.metadata.creationTimestamp ?? 0));
    for (const pod of arrived) {
      const uid = pod.metadata.uid as string;
      this.#desired.set(uid, pod);
      if (this.#options.workers.get(uid)?.isTerminationRequested || isPodTerminal(pod)) {
        this.#admitted.add(uid);
        this.#update('create', pod);
      } else {
        this.#admit(pod);
      }
    }
  }

  #admit(pod: Pod): void {
    const { admitter, wakeHousekeeping } = this.#options;
    admitter.admit(pod, this.activePods(pod), (isAdmitted) => {
      if (isAdmitted) {
        this.#admitted.add(pod.metadata.uid as string);
        this.#update('create', pod);
      } else {
        wakeHousekeeping();
      }
    });
  }

  #onUpdate(uid: string, pod: Pod): void {
    if (this.#admitted.has(uid) || !this.#options.skipsRefusedPods) {
      this.#update('update', pod);
    } else {
      this.#options.wakeHousekeeping();
    }
  }

  #onReconcile(uid: string, pod: Pod): void {
    if (this.#admitted.has(uid) && needsToReconcileReadiness(pod)) {
      this.#update('sync', pod);
    }
  }

  #update(type: UpdateType, pod: Pod): void {
    const { runtimeErrors, workers } = this.#options;
    if (this.#held.length === 0 && runtimeErrors().length === 0) {
      workers.updatePod({ type, pod });
    } else if (this.#held.push(() => workers.updatePod({ type, pod })) === 1) {
      this.#sleep(FIRST_SLEEP);
    }
  }

  /** While the runtime does not answer the loop dispatches nothing and sleeps, twice as long each time (syncLoop). */
  #sleep(duration: Micros): void {
    const { clock, runtimeErrors } = this.#options;
    clock.after(duration, () => {
      if (runtimeErrors().length > 0) {
        this.#sleep(Math.min(2 * duration, LONGEST_SLEEP));
        return;
      }
      const held = this.#held;
      this.#held = [];
      for (const dispatch of held) {
        dispatch();
      }
    });
  }

  // ------------------------------------------------------------------------------------------------- from the node itself

  /** The work queue, a restart of all containers, a probe: look at the pod. */
  syncPods(uids: readonly string[]): void {
    for (const uid of uids) {
      const pod = this.#desired.get(uid);
      if (pod !== undefined) {
        this.#update('sync', pod);
      }
    }
  }

  onLifecycleEvents(uid: string, events: readonly PodLifecycleEvent[]): void {
    const { onContainerDied, wakeHousekeeping } = this.#options;
    if (!this.#desired.has(uid)) {
      wakeHousekeeping();
    }
    // The events of one relist come so fast one after the other that the pod's worker wakes up once for all of them.
    if (events.some(isSyncPodWorthy)) {
      this.syncPods([uid]);
    }
    for (const event of events) {
      if (event.type === 'ContainerDied') {
        onContainerDied(uid, event.id);
      }
    }
  }

  onProbeResult(uid: string, kind: ProbeKind, containerId: string, result: ProbeResult): void {
    const { statuses } = this.#options;
    switch (kind) {
      case 'liveness':
        if (result !== 'Failure') {
          return;
        }
        break;
      case 'readiness':
        statuses.setContainerReadiness(uid, containerId, result === 'Success');
        break;
      case 'startup':
        statuses.setContainerStartup(uid, containerId, result === 'Success');
        break;
    }
    this.syncPods([uid]);
  }

  /** Kills a pod and waits for its end, for a while (killPodNow, k8s 1.37 pkg/kubelet/pod_workers.go). */
  killPod(pod: Pod, kill: Omit<KillOptions, 'onCompleted'>, then: (isKilled: boolean) => void): void {
    const { clock, events, killing, workers } = this.#options;
    const grace = kill.gracePeriodOverride ?? pod.spec.terminationGracePeriodSeconds ?? 0;
    const timeout = Math.max(killing.minimumTimeoutSeconds, Math.floor(grace * killing.timeoutFactor));
    let isOver = false;
    const timer = clock.after(seconds(timeout), () => {
      isOver = true;
      const message = 'Container runtime did not kill the pod within specified grace period.';
      events.record(pod, undefined, 'Warning', REASONS.exceededGracePeriod, message);
      then(false);
    });
    const onCompleted = (): void => {
      timer.cancel();
      if (!isOver) {
        then(true);
      }
    };
    workers.updatePod({ type: 'kill', pod, kill: { ...kill, onCompleted } });
  }
}

/** Someone set a readiness gate (NeedToReconcilePodReadiness, k8s 1.37 pkg/kubelet/status/status_manager.go). */
function needsToReconcileReadiness(pod: Pod): boolean {
  const { status = {} as PodStatus } = pod;
  if (!pod.spec.readinessGates?.length) {
    return false;
  }
  const phase = (status.phase ?? 'Pending') as Parameters<typeof readyCondition>[0]['phase'];
  const wanted = readyCondition({ pod, phase, containerStatuses: status.containerStatuses }, status.conditions);
  const current = conditionOf(status.conditions, 'Ready');
  return current !== undefined && (current.status !== wanted.status || current.message !== wanted.message);
}
