import {
  cachedByResources,
  isExtendedResource,
  milliValueOf,
  type Node,
  type PodSpec,
  podRequests,
  type ResourceList,
  valueOf,
} from '../../api/index.js';

/** Amounts of resources as the scheduler counts them: millicores, bytes, and whole units of everything else. */
export interface Resources {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages and attachable volumes by name; undefined when there are none. */
  readonly scalars: ReadonlyMap<string, number> | undefined;
}

/** What a pod asks for, in the three ways in which plugins count it. */
export interface PodRequests extends Resources {
  /** With defaults for containers that do not mention cpu or memory. */
  readonly nonZeroMilliCpu: number;
  readonly nonZeroMemory: number;
  /** The same of containers alone, whatever the pod asks for as a whole: what NodeResourcesFit scores an incoming pod by. */
  readonly containers: Resources;
  readonly isNothing: boolean;
}

export interface Allocatable extends Resources {
  readonly pods: number;
}

/** pkg/scheduler/util/pod_resources.go DefaultMilliCPURequest, DefaultMemoryRequest. */
const NON_ZERO_DEFAULTS: ResourceList = { cpu: '100m', memory: '209715200' };

/** As IsScalarResourceName (pkg/scheduler/util/utils.go): what is counted besides cpu, memory and ephemeral storage. */
export function isScalarResource(name: string): boolean {
  return (
    isExtendedResource(name) ||
    name.startsWith('hugepages-') ||
    name.includes('kubernetes.io/') ||
    name.startsWith('attachable-volumes-')
  );
}

function countResources(list: ResourceList | undefined): Resources {
  let scalars: Map<string, number> | undefined;
  for (const name in list) {
    if (isScalarResource(name)) {
      scalars ??= new Map();
      scalars.set(name, valueOf(list[name] as string));
    }
  }
  return {
    milliCpu: milliValueOf(list?.cpu ?? 0),
    memory: valueOf(list?.memory ?? 0),
    ephemeralStorage: valueOf(list?.['ephemeral-storage'] ?? 0),
    scalars,
  };
}

export const countAllocatable = (node: Node): Allocatable => ({
  ...countResources(node.status?.allocatable),
  pods: valueOf(node.status?.allocatable?.pods ?? 0),
});

/**
 * What a pod asks of a node, counted once per pod. As PodInfo.CalculateResource (pkg/scheduler/framework/types.go): a default
 * stands in for each container that lacks the key; where the pod as a whole names a resource its default is not needed.
 */
export const requestsForScheduling: (spec: PodSpec) => PodRequests = cachedByResources((spec) => {
  const requests = podRequests(spec);
  const isPodLevel = spec.resources?.requests !== undefined;
  const missing: Record<string, string> = {};
  for (const name of ['cpu', 'memory'] as const) {
    if (!isPodLevel || requests[name] === undefined) {
      missing[name] = NON_ZERO_DEFAULTS[name] as string;
    }
  }
  const nonZero = podRequests(spec, { nonMissingContainerRequests: missing });
  const plain = countResources(requests);
  return {
    ...plain,
    nonZeroMilliCpu: milliValueOf(nonZero.cpu ?? 0),
    nonZeroMemory: valueOf(nonZero.memory ?? 0),
    containers: countResources(
      podRequests(spec, { skipPodLevelResources: true, nonMissingContainerRequests: NON_ZERO_DEFAULTS }),
    ),
    isNothing:
      plain.milliCpu === 0 && plain.memory === 0 && plain.ephemeralStorage === 0 && plain.scalars === undefined,
  };
});

/** Amount of one resource by name; 0 for what is not counted. */
export function amountIn(resources: Resources, name: string): number {
  switch (name) {
    case 'cpu':
      return resources.milliCpu;
    case 'memory':
      return resources.memory;
    case 'ephemeral-storage':
      return resources.ephemeralStorage;
    default:
      return resources.scalars?.get(name) ?? 0;
  }
}

/** Places of what every node has, in the order in which it is told that it lacks. */
export const PLACES = { pods: 0, cpu: 1, memory: 2, 'ephemeral-storage': 3 } as const;

const FIRST_SCALAR = 4;
const scalarPlaces = new Map<string, number>();

/** Where the amount of a scalar stands in arrays by resource. */
export function placeOf(scalar: string): number {
  let place = scalarPlaces.get(scalar);
  if (place === undefined) {
    place = FIRST_SCALAR + scalarPlaces.size;
    scalarPlaces.set(scalar, place);
  }
  return place;
}

/** Writes what is left by place; of scalars beyond the end nothing is. `free` was made for this `allocatable`, or is empty. */
export function countFree(free: number[], allocatable: Allocatable, requested: Resources, pods: number): void {
  free[PLACES.pods] = allocatable.pods - pods;
  free[PLACES.cpu] = allocatable.milliCpu - requested.milliCpu;
  free[PLACES.memory] = allocatable.memory - requested.memory;
  free[PLACES['ephemeral-storage']] = allocatable.ephemeralStorage - requested.ephemeralStorage;
  if (allocatable.scalars !== undefined) {
    for (const [name, amount] of allocatable.scalars) {
      const place = placeOf(name);
      while (free.length < place) {
        free.push(0);
      }
      free[place] = amount - (requested.scalars?.get(name) ?? 0);
    }
  }
}

/** Largest product that a double holds exactly. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** part · 100 / whole in whole numbers, as int64 division does. */
export const percentOf = (part: number, whole: number): number =>
  part * 100 <= MAX_EXACT ? Math.trunc((part * 100) / whole) : Number((BigInt(part) * 100n) / BigInt(whole));
