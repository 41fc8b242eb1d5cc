import { type Micros, parseDuration, seconds } from '../../engine/index.js';
import { type ClientLimits, type Defaults, type Flag, type FlagRow, flagsWith, withFlags } from '../versions/index.js';
import type { SimilarityRules } from './similar-groups.js';
import type { ResourcePrices } from './utilization.js';

export const EXPANDERS = ['random', 'most-pods', 'least-waste', 'least-nodes', 'price', 'priority'] as const;
export type Expander = (typeof EXPANDERS)[number];

/** Settings of cluster-autoscaler. */
export interface ClusterAutoscalerConfiguration {
  readonly scanInterval: Micros;
  readonly expanders: readonly Expander[];
  readonly maxNodesTotal: number;
  readonly maxNodesPerScaleUp: number;
  /** Whether an estimate ends where the group, those similar to it and --max-nodes-total do. */
  readonly estimatesWithinCapacity: boolean;
  /** Undefined: growth is not split among similar groups. */
  readonly balancing: SimilarityRules | undefined;
  readonly prices: ResourcePrices;
  /** Where the ConfigMaps of status and priorities are. */
  readonly namespace: string;
  readonly writesStatusConfigMap: boolean;
  readonly statusConfigMapName: string;
  readonly newPodScaleUpDelay: Micros;
  /** Pods of lower priority do not make the cluster grow, and do not keep a node. */
  readonly expendablePodsPriorityCutoff: number;
  readonly maxNodeProvisionTime: Micros;
  readonly maxNodeStartupTime: Micros;
  readonly okTotalUnreadyCount: number;
  readonly maxTotalUnreadyPercentage: number;
  readonly initialBackoff: Micros;
  readonly maxBackoff: Micros;
  readonly backoffReset: Micros;
  /** A pass waits for the next one while all pods that need help are younger than this. */
  readonly unschedulablePodTimeBuffer: Micros;
  /** The same for pods that ask for a GPU. */
  readonly unschedulablePodWithGpuTimeBuffer: Micros;
  readonly scaleDown: ScaleDownConfiguration;
  readonly client: ClientLimits;
}

export interface ScaleDownConfiguration {
  readonly isEnabled: boolean;
  readonly delayAfterAdd: Micros;
  readonly delayAfterDelete: Micros;
  readonly delayAfterFailure: Micros;
  readonly unneededTime: Micros;
  readonly unreadyTime: Micros;
  readonly utilizationThreshold: number;
  /** For nodes with GPUs. */
  readonly gpuUtilizationThreshold: number;
  readonly includesUnreadyNodes: boolean;
  readonly ignoresDaemonSets: boolean;
  readonly maxParallelism: number;
  readonly maxDrainParallelism: number;
  readonly recheckTimeout: Micros;
  readonly skipsSystemPods: boolean;
  readonly skipsLocalStorage: boolean;
  readonly skipsCustomControllerPods: boolean;
  readonly minReplicaCount: number;
  readonly expendablePodsPriorityCutoff: number;
  readonly deleteDelayAfterTaint: Micros;
  readonly maxGracefulTermination: Micros;
  readonly maxPodEvictionTime: Micros;
  readonly evictionRetry: Micros;
  readonly evictionHeadroom: Micros;
  readonly evictsDaemonSetPods: boolean;
  readonly cordons: boolean;
  /** Unneeded nodes that are marked or unmarked at a time, and how long that may take. */
  readonly maxBulkSoftTaintCount: number;
  readonly maxBulkSoftTaintTime: Micros;
}

type Section = Defaults['clusterAutoscaler'];
type Row = FlagRow<Section>;

const duration = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'duration', field, help });
const integer = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'integer', field, help });
const number = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'number', field, help });
const text = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'text', field, help });
const boolean = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'boolean', field, help });

