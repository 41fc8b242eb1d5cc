import { toSeconds } from '../../engine/index.js';
import type { Measure, MeasuredRun } from './measure.js';
import { type PodHistory, podHistories } from './pod-history.js';
import { quantile } from './quantile.js';

/** Pods that somebody had to place: seen from their creation, and then without a node. */
const placedByScheduler = (run: MeasuredRun): readonly PodHistory[] =>
  podHistories(run).filter(({ rows }) => rows[0]?.row.change === 'added' && rows[0].row.node === '');

/** Seconds from creation to binding, a pod each; pods that were never bound have none. */
function latencies(run: MeasuredRun): readonly number[] {
  return placedByScheduler(run).flatMap(({ rows, from }) => {
    const bound = rows.find(({ row }) => row.node !== '');
    return bound === undefined ? [] : [toSeconds(bound.at - from)];
  });
}

const latencyQuantile = (name: string, share: number, what: string): Measure => ({
  name,
  unit: 'seconds',
  help: `From a pod's creation to its binding: ${what}`,
  reads: ['pods'],
  compute: (run) => quantile(latencies(run), share),
});

/** Seconds from a pod's creation to its binding, over all pods that were bound; quantiles of type 7. */
export const schedulingLatency: readonly Measure[] = [
  latencyQuantile('scheduling_p50_s', 0.5, 'half of the pods are bound faster'),
  latencyQuantile('scheduling_p99_s', 0.99, '99 of 100 pods are bound faster'),
  latencyQuantile('scheduling_max_s', 1, 'the slowest pod'),
];

/** Pods that were never bound before they were gone or the run ended: the latencies above say nothing of them. */
export const unscheduledPods: Measure = {
  name: 'unscheduled_pods',
  unit: 'count',
  help: 'Pods that were never bound to a node',
  reads: ['pods'],
  compute: (run) => placedByScheduler(run).filter(({ rows }) => rows.every(({ row }) => row.node === '')).length,
};
