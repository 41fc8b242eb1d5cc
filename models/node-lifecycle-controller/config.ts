import { type Micros, milliseconds, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientFlags,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';

type Section = Defaults['nodeLifecycleController'];

/** Settings of the node lifecycle controller: the flags of kube-controller-manager, its constants and its version's habits. */
export interface NodeLifecycleConfiguration {
  readonly clientLimits: ClientLimits;
  readonly nodeMonitorPeriod: Micros;
  readonly nodeMonitorGracePeriod: Micros;
  readonly nodeStartupGracePeriod: Micros;
  /** Nodes a second that may be tainted NoExecute in a healthy zone, and in a large unhealthy one. */
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  /** Nodes in a zone above which it counts as large. */
  readonly largeClusterSizeThreshold: number;
  /** Fraction of a zone's nodes. */
  readonly unhealthyZoneThreshold: number;
  /** False: pods are deleted by this controller after podEvictionTimeout, and taints evict nobody. */
  readonly enableTaintManager: boolean;
  readonly podEvictionTimeout: Micros;
  readonly nodeEvictionPeriod: Micros;
  readonly evictionRateLimiterBurst: number;
  readonly nodeHealthUpdateRetry: number;
  readonly retrySleepTime: Micros;
  readonly nodeUpdateWorkerSize: number;
  readonly podUpdateWorkerSize: number;
  readonly nodeHealthWorkers: number;
  readonly taintsByReadyAfterPass: boolean;
  readonly leaseCircuitBreaker: boolean;
  /**
   * How long a pass takes that asks the server nothing. The next one is due a period after its end, so passes drift, and
   * the tenth after the one that saw a renewal is late enough to find 50 s exceeded. 0 makes every pass an instant.
   */
  readonly passDuration: Micros;
  /**
   * When the queues of nodes to taint are first looked at, after the first pass has begun. Two loops of a process never run
   * at the same microsecond; this much apart, no tie between them has to be decided by the order in which they were armed.
   */
  readonly firstTickAfter: Micros;
}

/** Far less than a period, more than nothing: what listing and looking at some hundred cached nodes takes. */
const PASS_DURATION = milliseconds(1);
const FIRST_TICK_AFTER: Micros = 37;

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'node-monitor-period',
    type: 'duration',
    field: 'nodeMonitorPeriod',
    help: 'Pause between two looks at all nodes.',
  },
  {
    name: 'node-monitor-grace-period',
    type: 'duration',
    field: 'nodeMonitorGracePeriod',
    help: 'How long a node may show no sign of life before it is marked Unknown.',
  },
  {
    name: 'node-startup-grace-period',
    type: 'duration',
    field: 'nodeStartupGracePeriod',
    help: 'The same for a node whose kubelet has not posted a status yet.',
  },
  {
    name: 'node-eviction-rate',
    type: 'number',
    field: 'nodeEvictionRate',
    help: 'Nodes per second that are tainted NoExecute in a healthy zone.',
  },
  {
    name: 'secondary-node-eviction-rate',
    type: 'number',
    field: 'secondaryNodeEvictionRate',
    help: 'Nodes per second that are tainted NoExecute in an unhealthy zone, if it is large.',
  },
  {
    name: 'large-cluster-size-threshold',
    type: 'integer',
    field: 'largeClusterSizeThreshold',
    help: 'Zones of at most this many nodes see no NoExecute taints while they are unhealthy.',
  },
  {
    name: 'unhealthy-zone-threshold',
    type: 'number',
    field: 'unhealthyZoneThreshold',
    help: 'Fraction of nodes not ready (and at least 3) from which a zone is unhealthy.',
  },
];

const FLAGS_OF_THE_OPTIONAL_TAINT_MANAGER: readonly FlagRow<Section>[] = [
  {
    name: 'enable-taint-manager',
    type: 'boolean',
    field: 'enableTaintManager',
    help: 'Whether NoExecute taints evict pods; if not, pods of a dead node are deleted after --pod-eviction-timeout.',
  },
  {
    name: 'pod-eviction-timeout',
    type: 'duration',
    field: 'podEvictionTimeout',
    help: 'How long a node may be not ready before its pods are deleted, without taint manager.',
  },
];

const rows = (defaults: Defaults): readonly FlagRow<Section>[] =>
  defaults.features.taintManagerIsOptional ? [...FLAGS, ...FLAGS_OF_THE_OPTIONAL_TAINT_MANAGER] : FLAGS;

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const nodeLifecycleFlags = (defaults: Defaults): readonly Flag[] => [
  ...flagsWith(defaults.nodeLifecycleController, rows(defaults)),
  ...controllerClientFlags(defaults),
];

/**
 * The settings that a version's defaults and a command line (flag names without dashes) come to.
 * @throws RangeError when a value does not parse.
 */
export function nodeLifecycleConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): NodeLifecycleConfiguration {
  const section = withFlags(defaults.nodeLifecycleController, rows(defaults), flags);
  return {
    ...section,
    clientLimits: controllerClientLimits(defaults, flags),
    nodeMonitorPeriod: parseDuration(section.nodeMonitorPeriod),
    nodeMonitorGracePeriod: parseDuration(section.nodeMonitorGracePeriod),
    nodeStartupGracePeriod: parseDuration(section.nodeStartupGracePeriod),
    podEvictionTimeout: parseDuration(section.podEvictionTimeout),
    nodeEvictionPeriod: parseDuration(section.nodeEvictionPeriod),
    retrySleepTime: parseDuration(section.retrySleepTime),
    leaseCircuitBreaker: defaults.features.NodeControllerLeaseCircuitBreaker,
    passDuration: PASS_DURATION,
    firstTickAfter: FIRST_TICK_AFTER,
  };
}
