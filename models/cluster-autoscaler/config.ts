import { type Micros, parseDuration, seconds } from '../../engine/index.js';
import { type ClientLimits, type Defaults, type Flag, type FlagRow, flagsWith, withFlags } from '../versions/index.js';

export const EXPANDERS = ['random', 'most-pods', 'least-waste', 'least-nodes'] as const;
export type Expander = (typeof EXPANDERS)[number];

/** Settings of cluster-autoscaler. */
export interface ClusterAutoscalerConfiguration {
  readonly scanInterval: Micros;
  readonly expanders: readonly Expander[];
  readonly maxNodesTotal: number;
  readonly maxNodesPerScaleUp: number;
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
  readonly ignoresDaemonSets: boolean;
  readonly maxParallelism: number;
  readonly maxDrainParallelism: number;
  readonly recheckTimeout: Micros;
  readonly skipsSystemPods: boolean;
  readonly skipsLocalStorage: boolean;
  readonly minReplicaCount: number;
  readonly expendablePodsPriorityCutoff: number;
  readonly deleteDelayAfterTaint: Micros;
  readonly maxGracefulTermination: Micros;
  readonly maxPodEvictionTime: Micros;
  readonly evictionRetry: Micros;
  readonly evictionHeadroom: Micros;
  readonly evictsDaemonSetPods: boolean;
  readonly cordons: boolean;
}

type Section = Defaults['clusterAutoscaler'];
type Row = FlagRow<Section>;

const duration = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'duration', field, help });
const integer = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'integer', field, help });
const number = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'number', field, help });
const boolean = (name: string, field: Row['field'], help: string): Row => ({ name, type: 'boolean', field, help });

const FLAGS: readonly Row[] = [
  duration('scan-interval', 'scanInterval', 'From one look at the cluster to the next.'),
  {
    name: 'expander',
    type: 'text',
    field: 'expander',
    help: `Which group grows: ${EXPANDERS.join(', ')}; several with commas.`,
  },
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
  boolean(
    'ignore-daemonsets-utilization',
    'ignoreDaemonSetsUtilization',
    'Whether pods of DaemonSets do not count there.',
  ),
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
    scaleDown: scaleDownConfiguration(section),
    client: { qps: section.kubeClientQPS, burst: section.kubeClientBurst },
  };
}

const scaleDownConfiguration = (section: Section): ScaleDownConfiguration => ({
  isEnabled: section.scaleDownEnabled,
  delayAfterAdd: parseDuration(section.scaleDownDelayAfterAdd),
  delayAfterDelete: parseDuration(section.scaleDownDelayAfterDelete),
  delayAfterFailure: parseDuration(section.scaleDownDelayAfterFailure),
  unneededTime: parseDuration(section.scaleDownUnneededTime),
  unreadyTime: parseDuration(section.scaleDownUnreadyTime),
  utilizationThreshold: section.scaleDownUtilizationThreshold,
  ignoresDaemonSets: section.ignoreDaemonSetsUtilization,
  maxParallelism: section.maxScaleDownParallelism,
  maxDrainParallelism: section.maxDrainParallelism,
  recheckTimeout: parseDuration(section.unremovableNodeRecheckTimeout),
  skipsSystemPods: section.skipNodesWithSystemPods,
  skipsLocalStorage: section.skipNodesWithLocalStorage,
  minReplicaCount: section.minReplicaCount,
  expendablePodsPriorityCutoff: section.expendablePodsPriorityCutoff,
  deleteDelayAfterTaint: parseDuration(section.nodeDeleteDelayAfterTaint),
  maxGracefulTermination: seconds(section.maxGracefulTerminationSec),
  maxPodEvictionTime: parseDuration(section.maxPodEvictionTime),
  evictionRetry: parseDuration(section.evictionRetryTime),
  evictionHeadroom: parseDuration(section.podEvictionHeadroom),
  evictsDaemonSetPods: section.daemonSetEvictionForOccupiedNodes,
  cordons: section.cordonNodeBeforeTerminating,
});

function toExpander(name: string): Expander {
  const known = EXPANDERS.find((expander) => expander === name);
  if (known === undefined) {
    throw new RangeError(`invalid argument "${name}" for "--expander": known are ${EXPANDERS.join(', ')}`);
  }
  return known;
}
