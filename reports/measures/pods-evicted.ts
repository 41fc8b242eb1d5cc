import { type Measure, podKey, rowsOf } from './measure.js';

/** Reasons of condition DisruptionTarget that are evictions; preemption and garbage collection are not. */
const EVICTIONS: ReadonlySet<string> = new Set([
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'TerminationByKubelet',
]);

/**
 * Pods that were evicted: by a taint, by their kubelet, or through the Eviction API (drain). Told by the timelines of those who
 * evict, and by condition DisruptionTarget, which Kubernetes 1.23 does not have. Counted by name, each once.
 */
export const podsEvicted: Measure = {
  name: 'pods_evicted',
  unit: 'count',
  help: 'Pods evicted by a taint, by their kubelet, or through the Eviction API',
  reads: ['pods'],
  compute: (run) =>
    new Set([
      ...rowsOf(run, 'evictions')
        .filter(({ row }) => row.outcome === 'evicted')
        .map(({ row }) => podKey(row)),
      ...rowsOf(run, 'kubelet-evictions').map(({ row }) => podKey(row)),
      ...rowsOf(run, 'pods')
        .filter(({ row }) => EVICTIONS.has(row.disruption) || (row.phase === 'Failed' && row.reason === 'Evicted'))
        .map(({ row }) => podKey(row)),
    ]).size,
};
