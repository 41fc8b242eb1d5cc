import type { Micros } from '../../engine/index.js';
import { isRestartableInitContainer, milliValueOf, type Pod, podCondition } from '../api/index.js';

// k8s 1.37 pkg/controller/podautoscaler replica_calculator.go and metrics/utilization.go. Values are milli-units, whole numbers.

/** What the resource or custom metrics API says of one pod. */
export interface PodMetric {
  readonly timestamp: Micros;
  /** The time over which the value was measured. */
  readonly window: Micros;
  readonly value: number;
}

/** By pod name. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** How far from 1 a usage ratio may lie before anything is done. */
export interface Tolerances {
  readonly scaleDown: number;
  readonly scaleUp: number;
}

/** What the calculator is told once, by flags and version. */
export interface CalculatorSettings {
  readonly cpuInitializationPeriod: Micros;
  readonly initialReadinessDelay: Micros;
  /** One tolerance for both directions, compared as |1 − ratio|: until 1.33. */
  readonly tolerancesAreSymmetric: boolean;
  /** Pods without a sample count as using their target on a scale-down, when that is above 100 %. */
  readonly missingPodsUseTarget: boolean;
  /** Pods without a sample count as using nothing also when the average is exactly at its target; else they are left out. */
  readonly missingPodsIdleAtTarget: boolean;
  /** Where both samples and a request are missing, the error is about the samples. */
  readonly samplesCheckedFirst: boolean;
  /** Messages of errors name what they are about. */
  readonly errorsNamePods: boolean;
}

/** What is seen of a scale target at one sync. */
export interface Observed {
  readonly currentReplicas: number;
  readonly pods: readonly Pod[];
  readonly tolerances: Tolerances;
  readonly now: Micros;
}

/** A replica count, or why there is none. */
export type Proposal<T> = ({ readonly replicas: number } & T) | { readonly error: string };

/** GetResourceReplicas: by usage as a percentage of what the pods request. */
export function resourceReplicas(
  metrics: PodMetrics,
  { resource, container, targetUtilization }: { resource: string; container: string; targetUtilization: number },
  observed: Observed,
  settings: CalculatorSettings,
): Proposal<{ readonly utilization: number; readonly rawUtilization: number }> {
  const groups = countedPods(metrics, resource, observed, settings);
  if ('error' in groups && (settings.samplesCheckedFirst || observed.pods.length === 0)) {
    return groups;
  }
  const requests = podRequestsOf(observed.pods, resource, container, settings);
  if ('error' in requests) {
    return requests;
  }
  if ('error' in groups) {
    return groups;
  }
  const usageOf = (counted: PodMetrics) => utilizationOf(counted, requests.byPod, targetUtilization);
  const usage = usageOf(groups.counted);
  if ('error' in usage) {
    return usage;
  }
  const fallback = settings.missingPodsUseTarget ? Math.max(100, targetUtilization) : 100;
  const full = (pod: string): number => Math.trunc(((requests.byPod.get(pod) ?? 0) * fallback) / 100);
  const missingUses = usage.ratio < 1 ? full : usage.ratio > 1 ? () => 0 : undefined;
  const replicas = replicasFor(usage.ratio, groups, missingUses, observed, settings, (counted) => {
    const filled = usageOf(counted);
    return 'error' in filled ? Number.NaN : filled.ratio;
  });
  return { replicas, utilization: usage.utilization, rawUtilization: usage.average };
}

/** calcPlainMetricReplicas: by the average of a value per pod. `resource` is empty for custom metrics. */
export function averageValueReplicas(
  metrics: PodMetrics,
  { resource, targetValue }: { resource: string; targetValue: number },
  observed: Observed,
  settings: CalculatorSettings,
): Proposal<{ readonly usage: number }> {
  const groups = countedPods(metrics, resource, observed, settings);
  if ('error' in groups) {
    return groups;
  }
  const usage = averageOf(groups.counted);
  const ratioOf = (counted: PodMetrics): number => averageOf(counted) / targetValue;
  const isIdle = usage > targetValue || (usage === targetValue && settings.missingPodsIdleAtTarget);
  const missingUses = usage < targetValue ? () => targetValue : isIdle ? () => 0 : undefined;
  const replicas = replicasFor(usage / targetValue, groups, missingUses, observed, settings, ratioOf);
  return { replicas, usage };
}