const FLAGS: readonly Row[] = [
  duration('scan-interval', 'scanInterval', 'From one look at the cluster to the next.'),
  text('expander', 'expander', `Which group grows: ${EXPANDERS.join(', ')}; several with commas.`),
  boolean(
    'balance-similar-node-groups',
    'balanceSimilarNodeGroups',
    'Whether groups of the same machines grow evenly.',
  ),
  {
    name: 'balancing-ignore-label',
    type: 'list',
    field: 'balancingIgnoreLabels',
    help: 'A label that may differ between similar groups; may be given several times.',
  },
  {
    name: 'balancing-label',
    type: 'list',
    field: 'balancingLabels',
    help: 'Groups with the same value of this label are similar, and nothing else decides; may be given several times.',
  },
  number('memory-difference-ratio', 'memoryDifferenceRatio', 'How much memory of similar groups may differ.'),
  number('max-allocatable-difference-ratio', 'maxAllocatableDifferenceRatio', 'The same of what nodes have for pods.'),
  number('max-free-difference-ratio', 'maxFreeDifferenceRatio', 'The same of what DaemonSets leave of it.'),
  text('namespace', 'namespace', 'Where cluster-autoscaler runs: the ConfigMaps of status and priorities are there.'),
  boolean('write-status-configmap', 'writeStatusConfigMap', 'Whether it writes its status, and events, there.'),
  text('status-config-map-name', 'statusConfigMapName', 'The name of that ConfigMap.'),
  integer('max-nodes-total', 'maxNodesTotal', 'Nodes of all groups; 0: no limit.'),
  integer('max-nodes-per-scaleup', 'maxNodesPerScaleUp', 'Nodes that one decision may add.'),
  duration('new-pod-scale-up-delay', 'newPodScaleUpDelay', 'Younger pods are not helped yet.'),
  integer('expendable-pods-priority-cutoff', 'expendablePodsPriorityCutoff', 'Pods of lower priority do not count.'),
  duration('max-node-provision-time', 'maxNodeProvisionTime', 'A machine that has not joined by then is given up.'),
  duration('max-node-startup-time', 'maxNodeStartupTime', 'A node may take so long from joining to being ready.'),
  integer('ok-total-unready-count', 'okTotalUnreadyCount', 'So many unready nodes are never too many.'),
  number('max-total-unready-percentage', 'maxTotalUnreadyPercentage', 'Above it nothing is done.'),
  duration('initial-node-group-backoff-duration', 'initialBackoff', 'After the first failure of a group to grow.'),
  duration('max-node-group-backoff-duration', 'maxBackoff', 'The longest.'),
  duration('node-group-backoff-reset-timeout', 'backoffReset', 'After so long a failure is forgotten.'),
  boolean('scale-down-enabled', 'scaleDownEnabled', 'Whether nodes are removed at all.'),
  duration('scale-down-delay-after-add', 'scaleDownDelayAfterAdd', 'No removal so long after growth.'),
  duration('scale-down-delay-after-delete', 'scaleDownDelayAfterDelete', 'No removal so long after one.'),
  duration('scale-down-delay-after-failure', 'scaleDownDelayAfterFailure', 'No removal so long after one that failed.'),
  duration('scale-down-unneeded-time', 'scaleDownUnneededTime', 'How long a node has to be unneeded.'),
  duration('scale-down-unready-time', 'scaleDownUnreadyTime', 'The same for a node that is not ready.'),
  number(
    'scale-down-utilization-threshold',
    'scaleDownUtilizationThreshold',
    'Requests over allocatable, below which a node may go.',
  ),
  number(
    'scale-down-gpu-utilization-threshold',
    'scaleDownGpuUtilizationThreshold',
    'The same for nodes with GPUs, of which nothing else counts.',
  ),
  boolean('scale-down-unready-enabled', 'scaleDownUnreadyEnabled', 'Whether nodes that are not ready are removed.'),
  boolean(
    'ignore-daemonsets-utilization',
    'ignoreDaemonSetsUtilization',
    'Whether pods of DaemonSets do not count there.',
  ),
  // Deprecated; the newer name stands below, so that it wins where both are given, as in main.go.
  integer('max-empty-bulk-delete', 'maxScaleDownParallelism', 'The old name of --max-scale-down-parallelism.'),
  integer('max-scale-down-parallelism', 'maxScaleDownParallelism', 'Nodes that are removed at a time.'),
  integer('max-drain-parallelism', 'maxDrainParallelism', 'Of them, those with pods to move.'),
  duration(
    'unremovable-node-recheck-timeout',
    'unremovableNodeRecheckTimeout',
    'A node that could not go is looked at again after so long.',
  ),
  boolean(
    'skip-nodes-with-system-pods',
    'skipNodesWithSystemPods',
    'Nodes with pods of kube-system that no budget covers stay.',
  ),
  boolean(
    'skip-nodes-with-local-storage',
    'skipNodesWithLocalStorage',
    'Nodes with pods that have an emptyDir or hostPath stay.',
  ),
  boolean(
    'skip-nodes-with-custom-controller-pods',
    'skipNodesWithCustomControllerPods',
    'Nodes with pods of controllers that Kubernetes does not know stay.',
  ),
  integer('min-replica-count', 'minReplicaCount', 'Pods of smaller replica sets keep their node.'),
  duration('node-delete-delay-after-taint', 'nodeDeleteDelayAfterTaint', 'From the taint to the first eviction.'),
  integer('max-graceful-termination-sec', 'maxGracefulTerminationSec', 'The longest grace a pod is given.'),
  duration('max-pod-eviction-time', 'maxPodEvictionTime', 'How long an eviction is tried.'),
  boolean(
    'daemonset-eviction-for-occupied-nodes',
    'daemonSetEvictionForOccupiedNodes',
    'Whether pods of DaemonSets are evicted too.',
  ),
  boolean(
    'cordon-node-before-terminating',
    'cordonNodeBeforeTerminating',
    'Whether the node is cordoned besides the taint.',
  ),
  integer(
    'max-bulk-soft-taint-count',
    'maxBulkSoftTaintCount',
    'Unneeded nodes that a pass marks with PreferNoSchedule, or unmarks; 0: none.',
  ),
  duration('max-bulk-soft-taint-time', 'maxBulkSoftTaintTime', 'How long a pass may take for that.'),
];

