import { isCriticalPod, type Pod, type QosClass, qosClassOf, resourceRequest } from '../../api/index.js';
import type { InsufficientResource } from './predicates.js';

/** How much of a resource must be freed. */
interface Requirement {
  readonly resource: string;
  readonly quantity: number;
}

export type Preemption =
  | { readonly ok: true; readonly pods: readonly Pod[] }
  /** Nobody's leaving would make room. */
  | { readonly ok: false; readonly error: string };

/**
 * Pods to kill for a critical pod that lacks only resources: BestEffort rather than Burstable rather than Guaranteed
 * pods, few rather than many, small rather than large. As getPodsToPreempt (k8s 1.37
 * pkg/kubelet/preemption/preemption.go).
 */
export function podsToPreempt(pod: Pod, pods: readonly Pod[], lacking: readonly InsufficientResource[]): Preemption {
  const requirements = lacking.map(({ resource, requested, used, capacity }) => ({
    resource,
    quantity: requested - (capacity - used),
  }));
  const preemptable = pods.filter((other) => isPreemptable(pod, other));
  const unmet = less(requirements, preemptable);
  if (unmet.length > 0) {
    return { ok: false, error: `no set of running pods found to reclaim resources: ${textOf(unmet)}` };
  }
  const ofClass = (qos: QosClass): readonly Pod[] => preemptable.filter((other) => qosClassOf(other) === qos);
  const bestEffort = ofClass('BestEffort');
  const burstable = ofClass('Burstable');
  // Of each class only those needed even if all of the lesser classes left, and those already chosen.
  const guaranteedOut = closestTo(less(requirements, [...bestEffort, ...burstable]), ofClass('Guaranteed'));
  const burstableOut = closestTo(less(requirements, [...bestEffort, ...guaranteedOut]), burstable);
  const bestEffortOut = closestTo(less(requirements, [...burstableOut, ...guaranteedOut]), bestEffort);
  return { ok: true, pods: [...bestEffortOut, ...burstableOut, ...guaranteedOut] };
}

/** As Preemptable (k8s 1.37 pkg/kubelet/types/pod_update.go). */
const isPreemptable = (preemptor: Pod, pod: Pod): boolean =>
  (isCriticalPod(preemptor) && !isCriticalPod(pod)) ||
  (preemptor.spec.priority !== undefined &&
    pod.spec.priority !== undefined &&
    preemptor.spec.priority > pod.spec.priority);

/** What is still required once these pods are gone. */
const less = (requirements: readonly Requirement[], pods: readonly Pod[]): readonly Requirement[] =>
  requirements
    .map(({ resource, quantity }) => ({
      resource,
      quantity: pods.reduce((rest, pod) => rest - resourceRequest(pod, resource), quantity),
    }))
    .filter(({ quantity }) => quantity > 0);

/** Takes the pod that meets the requirements best, until they are met. As getPodsToPreemptByDistance (k8s 1.37). */
function closestTo(requirements: readonly Requirement[], pods: readonly Pod[]): readonly Pod[] {
  const rest = [...pods];
  const chosen: Pod[] = [];
  let missing = requirements;
  while (missing.length > 0 && rest.length > 0) {
    let best = 0;
    let bestDistance = missing.length + 1;
    rest.forEach((pod, i) => {
      const distance = distanceTo(missing, pod);
      if (distance < bestDistance || (distance === bestDistance && isSmaller(pod, rest[best]!))) {
        best = i;
        bestDistance = distance;
      }
    });
    const pod = rest[best]!;
    missing = less(missing, [pod]);
    chosen.push(pod);
    // The last takes the place of the chosen one, which decides later ties.
    rest[best] = rest.at(-1)!;
    rest.pop();
  }
  return chosen;
}

/** Each requirement weighs alike: the share of it that the pod leaves unmet, squared. */
const distanceTo = (requirements: readonly Requirement[], pod: Pod): number =>
  requirements.reduce((distance, { resource, quantity }) => {
    const unmet = Math.max(0, quantity - resourceRequest(pod, resource));
    return distance + (unmet / quantity) ** 2;
  }, 0);

/** By memory, then cpu; equal is smaller, too. */
function isSmaller(pod: Pod, than: Pod): boolean {
  for (const resource of ['memory', 'cpu']) {
    const difference = resourceRequest(pod, resource) - resourceRequest(than, resource);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return true;
}

const textOf = (requirements: readonly Requirement[]): string =>
  `[${requirements.map(({ resource, quantity }) => `(res: ${resource}, q: ${quantity}), `).join('')}]`;
