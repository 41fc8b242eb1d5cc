import { toSeconds } from '../../engine/index.js';
import { type Measure } from './measure.js';
import { isLeaving, podHistories } from './pod-history.js';
import { largest } from './quantile.js';

/**
 * Seconds from the first fault that struck pods, by themselves or with their node, until the last of those that left began to
 * leave: its deletion began, or its kubelet evicted it. Pods that stayed do not count; none when all stayed.
 */
export const evictionTime: Measure = {
  name: 'eviction_s',
  unit: 'seconds',
  help: 'From the first fault that struck pods until the last of those that left began to leave',
  reads: ['pods'],
  compute: (run) => {
    const fault = run.faults.find(({ pods }) => pods.length > 0);
    if (fault === undefined) {
      return undefined;
    }
    const struck = new Set(fault.pods.map(({ pod }) => pod));
    const left = podHistories(run)
      .filter(({ pod, from, to }) => struck.has(pod) && from < fault.at && to >= fault.at)
      .map(({ rows }) => rows.find(({ row }) => isLeaving(row))?.at)
      .filter((at) => at !== undefined && at >= fault.at) as readonly number[];
    const last = largest(left);
    return last === undefined ? undefined : toSeconds(last - fault.at);
  },
};
