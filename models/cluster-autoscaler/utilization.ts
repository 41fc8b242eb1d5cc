import { type Micros, seconds } from '../../engine/time/micros.js';
import { isDaemonSetPod, isPodTerminal, milliValueOf, type Node, type Pod, requestsOfPod } from '../api/index.js';

/** Extended resources of GPUs. As GPUVendorResourceNames (autoscaler cluster-autoscaler/utils/gpu/gpu.go). */
const GPU_RESOURCES = ['nvidia.com/gpu', 'habana.ai/gaudi', 'gpu.intel.com/xe', 'amd.com/gpu', 'microsoft.com/directx'];

const allocatableOf = (node: Node, resource: string): number =>
  milliValueOf(node.status?.allocatable?.[resource] ?? '0');

const requestOf = (pod: Pod, resource: string): number => milliValueOf(requestsOfPod(pod.spec)[resource] ?? '0');

const sumOf = (pods: readonly Pod[], resource: string): number =>
  pods.reduce((sum, pod) => sum + requestOf(pod, resource), 0);

/** The resource of the node's GPUs; undefined when it has none. */
export const gpuResourceOf = (node: Node): string | undefined =>
  GPU_RESOURCES.find((resource) => allocatableOf(node, resource) > 0);

export const asksForGpu = (pod: Pod): boolean => GPU_RESOURCES.some((resource) => requestOf(pod, resource) > 0);

/** utils/drain/drain.go PodLongTerminatingExtraThreshold */
const LONG_TERMINATING: Micros = seconds(30);

/** Should have been gone for a while: its kubelet is dead, or a finalizer holds it. As IsPodLongTerminating (utils/drain). */
export function isLongTerminating({ metadata, spec }: Pod, now: Micros): boolean {
  const grace = seconds(spec.terminationGracePeriodSeconds ?? 30);
  return metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp + grace + LONG_TERMINATING < now;
}

/**
 * Share of a node that its pods ask for: the larger of CPU and memory, or that of its GPUs alone. Pods of DaemonSets that do not
 * count make the node smaller. As utilization.Calculate (simulator/utilization/info.go).
 */
export function utilization(node: Node, pods: readonly Pod[], ignoresDaemonSets: boolean, now: Micros): number {
  const running = pods.filter((pod) => !isPodTerminal(pod) && !isLongTerminating(pod, now));
  const aside = ignoresDaemonSets ? running.filter(isDaemonSetPod) : [];
  const counted = ignoresDaemonSets ? running.filter((pod) => !isDaemonSetPod(pod)) : running;
  const share = (resource: string): number => {
    const whole = allocatableOf(node, resource) - sumOf(aside, resource);
    return whole <= 0 ? 0 : sumOf(counted, resource) / whole;
  };
  const gpu = gpuResourceOf(node);
  return gpu === undefined ? Math.max(share('cpu'), share('memory')) : share(gpu);
}

/** How much of a node a pod takes, CPU and memory added up: large pods are packed first. As DecreasingPodOrderer (estimator). */
export function packingScore(pod: Pod, node: Node): number {
  const share = (resource: string): number => {
    const whole = allocatableOf(node, resource);
    return whole > 0 ? requestOf(pod, resource) / whole : 0;
  };
  return share('cpu') + share('memory');
}

/** Share of CPU plus share of memory that so many new nodes would leave unused. As leastwaste.BestOptions (expander/waste). */
export function waste(node: Node, count: number, pods: readonly Pod[]): number {
  const unused = (resource: string): number => {
    const whole = allocatableOf(node, resource) * count;
    return whole === 0 ? 0 : (whole - sumOf(pods, resource)) / whole;
  };
  return unused('cpu') + unused('memory');
}

/** What a pod of these requests costs an hour, by prices for CPU, memory (each GiB) and GPUs. As PriceModel.PodPrice. */
export interface ResourcePrices {
  readonly cpu: number;
  readonly memoryGib: number;
  readonly gpu: number;
}

export function podPrice(pod: Pod, prices: ResourcePrices): number {
  const gpus = GPU_RESOURCES.reduce((sum, resource) => sum + requestOf(pod, resource), 0);
  return resourcePrice(requestOf(pod, 'cpu'), requestOf(pod, 'memory') / 1000, prices) + (gpus / 1000) * prices.gpu;
}

const resourcePrice = (milliCpu: number, bytes: number, prices: ResourcePrices): number =>
  (milliCpu / 1000) * prices.cpu + (bytes / 2 ** 30) * prices.memoryGib;

/** expander/price/price.go gpuUnfitnessOverride: GPUs are for pods that need them. */
const GPU_UNFITNESS = 1000;

/** expander/price/preferred.go SimplePreferredNodeProvider: CPUs of a machine of the right size, by nodes of the cluster. */
const PREFERRED_CPUS: readonly (readonly [upTo: number, cpus: number])[] = [
  [2, 1],
  [6, 2],
  [20, 4],
  [60, 8],
  [200, 16],
  [Number.POSITIVE_INFINITY, 32],
];

export interface PricedOption {
  readonly node: Node;
  readonly nodeCount: number;
  readonly pods: readonly Pod[];
  /** Of one machine, an hour. */
  readonly price: number;
}

/**
 * How badly the money is spent: price of the nodes over price of the pods, times how far the machines are from the size that suits a
 * cluster of so many nodes. As priceBased.BestOptions (expander/price/price.go); its stabilization pod asks for 500m and 500 MiB.
 */
export function priceScore(
  { node, nodeCount, pods, price }: PricedOption,
  clusterSize: number,
  prices: ResourcePrices,
): number {
  const stabilization = resourcePrice(500, 500 * 2 ** 20, prices);
  const podsPrice = pods.reduce((sum, pod) => sum + podPrice(pod, prices), 0);
  const ratio = (price * nodeCount + stabilization) / (podsPrice + stabilization);
  if (gpuResourceOf(node) !== undefined) {
    return GPU_UNFITNESS * ratio;
  }
  const [, preferred] = PREFERRED_CPUS.find(([upTo]) => clusterSize <= upTo) as readonly [number, number];
  const cpus = milliValueOf(node.status?.capacity?.cpu ?? '0') / 1000;
  const unfitness = Math.max(preferred / cpus, cpus / preferred);
  return ((unfitness - 1) * (1 - Math.tanh((nodeCount - 1) / 15)) + 1) * ratio;
}
