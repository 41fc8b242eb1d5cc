import type { Micros } from '../../engine/time/micros.js';
import { isPodTerminating, type Pod } from '../api/index.js';
import { finishedAt, remainingBackoff } from './backoff.js';
import { lowestFree, mergeIndexes, withIndexes } from './indexes.js';
import { ascending, isSuspended, type JobSettings, type JobView } from './job-view.js';
import {
  allFailuresBefore,
  hasBackoffLimitPerIndex,
  indexOf,
  isIndexed,
  removalOrder,
  replacesFailedOnly,
} from './pods.js';

/** A pod to be created; for an Indexed Job its index, and the failed pod whose place it takes. */
export interface NewPod {
  readonly index: number | undefined;
  readonly replaced: Pod | undefined;
}

/** What is done about pods before the status is written. */
export type PodAction =
  | { readonly do: 'nothing' }
  /** Pods are missing, but earlier failures hold them back for so long. */
  | { readonly do: 'wait'; readonly remaining: Micros }
  | { readonly do: 'create'; readonly pods: readonly NewPod[] }
  /** `isFinal`: the Job ends; finalizers stay until the pods are counted. */
  | { readonly do: 'delete'; readonly pods: readonly Pod[]; readonly isFinal: boolean };

/** As manageJob: deletions come first; never both in one sync. */
export function manageJob(view: JobView, settings: JobSettings): PodAction {
  const { job, pods, active } = view;
  if (isSuspended(job)) {
    return { do: 'delete', pods: surplus(view, active.length), isFinal: false };
  }
  const wanted = wantedActive(view);
  const tooMany = surplus(view, Math.max(0, active.length - wanted)).slice(0, settings.maxPodsPerSync);
  if (tooMany.length > 0) {
    return { do: 'delete', pods: tooMany, isFinal: false };
  }
  const terminating = replacesFailedOnly(job) ? pods.filter(isPodTerminating).length : 0;
  const missing = wanted - terminating - active.length;
  return missing > 0 ? create(view, Math.min(missing, settings.maxPodsPerSync), settings) : { do: 'nothing' };
}

/** Without completions a Job is a work queue: after the first success nothing new begins. */
function wantedActive({ job, active, succeeded }: JobView): number {
  const { parallelism = 1, completions } = job.spec;
  if (completions === undefined) {
    return succeeded > 0 ? active.length : parallelism;
  }
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** As activePodsForRemoval: of an index that is worked on twice one pod stays, then as many go as needed. */
function surplus({ job, active }: JobView, atLeast: number): readonly Pod[] {
  const duplicates = isIndexed(job) ? duplicatesOf(active, (pod) => indexOf(pod, job)) : [];
  const left = active.filter((pod) => !duplicates.includes(pod)).sort(removalOrder);
  return [...duplicates, ...left.slice(0, Math.max(0, atLeast - duplicates.length))];
}

function duplicatesOf(pods: readonly Pod[], indexOfPod: (pod: Pod) => number | undefined): readonly Pod[] {
  const byIndex = new Map<number | undefined, Pod[]>();
  for (const pod of pods) {
    const index = indexOfPod(pod);
    byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
  }
  return [...byIndex].flatMap(([index, same]) => (index === undefined ? same : same.sort(removalOrder).slice(0, -1)));
}

function create(view: JobView, wanted: number, settings: JobSettings): PodAction {
  const { job, record, now } = view;
  if (!hasBackoffLimitPerIndex(job) && settings.backsOffByFinishTimes) {
    const remaining = remainingBackoff(record.failuresAfterLastSuccess, record.lastFailureAt, now, settings);
    if (remaining > 0) {
      return { do: 'wait', remaining };
    }
  }
  if (!isIndexed(job)) {
    return { do: 'create', pods: Array.from({ length: wanted }, () => ({ index: undefined, replaced: undefined })) };
  }
  const pending = pendingIndexes(view, wanted).map((index) => ({ index, replaced: view.delayed.get(index) }));
  const waits = pending.map(({ replaced }) =>
    replaced ? remainingBackoff(allFailuresBefore(replaced) + 1, finishedAt(replaced), now, settings) : 0,
  );
  const pods = pending.filter((_, i) => waits[i] === 0);
  return pods.length === 0 && waits.length > 0 ? { do: 'wait', remaining: Math.min(...waits) } : { do: 'create', pods };
}

/** The lowest indexes that nobody works on, has completed, or has given up. As firstPendingIndexes. */
function pendingIndexes(
  { job, pods, active, succeededIndexes, failedIndexes }: JobView,
  wanted: number,
): readonly number[] {
  const indexesOf = (some: readonly Pod[]): readonly number[] =>
    ascending(some.flatMap((pod) => indexOf(pod, job) ?? []));
  let taken = withIndexes(succeededIndexes, indexesOf(active));
  if (replacesFailedOnly(job)) {
    taken = withIndexes(taken, indexesOf(pods.filter(isPodTerminating)));
  }
  return lowestFree(mergeIndexes(taken, failedIndexes ?? []), wanted, job.spec.completions ?? 0);
}
