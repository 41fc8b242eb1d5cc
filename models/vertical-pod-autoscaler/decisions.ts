import type { Micros } from '../../engine/index.js';
import { containerStatusOf, milliValueOf, type Pod, type VerticalPodAutoscaler } from '../api/index.js';
import { OBSERVED_CONTAINERS } from './admission.js';
import type { UpdaterSettings } from './config.js';
import { policyOf, RESOURCES, type ResourceAmounts } from './recommendation.js';

// kubernetes/autoscaler vertical-pod-autoscaler/pkg/updater priority/update_priority_calculator.go,
// priority/priority_processor.go, restriction/pods_eviction_restriction.go

/** How much a pod would gain from being made anew. */
export interface Priority {
  /** A request lies outside the bounds of the recommendation. */
  readonly isOutsideRange: boolean;
  /** Some container wants more than it requests. */
  readonly scaleUp: boolean;
  /** Relative difference between what is requested and recommended, summed over the resources. */
  readonly resourceDiff: number;
}

/** As GetUpdatePriority. */
export function priorityOf(pod: Pod, { status }: VerticalPodAutoscaler): Priority {
  const requested = new Map<string, number>();
  const recommended = new Map<string, number>();
  let scaleUp = false;
  let isOutsideRange = false;
  for (const { name, resources } of observedContainers(pod)) {
    const found = status?.recommendation?.containerRecommendations?.find((one) => one.containerName === name);
    const { target = {}, lowerBound = {}, upperBound = {} } = (found ?? {}) as Bounds;
    for (const resource of RESOURCES) {
      const wanted = target[resource];
      if (wanted === undefined) {
        continue;
      }
      recommended.set(resource, (recommended.get(resource) ?? 0) + milliValueOf(wanted));
      const request = resources?.requests?.[resource];
      const has = request === undefined ? 0 : milliValueOf(request);
      requested.set(resource, (requested.get(resource) ?? 0) + has);
      const isUnder = lowerBound[resource] !== undefined && has < milliValueOf(lowerBound[resource]);
      const isOver = upperBound[resource] !== undefined && has > milliValueOf(upperBound[resource]);
      scaleUp ||= request === undefined || milliValueOf(wanted) > has;
      isOutsideRange ||= request === undefined || isUnder || isOver;
    }
  }
  let resourceDiff = 0;
  for (const [resource, wanted] of recommended) {
    const has = Math.max(requested.get(resource) ?? 0, 1);
    resourceDiff += Math.abs(has - wanted) / has;
  }
  return { isOutsideRange, scaleUp, resourceDiff };
}

interface Bounds {
  readonly target?: ResourceAmounts;
  readonly lowerBound?: ResourceAmounts;
  readonly upperBound?: ResourceAmounts;
}

/** Those that admission knew; all of a pod that it never saw. */
function observedContainers({ metadata, spec }: Pod): Pod['spec']['containers'] {
  const observed = metadata.annotations?.[OBSERVED_CONTAINERS]?.split(', ');
  return observed === undefined ? spec.containers : spec.containers.filter(({ name }) => observed.includes(name));
}

/** Pods worth evicting, those that gain most first. As AddPod and GetSortedPods. */
export function podsToUpdate(
  pods: readonly Pod[],
  autoscaler: VerticalPodAutoscaler,
  settings: UpdaterSettings,
  now: Micros,
): readonly Pod[] {
  return pods
    .map((pod) => ({ pod, priority: priorityOf(pod, autoscaler) }))
    .filter(({ pod, priority }) => isWorthIt(pod, priority, autoscaler, settings, now))
    .sort(
      ({ priority: a }, { priority: b }) => Number(b.scaleUp) - Number(a.scaleUp) || b.resourceDiff - a.resourceDiff,
    )
    .map(({ pod }) => pod);
}

function isWorthIt(
  pod: Pod,
  { isOutsideRange, resourceDiff }: Priority,
  autoscaler: VerticalPodAutoscaler,
  { podLifetimeUpdateThreshold, podUpdateThreshold, evictAfterOOMThreshold }: UpdaterSettings,
  now: Micros,
): boolean {
  const ranOutQuickly = hasQuickOOM(pod, autoscaler, evictAfterOOMThreshold);
  if (ranOutQuickly && resourceDiff === 0) {
    return false;
  }
  if (isOutsideRange || ranOutQuickly) {
    return true;
  }
  const { startTime } = pod.status ?? {};
  return startTime !== undefined && now >= startTime + podLifetimeUpdateThreshold && resourceDiff >= podUpdateThreshold;
}

/** Some container that is scaled was killed for memory this soon after its start. */
const hasQuickOOM = (pod: Pod, { spec }: VerticalPodAutoscaler, threshold: Micros): boolean =>
  observedContainers(pod).some(({ name }) => {
    const ended = containerStatusOf(pod, name)?.lastState?.terminated;
    return (
      policyOf(spec, name)?.mode !== 'Off' &&
      ended?.reason === 'OOMKilled' &&
      (ended.finishedAt ?? 0) - (ended.startedAt ?? 0) < threshold
    );
  });

/** Pods of one controller, for telling how many may be missing. */
export interface ReplicaGroup {
  /** spec.replicas of the controller. */
  readonly configured: number;
  readonly pods: readonly Pod[];
}

/** How many of a group may be evicted in one pass, besides pending ones. As CanEvict, asked until it says no. */
export function evictionsAllowed({ configured, pods }: ReplicaGroup, { evictionTolerance }: UpdaterSettings): number {
  const tolerated = Math.trunc(configured * evictionTolerance);
  const running = pods.filter(({ status }) => status?.phase !== 'Pending').length;
  if (tolerated === 0) {
    return running === configured && running > 0 ? 1 : 0;
  }
  return Math.max(0, running - (configured - tolerated));
}
