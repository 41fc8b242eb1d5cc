import { type Micros, wholeSecond } from '../../engine/time/micros.js';
import {
  isBeingDeleted,
  isPodReady,
  isPodTerminating,
  type Job,
  type JobCondition,
  type JobStatus,
  type Pod,
} from '../api/index.js';
import type { BackoffRecord } from './backoff.js';
import { isTrue, jobCondition, withJobCondition } from './conditions.js';
import { findCompletion, findFinish } from './finish.js';
import { countIndexes, formatIndexes, hasIndex, type Indexes, withIndexes } from './indexes.js';
import { ascending, isSucceeded, isSuspended, type JobSettings, JobView, type Seen, uidOf } from './job-view.js';
import { manageJob, type PodAction } from './manage.js';
import { indexOf, isFailed, isIndexed } from './pods.js';
import { matchPodFailurePolicy } from './policies.js';

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What came of the action on pods. */
export interface Outcome {
  readonly created: number;
  readonly deleted: readonly Pod[];
}

/** What is written after it: the status with newly counted pods, then the finalizers, then the rest. */
export interface Tracking {
  readonly job: Job;
  /** Whether that status must be written before finalizers go. */
  readonly needsFlush: boolean;
  readonly release: readonly Pod[];
  readonly record: BackoffRecord;
}

export interface Conclusion {
  readonly write: Job | undefined;
  readonly events: readonly EventDraft[];
}

/**
 * One sync of a Job, step by step: the action on pods, then what to count and release, then the end. Writes nothing itself.
 * As syncJob and trackJobStatusAndRemoveFinalizers (pkg/controller/job/job_controller.go).
 */
export class JobSync {
  readonly action: PodAction;
  readonly #view: JobView;
  readonly #settings: JobSettings;
  readonly #isManaged: boolean;
  readonly #events: EventDraft[] = [];
  #status: JobStatus;
  #finished: JobCondition | undefined;
  #needsFlush = false;
  #reachedMaxUncounted = false;
  #terminating = 0;