/** getUsageRatioReplicaCount: by one value for all. Without a pod there is nothing to be tolerant of. */
export function usageRatioReplicas(
  ratio: number,
  { currentReplicas, pods, tolerances }: Observed,
  settings: CalculatorSettings,
): Proposal<object> {
  if (currentReplicas === 0) {
    return { replicas: Math.ceil(ratio) };
  }
  if (isWithin(ratio, tolerances, settings)) {
    return { replicas: currentReplicas };
  }
  if (pods.length === 0) {
    return { error: `unable to calculate ready pods: ${NO_PODS}` };
  }
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && podCondition(pod, 'Ready')?.status === 'True');
  return { replicas: Math.ceil(ratio * ready.length) };
}

/** GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas: by one value, shared by all pods. */
export function perPodReplicas(
  usage: number,
  targetAverage: number,
  statusReplicas: number,
  tolerances: Tolerances,
  settings: CalculatorSettings,
): { readonly replicas: number; readonly usage: number } {
  const ratio = usage / (targetAverage * statusReplicas);
  return {
    replicas: isWithin(ratio, tolerances, settings) ? statusReplicas : Math.ceil(usage / targetAverage),
    usage: Math.ceil(usage / statusReplicas),
  };
}

const NO_PODS = 'no pods returned by selector while calculating replica count';

/** Samples that count, and the pods that have none or whose samples mean nothing yet. */
interface Groups {
  readonly counted: PodMetrics;
  readonly readyPodCount: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
}

function countedPods(
  metrics: PodMetrics,
  resource: string,
  { pods, now }: Observed,
  settings: CalculatorSettings,
): Groups | { readonly error: string } {
  if (pods.length === 0) {
    return { error: NO_PODS };
  }
  const counted = new Map(metrics);
  const unready: string[] = [];
  const missing: string[] = [];
  let readyPodCount = 0;
  for (const pod of pods) {
    const { name } = pod.metadata;
    const group = groupOf(pod, metrics.get(name), resource, now, settings);
    if (group === 'ready') {
      readyPodCount++;
    } else if (group === 'missing') {
      missing.push(name);
    } else {
      counted.delete(name);
      if (group === 'unready') {
        unready.push(name);
      }
    }
  }
  if (counted.size === 0) {
    const found = settings.errorsNamePods ? 'targeted pods (pods might be unready)' : 'any ready pods';
    return { error: `did not receive metrics for ${found}` };
  }
  return { counted, readyPodCount, unready, missing };
}

/** As groupPods. What a starting pod burns of CPU says nothing of its load. */
function groupOf(
  pod: Pod,
  metric: PodMetric | undefined,
  resource: string,
  now: Micros,
  { cpuInitializationPeriod, initialReadinessDelay }: CalculatorSettings,
): 'ready' | 'unready' | 'missing' | 'ignored' {
  const { phase, startTime } = pod.status ?? {};
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed') {
    return 'ignored';
  }
  if (phase === 'Pending') {
    return 'unready';
  }
  if (metric === undefined) {
    return 'missing';
  }
  if (resource !== 'cpu') {
    return 'ready';
  }
  const ready = podCondition(pod, 'Ready');
  if (ready === undefined || startTime === undefined) {
    return 'unready';
  }
  const { status, lastTransitionTime = 0 } = ready;
  const isUnready =
    startTime + cpuInitializationPeriod > now
      ? status === 'False' || metric.timestamp < lastTransitionTime + metric.window
      : status === 'False' && startTime + initialReadinessDelay > lastTransitionTime;
  return isUnready ? 'unready' : 'ready';
}

