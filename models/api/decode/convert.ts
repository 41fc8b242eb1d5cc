import type { Mistake } from './mistake.js';

type Json = Readonly<Record<string, unknown>>;

/** What an older version of a kind comes to, or why that cannot be said. */
type Converted = { readonly object: Json } | { readonly mistake: Mistake };
type Convert = (object: Json) => Converted;

const asVersion =
  (apiVersion: string): Convert =>
  (object) => ({ object: { ...object, apiVersion } });

/** "group/version/Kind", read by its own definition, to the version that kubewhen knows. */
export const CONVERSIONS: Readonly<Record<string, Convert>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': fromAutoscalingV1,
  // The metrics and behavior of v2beta2 were taken over into v2 as they were.
  'autoscaling/v2beta2/HorizontalPodAutoscaler': asVersion('autoscaling/v2'),
  'batch/v1beta1/CronJob': asVersion('batch/v1'),
  'policy/v1beta1/PodDisruptionBudget': fromPolicyV1beta1,
};

/** Annotations in which autoscaling/v1 carries what only v2 has fields for (pkg/apis/autoscaling/annotations.go). */
const CARRIED = ['metrics', 'behavior', 'conditions', 'current-metrics'].map(
  (name) => `autoscaling.alpha.kubernetes.io/${name}`,
);

/** As Convert_v1_HorizontalPodAutoscaler_To_autoscaling (pkg/apis/autoscaling/v1/conversion.go). Leaves out the annotations. */
function fromAutoscalingV1(object: Json): Converted {
  const metadata = object['metadata'] as { annotations?: Json };
  const carried = CARRIED.slice(0, 2).find((name) => metadata.annotations?.[name] !== undefined);
  if (carried !== undefined) {
    return {
      mistake: {
        code: 'BAD_VALUE',
        path: ['metadata', 'annotations', carried],
        message: `found metrics of autoscaling/v2 in an annotation of autoscaling/v1, expected apiVersion autoscaling/v2 with its own fields`,
      },
    };
  }
  const { targetCPUUtilizationPercentage, ...spec } = object['spec'] as Json;
  const { currentCPUUtilizationPercentage, ...status } = (object['status'] ?? {}) as Json;
  const metrics = targetCPUUtilizationPercentage !== undefined && {
    metrics: [
      {
        type: 'Resource',
        resource: {
          name: 'cpu',
          target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage },
        },
      },
    ],
  };
  const currentMetrics = currentCPUUtilizationPercentage !== undefined && {
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } },
      },
    ],
  };
  return {
    object: {
      ...object,
      apiVersion: 'autoscaling/v2',
      spec: { ...spec, ...metrics },
      ...(object['status'] !== undefined && { status: { ...status, ...currentMetrics } }),
    },
  };
}

/**
 * An empty selector selected no pods in policy/v1beta1 and selects all in policy/v1
 * (pkg/apis/policy/v1beta1/conversion.go).
 */
function fromPolicyV1beta1(object: Json): Converted {
  const spec = object['spec'] as { readonly selector?: { readonly matchLabels?: Json; matchExpressions?: unknown[] } };
  const { selector } = spec;
  const isEmpty =
    selector !== undefined &&
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0;
  const none = {
    matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator: 'Exists' }],
  };
  return { object: { ...object, apiVersion: 'policy/v1', ...(isEmpty && { spec: { ...spec, selector: none } }) } };
}
