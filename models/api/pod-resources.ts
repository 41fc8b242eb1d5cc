import type { Container, Pod, PodSpec } from './generated/types.js';
import { type Amount, amountOf, compareAmounts, valueOf } from './quantity.js';
import { type ResourceList, ResourceSum } from './resource-list.js';
import { isRestartableInitContainer } from './restart-policy.js';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** What may be left out of a pod's requests or put in. As PodResourcesOptions (k8s.io/component-helpers resource). */
export interface PodResourcesOptions {
  readonly excludeOverhead?: boolean;
  readonly skipPodLevelResources?: boolean;
  /** Taken for a container that does not mention the resource; an explicit zero stays zero. */
  readonly nonMissingContainerRequests?: ResourceList;
}

type ResourcesOf = (container: Container) => ResourceList | undefined;

const requestsOf: ResourcesOf = (container) => container.resources?.requests;
const limitsOf: ResourcesOf = (container) => container.resources?.limits;

const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

const hasPodLevelResource = (list: ResourceList | undefined): boolean =>
  list !== undefined && Object.keys(list).some(isPodLevelResource);

/**
 * What a pod asks of its node: containers and sidecars together, or the largest moment of initialisation; pod-level resources in
 * their place; overhead on top. As PodRequests (k8s.io/component-helpers resource). Leaves out a resize in progress.
 */
export function podRequests(spec: PodSpec, options: PodResourcesOptions = {}): ResourceList {
  const sum = aggregate(spec, requestsOf, options.nonMissingContainerRequests);
  if (!options.skipPodLevelResources && hasPodLevelResource(spec.resources?.requests)) {
    applyPodLevel(sum, spec.resources?.requests);
  }
  if (!options.excludeOverhead) {
    sum.add(spec.overhead);
  }
  return sum.toList();
}

/** As PodLimits; overhead is added only to limits that are set. */
export function podLimits(spec: PodSpec, options: PodResourcesOptions = {}): ResourceList {
  const sum = aggregate(spec, limitsOf);
  const podLevel = spec.resources;
  if (
    !options.skipPodLevelResources &&
    (hasPodLevelResource(podLevel?.requests) || hasPodLevelResource(podLevel?.limits))
  ) {
    applyPodLevel(sum, podLevel?.limits);
  }
  if (!options.excludeOverhead && spec.overhead) {
    for (const [name, quantity] of Object.entries(spec.overhead)) {
      if ((sum.get(name)?.unscaled ?? 0n) !== 0n) {
        sum.add({ [name]: quantity });
      }
    }
  }
  return sum.toList();
}

/** Requests of containers and init containers alone. As AggregateContainerRequests. */
export const aggregateContainerRequests = (spec: PodSpec): ResourceList => aggregate(spec, requestsOf).toList();

/** As AggregateContainerLimits. */
export const aggregateContainerLimits = (spec: PodSpec): ResourceList => aggregate(spec, limitsOf).toList();

function applyPodLevel(sum: ResourceSum, podLevel: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(podLevel ?? {})) {
    if (isPodLevelResource(name)) {
      sum.set(name, quantity);
    }
  }
}

function aggregate(spec: PodSpec, resourcesOf: ResourcesOf, nonMissing: ResourceList = {}): ResourceSum {
  const complete = (container: Container): ResourceList => ({ ...nonMissing, ...resourcesOf(container) });
  const result = new ResourceSum();
  for (const container of spec.containers) {
    result.add(complete(container));
  }
  // While the i-th init container runs, the sidecars before it run too.
  const sidecars = new ResourceSum();
  const initialising = new ResourceSum();
  for (const container of spec.initContainers ?? []) {
    const resources = complete(container);
    if (isRestartableInitContainer(container)) {
      result.add(resources);
      sidecars.add(resources);
      initialising.max(sidecars);
    } else {
      initialising.max(new ResourceSum().add(resources).add(sidecars));
    }
  }
  return result.max(initialising);
}

/**
 * Remembers what depends on a pod's resources alone. Pods of one template share their containers, hence one entry; overhead and
 * pod-level resources are compared.
 */
export function cachedByResources<T>(compute: (spec: PodSpec) => T): (spec: PodSpec) => T {
  const cache = new WeakMap<PodSpec['containers'], { readonly spec: PodSpec; readonly result: T }>();
  return (spec) => {
    const found = cache.get(spec.containers);
    if (
      found !== undefined &&
      found.spec.initContainers === spec.initContainers &&
      found.spec.overhead === spec.overhead &&
      found.spec.resources === spec.resources
    ) {
      return found.result;
    }
    const result = compute(spec);
    cache.set(spec.containers, { spec, result });
    return result;
  };
}

