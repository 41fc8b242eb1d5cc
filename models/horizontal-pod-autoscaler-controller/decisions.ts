import type { HorizontalPodAutoscaler } from '../api/index.js';
import type { MetricProposal } from './metric-proposals.js';
import type { Finding } from './normalization.js';

// k8s 1.37 pkg/controller/podautoscaler horizontal.go reconcileAutoscaler.

/** What is to be done about a target before any metric is asked for. */
export type FirstStep =
  | { readonly do: 'nothing' }
  | { readonly do: 'rescale'; readonly replicas: number; readonly reason: string }
  | { readonly do: 'compute' };

/** spec.minReplicas, which is 1 where nothing is said. */
export const minReplicasOf = ({ spec }: HorizontalPodAutoscaler): number => spec.minReplicas ?? 1;

/** Object and External metrics have values while there is no pod. */
const hasMetricsWithoutPods = ({ spec }: HorizontalPodAutoscaler): boolean =>
  (spec.metrics ?? []).some(({ type }) => type === 'Object' || type === 'External');

/**
 * Whether the target is out of bounds, turned off, or to be measured. A target at zero is turned off unless this controller
 * brought it there (`isScaledToZero`), or without the gate unless minReplicas is zero.
 */
export function firstStep(
  autoscaler: HorizontalPodAutoscaler,
  currentReplicas: number,
  { HPAScaleToZero, isScaledToZero }: { HPAScaleToZero: boolean; isScaledToZero: boolean },
): FirstStep {
  const minReplicas = minReplicasOf(autoscaler);
  const { maxReplicas } = autoscaler.spec;
  if (currentReplicas === 0) {
    const wakesUp = HPAScaleToZero
      ? isScaledToZero && (minReplicas !== 0 || hasMetricsWithoutPods(autoscaler))
      : minReplicas === 0;
    return { do: wakesUp ? 'compute' : 'nothing' };
  }
  if (currentReplicas > maxReplicas) {
    return { do: 'rescale', replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' };
  }
  if (currentReplicas < minReplicas) {
    return { do: 'rescale', replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' };
  }
  return { do: 'compute' };
}

export const SCALING_DISABLED: Finding = {
  status: 'False',
  reason: 'ScalingDisabled',
  message: 'scaling is disabled since the replica count of the target is zero',
};

/** What a successful rescale says about being at zero. */
export const scaledToZero = (autoscaler: HorizontalPodAutoscaler, before: number, after: number): Finding =>
  before > 0 && after === 0 && minReplicasOf(autoscaler) === 0 && hasMetricsWithoutPods(autoscaler)
    ? { status: 'True', reason: 'ScaledToZero', message: 'the HPA controller scaled the workload to zero' }
    : { status: 'False', reason: 'NotScaledToZero', message: 'the HPA controller did not scale the workload to zero' };

/** What all metrics together ask for: the most that any of them does. */
export type Combined =
  | {
      readonly ok: true;
      readonly replicas: number;
      /** Of the metric that asks for most. */
      readonly name: string;
      readonly scalingActive: Finding;
    }
  | { readonly ok: false; readonly scalingActive: Finding; readonly error: string };

/** As computeReplicasForMetrics: one that fails forbids to scale down, and only if all fail to scale up. */
export function combine(proposals: readonly MetricProposal[], specReplicas: number): Combined {
  const failures = proposals.filter((proposal) => !proposal.ok);
  const [first] = failures;
  let replicas = 0;
  let name = '';
  for (const proposal of proposals) {
    if (proposal.ok && (replicas === 0 || proposal.replicas > replicas)) {
      replicas = proposal.replicas;
      name = proposal.name;
    }
  }
  if (first !== undefined && (failures.length >= proposals.length || replicas < specReplicas)) {
    return {
      ok: false,
      scalingActive: {
        status: 'False',
        reason: first.reason,
        message: `the HPA was unable to compute the replica count: ${first.message}`,
      },
      error: `invalid metrics (${failures.length} invalid out of ${proposals.length}), first error is: ${first.error}`,
    };
  }
  const message = `the HPA was able to successfully calculate a replica count from ${name}`;
  return { ok: true, replicas, name, scalingActive: { status: 'True', reason: 'ValidMetricFound', message } };
}

/** Why a count is wanted, in the words of the event. */
export function rescaleReason(replicas: number, currentReplicas: number, metric: string): string {
  return replicas > currentReplicas
    ? `${metric} above target`
    : replicas < currentReplicas
      ? 'All metrics below target'
      : '';
}