  constructor(seen: Seen, now: Micros, settings: JobSettings) {
    const view = new JobView(seen, now);
    this.#view = view;
    this.#settings = settings;
    this.#status = {
      ...view.job.status,
      uncountedTerminatedPods: view.job.status?.uncountedTerminatedPods ?? {},
      ...(view.startTime !== undefined && { startTime: view.startTime }),
    };
    this.#finished = findFinish(view, settings);
    this.#isManaged = this.#finished === undefined && view.mayAct && !isBeingDeleted(view.job);
    this.action = this.#finished
      ? { do: 'delete', pods: view.active, isFinal: true }
      : this.#isManaged
        ? manageJob(view, settings)
        : { do: 'nothing' };
  }

  /** Until the deadline or the end of the back-off: when to look again though nothing happens. */
  get wakeUps(): readonly Micros[] {
    const untilDeadline = this.#view.untilDeadline();
    return [
      ...(untilDeadline !== undefined && untilDeadline > 0 ? [untilDeadline] : []),
      ...(this.action.do === 'wait' ? [this.action.remaining] : []),
    ];
  }

  /** Pods that have ended since the last sync; where the queue itself backs off it asks for them. */
  get hasNewFailure(): boolean {
    return this.#view.failed > (this.#view.job.status?.failed ?? 0);
  }

  get hasNewSuccess(): boolean {
    return this.#view.succeeded > (this.#view.job.status?.succeeded ?? 0);
  }

  /** After the action: what to write, which pods to let go. As the first part of trackJobStatusAndRemoveFinalizers. */
  track({ created, deleted }: Outcome): Tracking {
    const { job, pods, active, mayAct, record } = this.#view;
    // Where pods are held back manageJob tells of no active pods at all.
    const left = this.action.do === 'wait' ? 0 : active.length + created - deleted.length;
    const ready = active.filter(isPodReady).length - deleted.filter(isPodReady).length;
    this.#terminating = pods.filter(isPodTerminating).length + deleted.length;
    if (this.#finished === undefined) {
      this.#finished = findCompletion(this.#view, left, this.#settings);
      if (this.#finished === undefined && this.#isManaged) {
        this.#noteSuspension();
      }
    } else if (deleted.length !== active.length || !mayAct) {
      // Pods may be left that the cache does not show, or that could not be deleted: it has not ended yet.
      this.#finished = undefined;
    }
    this.#setCounts(left, ready);
    const release = this.#count();
    this.#announceFinish();
    return { job: { ...job, status: this.#status }, needsFlush: this.#needsFlush, release, record };
  }

  /** After the finalizers: counters and, when nothing is left to count, the end. As the rest of it, and enactJobFinished. */
  conclude(stored: Job, released: ReadonlySet<string>, now: Micros): Conclusion {
    const held = this.#view.pods.filter((pod) => this.#view.isHeld(pod) && !released.has(uidOf(pod)));
    this.#status = stored.status ?? {};
    const hasMoved = this.#moveToCounters(new Set(held.map(uidOf)));
    const isFinished = !this.#reachedMaxUncounted && this.#enactFinish(now);
    return {
      write: hasMoved || isFinished ? { ...stored, status: this.#status } : undefined,
      events: isFinished ? [...this.#events, ...this.#finishEvents()] : this.#events,
    };
  }

  #noteSuspension(): void {
    const suspended = isSuspended(this.#view.job);
    const condition = suspended
      ? jobCondition('Suspended', 'True', 'JobSuspended', 'Job suspended', this.#view.now)
      : jobCondition('Suspended', 'False', 'JobResumed', 'Job resumed', this.#view.now);
    const conditions = withJobCondition(this.#status.conditions, condition);
    if (conditions === this.#status.conditions) {
      return;
    }
    this.#needsFlush = true;
    const reason = suspended ? 'Suspended' : 'Resumed';
    this.#events.push({ type: 'Normal', reason, message: `Job ${reason.toLowerCase()}` });
    const { startTime, ...status } = this.#status;
    if (!suspended) {
      this.#status = { ...status, conditions, startTime: wholeSecond(this.#view.now) };
    } else {
      this.#status = this.#settings.suspendClearsStartTime
        ? { ...status, conditions }
        : { ...status, startTime, conditions };
    }
  }

  #setCounts(active: number, ready: number): void {
    const { JobPodReplacementPolicy, JobReadyPods } = this.#settings;
    const before = this.#view.job.status;
    this.#needsFlush ||=
      active !== (before?.active ?? 0) ||
      (JobReadyPods && ready !== before?.ready) ||
      (JobPodReplacementPolicy && this.#terminating !== before?.terminating);
    this.#status = {
      ...this.#status,
      active: active === 0 ? undefined : active,
      ...(JobReadyPods && { ready }),
      ...(JobPodReplacementPolicy && { terminating: this.#terminating }),
    };
  }

  /** Takes newly finished pods into the status; answers whose finalizers may go. */
  #count(): readonly Pod[] {
    const { job, pods } = this.#view;
    const held = new Set(pods.filter((pod) => this.#view.isHeld(pod)).map(uidOf));
    this.#needsFlush = this.#moveToCounters(held) || this.#needsFlush;
    const succeeded = [...(this.#status.uncountedTerminatedPods?.succeeded ?? [])];
    const failed = [...(this.#status.uncountedTerminatedPods?.failed ?? [])];
    const newIndexes: number[] = [];
    const release: Pod[] = [];
    for (const pod of this.#inOrder()) {
      if (!this.#view.isHeld(pod) || !this.#mayRelease(pod)) {
        continue;
      }
      release.push(pod);
      this.#countPod(pod, { succeeded, failed, newIndexes });
      if (newIndexes.length + succeeded.length + failed.length >= this.#settings.maxUncountedPods) {
        this.#reachedMaxUncounted = true;
        break;
      }
    }
    this.#status = { ...this.#status, uncountedTerminatedPods: uncountedOf(succeeded, failed) };
    if (isIndexed(job)) {
      this.#setIndexes(withIndexes(this.#view.succeededBefore, ascending(newIndexes)));
    }
    return release;
  }

  #inOrder(): readonly Pod[] {
    const { job, pods } = this.#view;
    const rank = (pod: Pod): number => indexOf(pod, job) ?? -1;
    return isIndexed(job) ? [...pods].sort((a, b) => rank(a) - rank(b)) : pods;
  }

  #mayRelease(pod: Pod): boolean {
    const { job } = this.#view;
    if (isBeingDeleted(job) || this.#finished || isSucceeded(pod)) {
      return true;
    }
    const index = indexOf(pod, job);
    return isFailed(pod, job) && (index === undefined || this.#view.delayed.get(index) !== pod);
  }

  #countPod(pod: Pod, lists: { succeeded: string[]; failed: string[]; newIndexes: number[] }): void {
    const { job } = this.#view;
    const uid = uidOf(pod);
    const index = indexOf(pod, job);
    if (isSucceeded(pod) && !this.#view.uncountedFailed.has(uid)) {
      if (isIndexed(job)) {
        if (index !== undefined && !hasIndex(this.#view.succeededBefore, index)) {
          lists.newIndexes.push(index);
          this.#needsFlush = true;
        }
      } else if (!this.#view.uncountedSucceeded.has(uid)) {
        lists.succeeded.push(uid);
        this.#needsFlush = true;
      }
      return;
    }
    // Once the Job has failed every pod that has not ended counts as failed.
    const endsWithJob = this.#finished !== undefined && this.#finished.type !== 'SuccessCriteriaMet';
    const isCounted = !this.#view.uncountedFailed.has(uid) && (!isIndexed(job) || index !== undefined);
    if (
      (isFailed(pod, job) || endsWithJob) &&
      isCounted &&
      matchPodFailurePolicy(job.spec.podFailurePolicy, pod).counts
    ) {
      lists.failed.push(uid);
      this.#needsFlush = true;
    }
  }

  #setIndexes(succeeded: Indexes): void {
    const completedIndexes = formatIndexes(succeeded) || undefined;
    const failedIndexes = this.#view.failedIndexes && formatIndexes(this.#view.failedIndexes);
    this.#needsFlush ||=
      completedIndexes !== this.#status.completedIndexes || failedIndexes !== this.#status.failedIndexes;
    this.#status = {
      ...this.#status,
      succeeded: countIndexes(succeeded) || undefined,
      completedIndexes,
      ...(failedIndexes !== undefined && { failedIndexes }),
    };
  }

  /** FailureTarget or SuccessCriteriaMet stands in the status before any finalizer goes. */
  #announceFinish(): void {
    const finished = this.#finished;
    if (finished?.type === 'FailureTarget') {
      this.#append(finished);
      this.#finished = jobCondition('Failed', 'True', finished.reason ?? '', finished.message ?? '', this.#view.now);
    } else if (finished?.type === 'SuccessCriteriaMet') {
      if (!isTrue(this.#view.job.status?.conditions, 'SuccessCriteriaMet')) {
        this.#append(finished);
      }
      this.#finished = jobCondition('Complete', 'True', finished.reason ?? '', finished.message ?? '', this.#view.now);
    }
  }

  #append(condition: JobCondition): void {
    this.#status = { ...this.#status, conditions: [...(this.#status.conditions ?? []), condition] };
    this.#needsFlush = true;
  }

  /** Pods without finalizer have been counted for good. As cleanUncountedPodsWithoutFinalizers. */
  #moveToCounters(held: ReadonlySet<string>): boolean {
    const { succeeded = [], failed = [] } = this.#status.uncountedTerminatedPods ?? {};
    const leftSucceeded = succeeded.filter((uid) => held.has(uid));
    const leftFailed = failed.filter((uid) => held.has(uid));
    const [moreSucceeded, moreFailed] = [succeeded.length - leftSucceeded.length, failed.length - leftFailed.length];
    if (moreSucceeded === 0 && moreFailed === 0) {
      return false;
    }
    this.#status = {
      ...this.#status,
      ...(moreSucceeded > 0 && { succeeded: (this.#status.succeeded ?? 0) + moreSucceeded }),
      ...(moreFailed > 0 && { failed: (this.#status.failed ?? 0) + moreFailed }),
      uncountedTerminatedPods: uncountedOf(leftSucceeded, leftFailed),
    };
    return true;
  }

  #enactFinish(now: Micros): boolean {
    const { succeeded = [], failed = [] } = this.#status.uncountedTerminatedPods ?? {};
    const finished = this.#finished;
    const isWaiting = this.#settings.delaysTerminalCondition && this.#terminating > 0;
    if (finished === undefined || succeeded.length > 0 || failed.length > 0 || isWaiting) {
      return false;
    }
    const condition = { ...finished, lastProbeTime: wholeSecond(now), lastTransitionTime: wholeSecond(now) };
    this.#status = {
      ...this.#status,
      conditions: withJobCondition(this.#status.conditions, condition),
      ...(finished.type === 'Complete' && { completionTime: finished.lastTransitionTime }),
    };
    return true;
  }

  /** As recordJobFinished. */
  #finishEvents(): readonly EventDraft[] {
    const { completions } = this.#view.job.spec;
    if (this.#finished?.type !== 'Complete') {
      const { reason = '', message = '' } = this.#finished ?? {};
      return [{ type: 'Warning', reason, message }];
    }
    const tooMany = 'Too many succeeded pods running after completion count reached';
    return [
      ...(completions !== undefined && (this.#status.succeeded ?? 0) > completions
        ? [{ type: 'Warning' as const, reason: 'TooManySucceededPods', message: tooMany }]
        : []),
      { type: 'Normal', reason: 'Completed', message: 'Job completed' },
    ];
  }
}

const uncountedOf = (
  succeeded: readonly string[],
  failed: readonly string[],
): JobStatus['uncountedTerminatedPods'] => ({
  ...(succeeded.length > 0 && { succeeded }),
  ...(failed.length > 0 && { failed }),
});
