import { type Micros, seconds, wholeSecond } from '../../engine/time/micros.js';
import { isPodActive, type Job, type Pod } from '../api/index.js';
import { type BackoffRecord, type BackoffSettings, finishedAt, nextRecord } from './backoff.js';
import { countIndexes, hasIndex, type Indexes, parseIndexes, withIndexes } from './indexes.js';
import {
  allFailuresBefore,
  failuresBefore,
  hasBackoffLimitPerIndex,
  indexOf,
  isFailed,
  isIndexed,
  isTracked,
} from './pods.js';
import { matchPodFailurePolicy } from './policies.js';

/** How the versions differ; named as the feature gates where there are any. */
export interface JobGates {
  /** status.terminating is filled, and a Job may wait for pods to have failed. */
  readonly JobPodReplacementPolicy: boolean;
  readonly JobReadyPods: boolean;
  /** Complete and Failed wait until all pods are gone; FailureTarget or SuccessCriteriaMet says what is coming. */
  readonly delaysTerminalCondition: boolean;
  readonly suspendClearsStartTime: boolean;
  /** The back-off follows from the ends of pods; before, it was the queue's. */
  readonly backsOffByFinishTimes: boolean;
}

export interface JobSettings extends JobGates, BackoffSettings {
  /** Pods created or deleted in one sync at most. */
  readonly maxPodsPerSync: number;
  /** Finished pods counted in one sync at most. */
  readonly maxUncountedPods: number;
}

/** What a sync of a Job sees. */
export interface Seen {
  readonly job: Job;
  readonly pods: readonly Pod[];
  /** Uids of pods whose finalizer was taken off, though the cache does not show it yet. */
  readonly releasing: ReadonlySet<string>;
  /** Whether earlier creations and deletions have been seen. */
  readonly mayAct: boolean;
  readonly record: BackoffRecord;
}

export const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';
export const isSucceeded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded';
export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;
export const ascending = (numbers: readonly number[]): readonly number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** What a Job's pods and status come to, before anything is done. As syncJobCtx (pkg/controller/job/job_controller.go). */
export class JobView {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly mayAct: boolean;
  readonly now: Micros;
  readonly record: BackoffRecord;
  /** When the Job began to run, now at the latest; undefined while it is suspended. */
  readonly startTime: Micros | undefined;
  /** Uids that the status holds until their pods' finalizers are gone. */
  readonly uncountedSucceeded: ReadonlySet<string>;
  readonly uncountedFailed: ReadonlySet<string>;
  /** Indexes that the status calls completed, and with those just completed. */
  readonly succeededBefore: Indexes;
  readonly succeededIndexes: Indexes;
  /** Undefined unless each index has a limit of its own. */
  readonly failedIndexes: Indexes | undefined;
  readonly succeeded: number;
  readonly failed: number;
  /** The last failed pod of each index that will be tried again: kept, for it carries the count of failures. */
  readonly delayed: ReadonlyMap<number, Pod>;
  readonly #releasing: ReadonlySet<string>;

  constructor({ job, pods, releasing, mayAct, record }: Seen, now: Micros) {
    this.job = job;
    this.pods = pods;
    this.mayAct = mayAct;
    this.now = now;
    this.#releasing = releasing;
    this.active = pods.filter(isPodActive);
    const { uncountedTerminatedPods, startTime, succeeded, failed, completedIndexes, failedIndexes } = job.status ?? {};
    this.startTime = startTime ?? (isSuspended(job) ? undefined : wholeSecond(now));
    this.uncountedSucceeded = new Set(uncountedTerminatedPods?.succeeded);
    this.uncountedFailed = new Set(uncountedTerminatedPods?.failed);
    const newSucceeded = this.#newlyFinished(this.uncountedSucceeded, isSucceeded);
    const newFailed = this.#newlyFinished(this.uncountedFailed, (pod) => isFailed(pod, job));
    this.record = nextRecord(record, newSucceeded.map(finishedAt), newFailed.map(finishedAt));
    this.succeededBefore = isIndexed(job) ? this.#indexesOf(completedIndexes) : [];
    this.succeededIndexes = isIndexed(job)
      ? this.#withNew(this.succeededBefore, (pod) => isSucceeded(pod) && isTracked(pod))
      : [];
    this.succeeded = isIndexed(job)
      ? countIndexes(this.succeededIndexes)
      : (succeeded ?? 0) + newSucceeded.length + this.uncountedSucceeded.size;
    const counted = newFailed.filter((pod) => matchPodFailurePolicy(job.spec.podFailurePolicy, pod).counts);
    this.failed = (failed ?? 0) + counted.length + this.uncountedFailed.size;
    this.failedIndexes = hasBackoffLimitPerIndex(job)
      ? this.#withNew(this.#indexesOf(failedIndexes), (pod) => this.#isIndexFailed(pod))
      : undefined;
    this.delayed = hasBackoffLimitPerIndex(job) ? this.#podsWithDelayedDeletion() : new Map();
  }

  /** Whether the pod's end has still to be counted, or its finalizer to go. */
  isHeld(pod: Pod): boolean {
    return isTracked(pod) && !this.#releasing.has(uidOf(pod));
  }

  /** Time left until activeDeadlineSeconds; undefined without one, or while the Job does not run. */
  untilDeadline(): Micros | undefined {
    const { activeDeadlineSeconds } = this.job.spec;
    return activeDeadlineSeconds === undefined || this.startTime === undefined || isSuspended(this.job)
      ? undefined
      : this.startTime + seconds(activeDeadlineSeconds) - this.now;
  }

  /** As getNewFinishedPods. */
  #newlyFinished(uncounted: ReadonlySet<string>, isFinished: (pod: Pod) => boolean): readonly Pod[] {
    return this.pods.filter(
      (pod) =>
        this.isHeld(pod) &&
        !uncounted.has(uidOf(pod)) &&
        (!isIndexed(this.job) || indexOf(pod, this.job) !== undefined) &&
        isFinished(pod),
    );
  }

  #indexesOf(text: string | undefined): Indexes {
    return parseIndexes(text ?? '', this.job.spec.completions ?? 0);
  }

  #withNew(before: Indexes, test: (pod: Pod) => boolean): Indexes {
    const added = this.pods.filter(test).flatMap((pod) => indexOf(pod, this.job) ?? []);
    return withIndexes(before, ascending(added));
  }

  /** As isIndexFailed. */
  #isIndexFailed(pod: Pod): boolean {
    if (!isFailed(pod, this.job)) {
      return false;
    }
    const { action, counts } = matchPodFailurePolicy(this.job.spec.podFailurePolicy, pod);
    return action === 'FailIndex' || (counts && failuresBefore(pod) >= (this.job.spec.backoffLimitPerIndex ?? 0));
  }

  /** As getPodsWithDelayedDeletionPerIndex. */
  #podsWithDelayedDeletion(): ReadonlyMap<number, Pod> {
    const delayed = new Map<number, Pod>();
    const active = new Set(this.active.map((pod) => indexOf(pod, this.job)));
    for (const pod of this.#newlyFinished(new Set(), (one) => isFailed(one, this.job))) {
      const index = indexOf(pod, this.job) as number;
      const isOver = hasIndex(this.succeededIndexes, index) || hasIndex(this.failedIndexes ?? [], index);
      const last = delayed.get(index);
      const isLater =
        last === undefined ||
        (allFailuresBefore(last) <= allFailuresBefore(pod) && finishedAt(pod) >= finishedAt(last));
      if (!isOver && !active.has(index) && isLater) {
        delayed.set(index, pod);
      }
    }
    return delayed;
  }
}