/** The flags of cluster-autoscaler that change something, with the defaults of a version. */
export const clusterAutoscalerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.clusterAutoscaler, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function clusterAutoscalerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): ClusterAutoscalerConfiguration {
  const section = withFlags(defaults.clusterAutoscaler, FLAGS, flags);
  return {
    scanInterval: parseDuration(section.scanInterval),
    expanders: section.expander.split(',').map(toExpander),
    maxNodesTotal: section.maxNodesTotal,
    maxNodesPerScaleUp: section.maxNodesPerScaleUp,
    estimatesWithinCapacity: section.estimatesWithinCapacity,
    balancing: section.balanceSimilarNodeGroups ? similarityRules(section) : undefined,
    prices: {
      cpu: section.cpuPricePerHour,
      memoryGib: section.memoryPricePerHourPerGb,
      gpu: section.gpuPricePerHour,
    },
    namespace: section.namespace,
    writesStatusConfigMap: section.writeStatusConfigMap,
    statusConfigMapName: section.statusConfigMapName,
    newPodScaleUpDelay: parseDuration(section.newPodScaleUpDelay),
    expendablePodsPriorityCutoff: section.expendablePodsPriorityCutoff,
    maxNodeProvisionTime: parseDuration(section.maxNodeProvisionTime),
    maxNodeStartupTime: parseDuration(section.maxNodeStartupTime),
    okTotalUnreadyCount: section.okTotalUnreadyCount,
    maxTotalUnreadyPercentage: section.maxTotalUnreadyPercentage,
    initialBackoff: parseDuration(section.initialBackoff),
    maxBackoff: parseDuration(section.maxBackoff),
    backoffReset: parseDuration(section.backoffReset),
    unschedulablePodTimeBuffer: parseDuration(section.unschedulablePodTimeBuffer),
    unschedulablePodWithGpuTimeBuffer: parseDuration(section.unschedulablePodWithGpuTimeBuffer),
    scaleDown: scaleDownConfiguration(section),
    client: { qps: section.kubeClientQPS, burst: section.kubeClientBurst },
  };
}

const similarityRules = (section: Section): SimilarityRules => ({
  memoryDifferenceRatio: section.memoryDifferenceRatio,
  allocatableDifferenceRatio: section.maxAllocatableDifferenceRatio,
  freeDifferenceRatio: section.maxFreeDifferenceRatio,
  ignoredLabels: listed(section.balancingIgnoreLabels),
  decidingLabels: listed(section.balancingLabels),
});

const listed = (text: string): readonly string[] => text.split(',').filter((each) => each !== '');

const scaleDownConfiguration = (section: Section): ScaleDownConfiguration => ({
  isEnabled: section.scaleDownEnabled,
  delayAfterAdd: parseDuration(section.scaleDownDelayAfterAdd),
  delayAfterDelete: parseDuration(section.scaleDownDelayAfterDelete),
  delayAfterFailure: parseDuration(section.scaleDownDelayAfterFailure),
  unneededTime: parseDuration(section.scaleDownUnneededTime),
  unreadyTime: parseDuration(section.scaleDownUnreadyTime),
  utilizationThreshold: section.scaleDownUtilizationThreshold,
  gpuUtilizationThreshold: section.scaleDownGpuUtilizationThreshold,
  includesUnreadyNodes: section.scaleDownUnreadyEnabled,
  ignoresDaemonSets: section.ignoreDaemonSetsUtilization,
  maxParallelism: section.maxScaleDownParallelism,
  maxDrainParallelism: section.maxDrainParallelism,
  recheckTimeout: parseDuration(section.unremovableNodeRecheckTimeout),
  skipsSystemPods: section.skipNodesWithSystemPods,
  skipsLocalStorage: section.skipNodesWithLocalStorage,
  skipsCustomControllerPods: section.skipNodesWithCustomControllerPods,
  minReplicaCount: section.minReplicaCount,
  expendablePodsPriorityCutoff: section.expendablePodsPriorityCutoff,
  deleteDelayAfterTaint: parseDuration(section.nodeDeleteDelayAfterTaint),
  maxGracefulTermination: seconds(section.maxGracefulTerminationSec),
  maxPodEvictionTime: parseDuration(section.maxPodEvictionTime),
  evictionRetry: parseDuration(section.evictionRetryTime),
  evictionHeadroom: parseDuration(section.podEvictionHeadroom),
  evictsDaemonSetPods: section.daemonSetEvictionForOccupiedNodes,
  cordons: section.cordonNodeBeforeTerminating,
  maxBulkSoftTaintCount: section.maxBulkSoftTaintCount,
  maxBulkSoftTaintTime: parseDuration(section.maxBulkSoftTaintTime),
});

function toExpander(name: string): Expander {
  const known = EXPANDERS.find((expander) => expander === name);
  if (known === undefined) {
    throw new RangeError(`invalid argument "${name}" for "--expander": known are ${EXPANDERS.join(', ')}`);
  }
  return known;
}
