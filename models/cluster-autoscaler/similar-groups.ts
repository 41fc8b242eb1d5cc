import { milliValueOf, type Node, type Pod, type Quantity, requestsOfPod } from '../api/index.js';

/** How much the machines of two groups may differ and still count as the same. */
export interface SimilarityRules {
  readonly memoryDifferenceRatio: number;
  readonly allocatableDifferenceRatio: number;
  readonly freeDifferenceRatio: number;
  /** Labels that may differ, beside those that always may. */
  readonly ignoredLabels: readonly string[];
  /** If there are any: groups whose nodes have the same values of these labels are similar, whatever else they are. */
  readonly decidingLabels: readonly string[];
}

/** A fresh node of a group with the pods that DaemonSets put on it. */
export interface SampleNode {
  readonly node: Node;
  readonly daemonPods: readonly Pod[];
}

/** BasicIgnoredLabels (autoscaler cluster-autoscaler/processors/nodegroupset/compare_nodegroups.go). */
const ALWAYS_IGNORED = new Set([
  'kubernetes.io/hostname',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'beta.kubernetes.io/fluentd-ds-ready',
  'kops.k8s.io/instancegroup',
]);

/** As IsCloudProviderNodeInfoSimilar, or with --balancing-label as CreateLabelNodeInfoComparator (label_nodegroups.go). */
export function areSimilar(a: SampleNode, b: SampleNode, rules: SimilarityRules): boolean {
  const labels = [a.node.metadata.labels ?? {}, b.node.metadata.labels ?? {}] as const;
  if (rules.decidingLabels.length > 0) {
    return rules.decidingLabels.every((name) => labels[0][name] !== undefined && labels[0][name] === labels[1][name]);
  }
  const isIgnored = (name: string): boolean => ALWAYS_IGNORED.has(name) || rules.ignoredLabels.includes(name);
  const capacityTolerance = (resource: string): number => (resource === 'memory' ? rules.memoryDifferenceRatio : 0);
  return (
    isWithin(a.node.status?.capacity, b.node.status?.capacity, capacityTolerance) &&
    isWithin(a.node.status?.allocatable, b.node.status?.allocatable, () => rules.allocatableDifferenceRatio) &&
    ['cpu', 'memory', 'ephemeral-storage'].every((resource) =>
      isClose(free(a, resource), free(b, resource), rules.freeDifferenceRatio),
    ) &&
    [...new Set(labels.flatMap(Object.keys))].every((name) => isIgnored(name) || labels[0][name] === labels[1][name])
  );
}

type Amounts = Readonly<Record<string, Quantity>> | undefined;

const isWithin = (a: Amounts = {}, b: Amounts = {}, toleranceOf: (resource: string) => number): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((resource) => {
    const [left, right] = [a[resource], b[resource]];
    return (
      left !== undefined &&
      right !== undefined &&
      isClose(milliValueOf(left), milliValueOf(right), toleranceOf(resource))
    );
  });

const isClose = (a: number, b: number, ratio: number): boolean => Math.abs(a - b) <= Math.max(a, b) * ratio;

const free = ({ node, daemonPods }: SampleNode, resource: string): number =>
  daemonPods.reduce(
    (left, pod) => left - milliValueOf(requestsOfPod(pod.spec)[resource] ?? '0'),
    milliValueOf(node.status?.allocatable?.[resource] ?? '0'),
  );

export interface GroupSize {
  readonly targetSize: number;
  readonly maxSize: number;
}

/**
 * Deals new nodes to groups, each to the smallest that has room; what no group has room for is left. Groups in the order in which they
 * grow. As BalanceScaleUpBetweenGroups (processors/nodegroupset/balancing_processor.go).
 */
export function balanced<G extends GroupSize>(groups: readonly G[], newNodes: number): ReadonlyMap<G, number> {
  const growing = groups
    .filter(({ targetSize, maxSize }) => targetSize < maxSize)
    .sort((a, b) => a.targetSize - b.targetSize)
    .map((group) => ({ group, size: group.targetSize }));
  for (let left = newNodes; left > 0; left--) {
    const open = growing.filter(({ group, size }) => size < group.maxSize);
    const smallest = Math.min(...open.map(({ size }) => size));
    const next = open.find(({ size }) => size === smallest);
    if (next === undefined) {
      break;
    }
    next.size++;
  }
  return new Map(
    growing.flatMap(({ group, size }) => (size > group.targetSize ? [[group, size - group.targetSize] as const] : [])),
  );
}
