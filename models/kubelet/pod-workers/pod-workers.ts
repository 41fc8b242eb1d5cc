import { entityKey, type Micros, type RandomStream, type Seconds } from '../../../engine/index.js';
import { isPodTerminal, isStaticPod, keyOf, type Pod } from '../../api/index.js';
import type { RuntimePod } from '../../world/index.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import type { ProcessClock } from '../process-clock.js';
import {
  effectiveGracePeriod,
  type GracePeriodRules,
  type RequeueSettings,
  requeueAfter,
  type SyncError,
} from './decisions.js';
import { type LeftOutResyncs, type PodUpdate, PodWorker, type WorkType } from './pod-worker.js';
import { StaticPodTurns } from './static-pod-turns.js';
import type { WorkQueue } from './work-queue.js';

/** How an action ended. */
export interface SyncOutcome {
  readonly error?: SyncError | undefined;
  /** The pod reached a terminal phase by itself: now it terminates. */
  readonly isTerminal?: boolean;
  /** It did something at the runtime, all of it well: worth a look at once. */
  readonly hasActed?: boolean;
  /** The same again would do nothing at all before this instant, unless somebody asks for it. */
  readonly steadyUntil?: Micros | undefined;
}

export type Done = (outcome: SyncOutcome) => void;

/** The actions of a pod worker; each calls `done` once. */
export interface PodSyncer {
  syncPod(worker: PodWorker, update: PodUpdate, cached: CachedPod, done: Done): void;
  syncTerminatingPod(
    worker: PodWorker,
    pod: Pod,
    cached: CachedPod,
    gracePeriod: Seconds | undefined,
    done: Done,
  ): void;
  syncTerminatingRuntimePod(runtimePod: RuntimePod, gracePeriod: Seconds, done: Done): void;
  syncTerminatedPod(worker: PodWorker, pod: Pod, cached: CachedPod, done: Done): void;
}

export interface PodWorkersOptions {
  readonly clock: ProcessClock;
  readonly syncer: PodSyncer;
  readonly queue: WorkQueue;
  readonly settings: RequeueSettings & GracePeriodRules;
  /** Draws how long a requeue is stretched. */
  readonly jitter: RandomStream;
  getNewerThan(uid: string, time: Micros, then: (cached: CachedPod) => void): void;
  getCached(uid: string): CachedPod;
  requestRelist(uid: string): void;
  /** Nothing of the pod runs any more: what it left may go, if somebody deleted it. */
  onTerminated(worker: PodWorker): void;
  /** A worker has nothing left to do: housekeeping will forget it. */
  onFinished(worker: PodWorker): void;
}

/**
 * One worker a pod, one action at a time, the latest wish wins. As podWorkers (k8s 1.37 pkg/kubelet/pod_workers.go). Resyncs
 * of steady pods are left out and caught up with when the pod is looked at again.
 */
