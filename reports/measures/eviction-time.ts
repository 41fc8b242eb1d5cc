import { toSeconds } from '../../engine/index.js';
import { firstStrike, type Measure } from './measure.js';
import { isLeaving, podHistories } from './pod-history.js';
import { largest } from './quantile.js';

/**
 * Seconds from the first strike that hit pods, by themselves or with their node, until the last of those that left began to
 * leave: its deletion began, or its kubelet evicted it. Pods that stayed do not count; none when all stayed.
 */
export const evictionTime: Measure = {
  name: 'eviction_s',
  unit: 'seconds',
  help: 'From the first fault that struck pods until the last of those that left began to leave',
  reads: ['pods'],
  compute: (run) => {
    const strike = firstStrike(run, 'pods');
    if (strike === undefined) {
      return undefined;
    }
    const struck = new Set(strike.pods.map(({ pod }) => pod));
    const left = podHistories(run)
      .filter(({ pod, from, to }) => struck.has(pod) && from < strike.at && to >= strike.at)
      .map(({ rows }) => rows.find(({ row }) => isLeaving(row))?.at)
      .filter((at) => at !== undefined && at >= strike.at) as readonly number[];
    const last = largest(left);
    return last === undefined ? undefined : toSeconds(last - strike.at);
  },
};