/** podRequests with default options, remembered: what the scheduler and the kubelet count. */
export const requestsOfPod: (spec: PodSpec) => ResourceList = cachedByResources((spec) => podRequests(spec));

/** podLimits with default options, remembered. */
export const limitsOfPod: (spec: PodSpec) => ResourceList = cachedByResources((spec) => podLimits(spec));

const QOS_RESOURCES = ['cpu', 'memory'] as const;

/** As ComputePodQOS (pkg/apis/core/v1/helper/qos): cpu and memory decide, init containers count. */
export const computeQosClass: (spec: PodSpec) => QosClass = cachedByResources((spec) => {
  const podLevel = spec.resources;
  const isPodLevel = hasPodLevelResource(podLevel?.requests) || hasPodLevelResource(podLevel?.limits);
  const parts = isPodLevel
    ? [podLevel]
    : [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources);
  const requests = new ResourceSum();
  const limits = new ResourceSum();
  let everyPartIsLimited = true;
  for (const part of parts) {
    requests.add(positive(part?.requests));
    const limited = positive(part?.limits);
    limits.add(limited);
    everyPartIsLimited &&= QOS_RESOURCES.every((name) => name in limited);
  }
  const [asked, allowed] = [[...requests.entries()], [...limits.entries()]];
  if (asked.length === 0 && allowed.length === 0) {
    return 'BestEffort';
  }
  const isMatched = asked.every(([name, amount]) => isEqual(limits.get(name), amount));
  return everyPartIsLimited && isMatched && asked.length === allowed.length ? 'Guaranteed' : 'Burstable';
});

const isEqual = (a: Amount | undefined, b: Amount): boolean => a !== undefined && compareAmounts(a, b) === 0;

function positive(list: ResourceList | undefined): ResourceList {
  const kept: Record<string, string | number> = {};
  for (const name of QOS_RESOURCES) {
    const quantity = list?.[name];
    if (quantity !== undefined && amountOf(quantity).unscaled > 0n) {
      kept[name] = quantity;
    }
  }
  return kept;
}

/** The class fixed at creation, or computed where the status has none yet. As GetPodQOS. */
export const qosClassOf = (pod: Pod): QosClass =>
  (pod.status?.qosClass as QosClass | undefined) ?? computeQosClass(pod.spec);

/** pkg/kubelet/qos policy.go. */
const GUARANTEED_OOM_SCORE_ADJUST = -997;
const BEST_EFFORT_OOM_SCORE_ADJUST = 1000;

/**
 * oom_score_adj of a container: the larger, the sooner the kernel kills it. As GetContainerOOMScoreAdjust (pkg/kubelet/qos).
 * @param memoryCapacity bytes of the node
 */
export function oomScoreAdjust(pod: Pod, container: Container, memoryCapacity: number): number {
  const { spec } = pod;
  const qos = qosClassOf(pod);
  if (spec.priorityClassName === 'system-node-critical' || qos === 'Guaranteed') {
    return GUARANTEED_OOM_SCORE_ADJUST;
  }
  if (qos === 'BestEffort') {
    return BEST_EFFORT_OOM_SCORE_ADJUST;
  }
  const share = unclaimedMemoryPerContainer(spec);
  const adjustFor = (memoryRequest: number): number =>
    1000 - Math.trunc((1000 * (memoryRequest + share)) / memoryCapacity);
  let adjust = adjustFor(memoryRequestOf(container));
  if (spec.initContainers?.some((init) => init.name === container.name && isRestartableInitContainer(init))) {
    // A sidecar is not killed before the containers that it serves.
    adjust = Math.min(adjust, adjustFor(Math.min(...spec.containers.map(memoryRequestOf))));
  }
  if (adjust < 1000 + GUARANTEED_OOM_SCORE_ADJUST) {
    return 1000 + GUARANTEED_OOM_SCORE_ADJUST;
  }
  return adjust === BEST_EFFORT_OOM_SCORE_ADJUST ? adjust - 1 : adjust;
}

const memoryRequestOf = (container: Container): number => valueOf(container.resources?.requests?.memory ?? 0);

/** Memory requested for the pod beyond what its containers request, dealt out evenly. */
function unclaimedMemoryPerContainer(spec: PodSpec): number {
  const podLevel = spec.resources?.requests;
  if (!hasPodLevelResource(podLevel) || podLevel?.memory === undefined) {
    return 0;
  }
  const count = spec.containers.length + (spec.initContainers?.length ?? 0);
  const unclaimed = valueOf(podLevel.memory) - valueOf(aggregateContainerRequests(spec).memory ?? 0);
  return Math.trunc(unclaimed / count);
}