export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #turns = new StaticPodTurns();

  constructor(options: PodWorkersOptions) {
    this.#options = options;
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  all(): Iterable<PodWorker> {
    return this.#workers.values();
  }

  /** A static pod of this namespace and name is being stopped (IsPodForMirrorPodTerminatingByFullName). */
  isStaticPodTerminating(key: string): boolean {
    for (const { isTerminated, isTerminationRequested, pod } of this.#workers.values()) {
      if (isTerminationRequested && !isTerminated && pod !== undefined && isStaticPod(pod) && keyOf(pod) === key) {
        return true;
      }
    }
    return false;
  }

  /** Housekeeping: nobody will ask about this pod again. */
  forget(worker: PodWorker): void {
    this.#workers.delete(worker.uid);
    this.#options.queue.remove(worker.uid);
  }

  /** As UpdatePod. */
  updatePod(update: PodUpdate): void {
    const uid = update.pod.metadata.uid as string;
    const known = this.#workers.get(uid);
    const worker = known ?? this.#createWorker(uid, update);
    if (known?.isTerminationRequested && update.type === 'create') {
      worker.isRestartRequested = true;
      return;
    }
    if (worker.isFinished) {
      return;
    }
    this.#catchUp(worker);
    const becameTerminating = this.#noticeTermination(worker, update);
    const { kill, isShortened } = this.#mergeKill(worker, update);
    worker.pending = { type: update.type, pod: update.pod, kill };
    if (becameTerminating || isShortened) {
      worker.isCanceled = true;
      worker.cancel?.();
    }
    this.#start(worker);
  }

  /** The pod's next resync will find something to do: it is not left out. */
  keepResync(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker !== undefined) {
      this.#catchUp(worker);
    }
  }

  /** The next resync of every pod will find something: the runtime or its network has changed. */
  keepResyncs(): void {
    for (const worker of this.#workers.values()) {
      this.#catchUp(worker);
    }
  }

  /** Kills what the runtime holds of a pod that nobody wants. */
  killRuntimePod(runtimePod: RuntimePod, gracePeriod: Seconds): void {
    const { clock, syncer } = this.#options;
    const worker = new PodWorker(runtimePod.uid);
    this.#workers.set(runtimePod.uid, worker);
    worker.terminatingAt = clock.now;
    worker.isDeleted = true;
    worker.isStarted = true;
    worker.isBusy = true;
    const finish = (): void => {
      worker.terminatedAt = clock.now;
      worker.isFinished = true;
      worker.isBusy = false;
      this.#workers.delete(runtimePod.uid);
      this.#options.onFinished(worker);
    };
    syncer.syncTerminatingRuntimePod(runtimePod, gracePeriod, clock.whileAlive(finish));
  }

  /** Housekeeping found that this pod is no longer wanted (removeTerminatedWorker). */
  terminateOrphan(worker: PodWorker): void {
    worker.isDeleted = true;
    if (!worker.isTerminationRequested && worker.isStarted) {
      worker.terminatingAt = this.#options.clock.now;
      worker.gracePeriod = worker.pod === undefined ? 1 : this.#gracePeriod(worker, worker.pod, undefined);
    }
    if (worker.isTerminationRequested) {
      this.#requeueLast(worker);
    }
  }

  #createWorker(uid: string, update: PodUpdate): PodWorker {
    const worker = new PodWorker(uid);
    this.#workers.set(uid, worker);
    if (isStaticPod(update.pod)) {
      this.#turns.waits(keyOf(update.pod), uid);
    }
    // After a restart of the kubelet: a pod that ended, and of which nothing runs, needs no second end.
    if (isPodTerminal(update.pod) && isGone(this.#options.getCached(uid))) {
      worker.terminatingAt = this.#options.clock.now;
      worker.terminatedAt = worker.terminatingAt;
      worker.hasStartedTerminating = true;
    }
    return worker;
  }

  #noticeTermination(worker: PodWorker, { type, pod, kill }: PodUpdate): boolean {
    if (worker.isTerminationRequested) {
      return false;
    }
    const isBeingDeleted = pod.metadata.deletionTimestamp !== undefined;
    if (!isBeingDeleted && !isPodTerminal(pod) && type !== 'kill') {
      return false;
    }
    worker.isDeleted ||= isBeingDeleted;
    worker.isEvicted ||= !isBeingDeleted && kill?.isEviction === true;
    worker.terminatingAt = this.#options.clock.now;
    return true;
  }

  #mergeKill(worker: PodWorker, { pod, kill }: PodUpdate): { kill: PodUpdate['kill']; isShortened: boolean } {
    if (worker.isTerminated || !worker.isTerminationRequested) {
      kill?.onCompleted?.();
      return { kill: undefined, isShortened: false };
    }
    if (kill?.onCompleted !== undefined) {
      worker.onTerminated = [...(worker.onTerminated ?? []), kill.onCompleted];
    }
    worker.changeStatus = kill?.changeStatus ?? worker.changeStatus;
    const before = worker.gracePeriod;
    worker.gracePeriod = this.#gracePeriod(worker, pod, kill?.gracePeriodOverride);
    const isShortened = before !== 0 && before !== worker.gracePeriod;
    return { kill: { ...kill, gracePeriodOverride: worker.gracePeriod }, isShortened };
  }

  #gracePeriod(worker: PodWorker, pod: Pod, override: Seconds | undefined): Seconds {
    return effectiveGracePeriod(worker.gracePeriod, pod, override, this.#options.settings);
  }

  #requeueLast(worker: PodWorker): void {
    if (worker.pending === undefined && worker.active !== undefined) {
      worker.pending = worker.active;
      this.#start(worker);
    }
  }

  /** Begins the next action unless one is under way. */
  #start(worker: PodWorker): void {
    const update = worker.pending;
    if (worker.isBusy || update === undefined || !(worker.isStarted || this.#mayStart(worker, update.pod))) {
      return;
    }
    worker.isBusy = true;
    worker.pending = undefined;
    worker.active = update;
    worker.pod = update.pod;
    worker.isStarted = true;
    worker.isCanceled = false;
    // Decided now: a wish that comes while it waits for news of the runtime is served by the next action.
    const { workType } = worker;
    this.#options.getNewerThan(worker.uid, worker.lastSyncAt, (cached) => this.#act(worker, workType, update, cached));
  }

  /** As allowPodStart: a static pod that has to wait for another of its name looks again after a back-off. */
  #mayStart(worker: PodWorker, pod: Pod): boolean {
    if (!isStaticPod(pod)) {
      return true;
    }
    const { clock, queue } = this.#options;
    if (worker.isTerminationRequested) {
      worker.terminatedAt = clock.now;
      this.#finish(worker);
      return false;
    }
    const isPast = (uid: string): boolean => this.#workers.get(uid)?.isTerminationRequested ?? true;
    const mayStart = this.#turns.start(keyOf(pod), worker.uid, isPast);
    if (!mayStart) {
      queue.enqueue(worker.uid, this.#dueAt(worker, clock.now, false, WAITS_FOR_ITS_TURN));
    }
    return mayStart;
  }

  #finish(worker: PodWorker): void {
    worker.isFinished = true;
    worker.isBusy = false;
    worker.pending = undefined;
    if (worker.pod !== undefined) {
      this.#turns.finished(keyOf(worker.pod), worker.uid);
    }
    this.#options.queue.remove(worker.uid);
    this.#options.onFinished(worker);
  }

  #act(worker: PodWorker, workType: WorkType, update: PodUpdate, cached: CachedPod): void {
    const { clock, syncer } = this.#options;
    const done = clock.whileAlive((outcome: SyncOutcome) => this.#complete(worker, workType, outcome));
    switch (workType) {
      case 'sync':
        syncer.syncPod(worker, update, cached, done);
        return;
      case 'terminating':
        worker.hasStartedTerminating = true;
        syncer.syncTerminatingPod(worker, update.pod, cached, update.kill?.gracePeriodOverride, (outcome) =>
          done({ ...outcome, isTerminal: outcome.error === undefined }),
        );
        return;
      case 'terminated':
        syncer.syncTerminatedPod(worker, update.pod, cached, (outcome) =>
          done({ ...outcome, isTerminal: outcome.error === undefined }),
        );
    }
  }

  #complete(worker: PodWorker, workType: WorkType, outcome: SyncOutcome): void {
    const { clock } = this.#options;
    worker.lastSyncAt = clock.now;
    worker.cancel = undefined;
    if (outcome.hasActed && outcome.error === undefined) {
      this.#options.requestRelist(worker.uid);
    }
    if (outcome.isTerminal) {
      switch (workType) {
        case 'sync':
          worker.terminatingAt ??= clock.now;
          worker.hasStartedTerminating = true;
          break;
        case 'terminating':
          this.#completeTerminating(worker);
          break;
        case 'terminated':
          this.#finish(worker);
          return;
      }
      worker.pending ??= worker.active;
    }
    this.#requeue(worker, outcome);
    worker.isBusy = false;
    this.#start(worker);
  }

  #completeTerminating(worker: PodWorker): void {
    worker.terminatedAt = this.#options.clock.now;
    this.#options.onTerminated(worker);
    const waiting = worker.onTerminated ?? [];
    worker.onTerminated = undefined;
    worker.changeStatus = undefined;
    for (const then of waiting) {
      then();
    }
  }

  #requeue(worker: PodWorker, outcome: SyncOutcome): void {
    const { clock, queue } = this.#options;
    const { error, isTerminal = false, steadyUntil } = outcome;
    const due = this.#dueAt(worker, clock.now, isTerminal, error);
    if (steadyUntil === undefined || worker.pending !== undefined || !clock.elidesQuietTicks) {
      queue.enqueue(worker.uid, due);
      return;
    }
    worker.leftOut = { due, error, until: steadyUntil };
    if (steadyUntil === Number.POSITIVE_INFINITY) {
      queue.remove(worker.uid);
    } else {
      queue.enqueue(worker.uid, this.#passLeftOut(worker, worker.leftOut, steadyUntil).due);
    }
  }

  /** Drawn by the second in which the action ended, so that leaving out resyncs shifts nobody's luck. */
  #dueAt(worker: PodWorker, endedAt: Micros, isTerminal: boolean, error: SyncError | undefined): Micros {
    const { jitter: draws, settings } = this.#options;
    const { base, jitter } = requeueAfter(isTerminal, error, endedAt, settings);
    const second = Math.floor(endedAt / 1_000_000);
    return endedAt + (base === 0 ? 0 : draws.jitter(entityKey(worker.uid), second, base, jitter));
  }

  /** Lets the resyncs that were left out have happened: all they do is move the time of the last sync. */
  #catchUp(worker: PodWorker): void {
    const { clock, queue } = this.#options;
    const { leftOut } = worker;
    if (leftOut === undefined) {
      return;
    }
    worker.leftOut = undefined;
    const { due, last } = this.#passLeftOut(worker, leftOut, clock.now);
    worker.lastSyncAt = last ?? worker.lastSyncAt;
    // The first one that is not left out stands in the queue already.
    if (queue.tickFor(due) < leftOut.until) {
      queue.enqueue(worker.uid, due);
    }
  }

  /** The last of the resyncs left out before an instant, and when the next one is due. */
  #passLeftOut(worker: PodWorker, { due: first, error, until }: LeftOutResyncs, before: Micros) {
    const { queue } = this.#options;
    const end = Math.min(before, until);
    let due = first;
    let last: Micros | undefined;
    for (let tick = queue.tickFor(due); tick < end; tick = queue.tickFor(due)) {
      last = tick;
      due = this.#dueAt(worker, tick, false, error);
    }
    return { due, last };
  }
}

/** Another static pod of its name has not finished. */
const WAITS_FOR_ITS_TURN: SyncError = { kind: 'error', message: '' };

/** No sandbox is ready and no container runs (isPodStatusCacheTerminal). */
const isGone = ({ pod }: CachedPod): boolean =>
  !pod?.sandboxes.some(({ isReady }) => isReady) && !pod?.containers.some(({ state }) => state === 'running');