/** As calculatePodRequests: of all containers that stay, or of one. Pods that share a spec share the sum. */
function podRequestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string,
  { errorsNamePods }: CalculatorSettings,
): { readonly byPod: ReadonlyMap<string, number> } | { readonly error: string } {
  const byPod = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const podLevel = container === '' ? spec.resources?.requests : undefined;
    if (podLevel !== undefined && ('cpu' in podLevel || 'memory' in podLevel)) {
      const request = podLevel[resource];
      if (request === undefined) {
        return { error: `missing pod-level request for ${resource} in Pod ${metadata.name}` };
      }
      byPod.set(metadata.name, milliValueOf(request));
      continue;
    }
    let sum = 0;
    for (const one of [...spec.containers, ...(spec.initContainers ?? []).filter(isRestartableInitContainer)]) {
      if (container !== '' && container !== one.name) {
        continue;
      }
      const request = one.resources?.requests?.[resource];
      if (request === undefined) {
        const where = errorsNamePods ? ` in container ${one.name} of Pod ${metadata.name}` : '';
        return { error: `missing request for ${resource}${where}` };
      }
      sum += milliValueOf(request);
    }
    byPod.set(metadata.name, sum);
  }
  return { byPod };
}

/** As GetResourceUtilizationRatio: whole per cent, rounded down. */
function utilizationOf(
  metrics: PodMetrics,
  requests: ReadonlyMap<string, number>,
  target: number,
): { readonly ratio: number; readonly utilization: number; readonly average: number } | { readonly error: string } {
  let used = 0;
  let requested = 0;
  let count = 0;
  for (const [pod, { value }] of metrics) {
    const request = requests.get(pod);
    if (request !== undefined) {
      used += value;
      requested += request;
      count++;
    }
  }
  if (requested === 0) {
    return { error: 'no metrics returned matched known pods' };
  }
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target, utilization, average: Math.trunc(used / count) };
}

function averageOf(metrics: PodMetrics): number {
  let sum = 0;
  for (const { value } of metrics.values()) {
    sum += value;
  }
  return Math.trunc(sum / metrics.size);
}

/**
 * The replicas that bring the ratio to 1, by the pods that have samples. Those without are taken to weigh against the change:
 * unready ones use nothing when there is need of more, missing ones what `missingUses` says (undefined: they are left out).
 */
function replicasFor(
  ratio: number,
  { counted, readyPodCount, unready, missing }: Groups,
  missingUses: ((pod: string) => number) | undefined,
  { currentReplicas, tolerances }: Observed,
  settings: CalculatorSettings,
  ratioOf: (counted: PodMetrics) => number,
): number {
  const growsWithUnready = unready.length > 0 && ratio > 1;
  if (!growsWithUnready && missing.length === 0) {
    return isWithin(ratio, tolerances, settings) ? currentReplicas : Math.ceil(ratio * readyPodCount);
  }
  const filled = new Map(counted);
  for (const pod of missingUses ? missing : []) {
    filled.set(pod, { timestamp: 0, window: 0, value: missingUses?.(pod) ?? 0 });
  }
  if (growsWithUnready) {
    for (const pod of unready) {
      filled.set(pod, { timestamp: 0, window: 0, value: 0 });
    }
  }
  const newRatio = ratioOf(filled);
  const turns = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
  if (isWithin(newRatio, tolerances, settings) || turns) {
    return currentReplicas;
  }
  const replicas = Math.ceil(newRatio * filled.size);
  const contradicts = (newRatio < 1 && replicas > currentReplicas) || (newRatio > 1 && replicas < currentReplicas);
  return contradicts ? currentReplicas : replicas;
}

const isWithin = (ratio: number, { scaleDown, scaleUp }: Tolerances, settings: CalculatorSettings): boolean =>
  settings.tolerancesAreSymmetric ? Math.abs(1 - ratio) <= scaleUp : 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
