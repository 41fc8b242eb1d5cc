import type { Micros } from '../../../engine/time/micros.js';
import type { PodInfo } from '../framework/pod-info.js';

/** When a pod started, to the second; one that has not started counts as starting now. As GetPodStartTime (pkg/scheduler/util). */
export const startTimeOf = ({ pod }: PodInfo): Micros => pod.status?.startTime ?? Number.POSITIVE_INFINITY;

/** Higher priority first, then whoever runs longer. As MoreImportantPod (pkg/scheduler/util). */
export const byImportance = (a: PodInfo, b: PodInfo): number => {
  if (a.priority !== b.priority) {
    return b.priority - a.priority;
  }
  const [startA, startB] = [startTimeOf(a), startTimeOf(b)];
  return startA === startB ? 0 : startA < startB ? -1 : 1;
};
