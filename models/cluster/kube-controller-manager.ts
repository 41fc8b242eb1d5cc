import type { ApiClient, Component, ControllerContext, MetricsClient } from '../client-go/index.js';
import {
  createCronJobController,
  cronJobControllerConfiguration,
  cronJobControllerFlags,
} from '../cronjob-controller/index.js';
import {
  createDaemonSetController,
  daemonSetControllerConfiguration,
  daemonSetControllerFlags,
} from '../daemonset-controller/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
  deploymentControllerFlags,
} from '../deployment-controller/index.js';
import {
  createDisruptionController,
  disruptionControllerConfiguration,
  disruptionControllerFlags,
} from '../disruption-controller/index.js';
import {
  createEndpointSliceController,
  createEndpointSliceMirroringController,
  createEndpointsController,
  endpointSliceControllerConfiguration,
  endpointSliceControllerFlags,
  endpointsControllerConfiguration,
  mirroringControllerConfiguration,
} from '../endpointslice-controller/index.js';
import {
  createGarbageCollector,
  garbageCollectorConfiguration,
  garbageCollectorFlags,
} from '../garbage-collector/index.js';
import {
  createHorizontalPodAutoscalerController,
  horizontalPodAutoscalerConfiguration,
  horizontalPodAutoscalerFlags,
} from '../horizontal-pod-autoscaler-controller/index.js';
import {
  createJobController,
  createTtlAfterFinishedController,
  jobControllerConfiguration,
  jobControllerFlags,
  ttlAfterFinishedConfiguration,
} from '../job-controller/index.js';
import {
  createNamespaceController,
  namespaceControllerConfiguration,
  namespaceControllerFlags,
} from '../namespace-controller/index.js';
import {
  createNodeIpamController,
  nodeIpamControllerConfiguration,
  nodeIpamControllerFlags,
} from '../node-ipam-controller/index.js';
import {
  NodeLifecycleController,
  nodeLifecycleConfiguration,
  nodeLifecycleFlags,
} from '../node-lifecycle-controller/index.js';
import {
  PodGarbageCollector,
  podGarbageCollectorConfiguration,
  podGarbageCollectorFlags,
} from '../pod-garbage-collector/index.js';
import {
  createReplicaSetController,
  createReplicationControllerController,
  replicaSetControllerConfiguration,
  replicaSetControllerFlags,
  replicationControllerConfiguration,
  replicationControllerFlags,
} from '../replicaset-controller/index.js';
import {
  createStatefulSetController,
  statefulSetControllerConfiguration,
  statefulSetControllerFlags,
} from '../statefulset-controller/index.js';
import { TaintEvictionController, taintEvictionConfiguration } from '../taint-eviction-controller/index.js';
import { controllerClientFlags, controllerClientLimits, type Defaults, type Flag } from '../versions/index.js';
import { policyControllerFlags, policyControllers } from './policy-controllers.js';
import { volumeControllerFlags, volumeControllers } from './volume-controllers.js';

export interface ControllerManagerOptions {
  readonly context: ControllerContext;
  readonly defaults: Defaults;
  /** Flag names without dashes to values, as given. */
  readonly flags: Readonly<Record<string, string>>;
  readonly elideQuietEvents: boolean;
  /** Who serves the metrics APIs. */
  readonly metrics: MetricsClient;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
  /** Whether somebody reads or writes Endpoints objects. */
  readonly keepsEndpoints: boolean;
}

/** Flags of the controllers, each by the room that reads it. */
const FLAG_TABLES: readonly ((defaults: Defaults) => readonly Flag[])[] = [
  controllerClientFlags,
  cronJobControllerFlags,
  deploymentControllerFlags,
  disruptionControllerFlags,
  endpointSliceControllerFlags,
  garbageCollectorFlags,
  horizontalPodAutoscalerFlags,
  jobControllerFlags,
  namespaceControllerFlags,
  nodeIpamControllerFlags,
  nodeLifecycleFlags,
  podGarbageCollectorFlags,
  replicaSetControllerFlags,
  replicationControllerFlags,
  statefulSetControllerFlags,
  daemonSetControllerFlags,
  policyControllerFlags,
  volumeControllerFlags,
];

/** Every flag of kube-controller-manager that some controller reads, by name; one that several read stands once. */
export function kubeControllerManagerFlags(defaults: Defaults): readonly Flag[] {
  const flags = new Map(FLAG_TABLES.flatMap((table) => table(defaults)).map((flag) => [flag.name, flag]));
  return [...flags.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The controllers of one kube-controller-manager, not yet started, by name as the process starts them.
 * @throws RangeError when the value of a flag does not parse.
 */
export function createControllers(options: ControllerManagerOptions): readonly Component[] {
  const { context, defaults, flags, startTime } = options;
  return [
    createCronJobController(context, cronJobControllerConfiguration(defaults, startTime, flags)),
    createDeploymentController(context, deploymentControllerConfiguration(defaults, flags)),
    createDisruptionController(context, disruptionControllerConfiguration(defaults, flags)),
    createEndpointSliceController(context, endpointSliceControllerConfiguration(defaults, flags)),
    ...endpointsControllers(options),
    createGarbageCollector(context, garbageCollectorConfiguration(defaults, flags)),
    createHorizontalPodAutoscalerController(
      context,
      horizontalPodAutoscalerConfiguration(defaults, flags),
      options.metrics,
    ),
    createJobController(context, jobControllerConfiguration(defaults, flags)),
    createNamespaceController(context, namespaceControllerConfiguration(defaults, flags)),
    ...nodeIpamControllers(options),
    ...nodeControllers(options),
    new PodGarbageCollector({
      context,
      config: podGarbageCollectorConfiguration(defaults, flags),
      client: clientOf('pod-garbage-collector', options),
      elides: options.elideQuietEvents,
    }),
    createReplicaSetController(context, replicaSetControllerConfiguration(defaults, flags)),
    createReplicationControllerController(context, replicationControllerConfiguration(defaults, flags)),
    createDaemonSetController(context, daemonSetControllerConfiguration(defaults, flags)),
    createTtlAfterFinishedController(context, ttlAfterFinishedConfiguration(defaults, flags)),
    createStatefulSetController(context, statefulSetControllerConfiguration(defaults, flags)),
    ...volumeControllers(options),
    ...policyControllers(options),
  ];
}

/** Endpoints are nobody's business but of those who ask for them. */
function endpointsControllers({
  context,
  defaults,
  flags,
  keepsEndpoints,
  startTime,
}: ControllerManagerOptions): readonly Component[] {
  return keepsEndpoints
    ? [
        createEndpointsController(context, endpointsControllerConfiguration(defaults, startTime, flags)),
        createEndpointSliceMirroringController(context, mirroringControllerConfiguration(defaults, flags)),
      ]
    : [];
}

/** Blocks for the pods of nodes are dealt on request only. */
function nodeIpamControllers({ context, defaults, flags }: ControllerManagerOptions): readonly Component[] {
  const config = nodeIpamControllerConfiguration(defaults, flags);
  return config === undefined ? [] : [createNodeIpamController(context, config)];
}
/** Taint eviction was part of the node lifecycle controller until 1.29, and could be turned off. */
function nodeControllers(options: ControllerManagerOptions): readonly Component[] {
  const { context, defaults, flags, elideQuietEvents } = options;
  const config = nodeLifecycleConfiguration(defaults, flags);
  const client = clientOf('node-controller', options);
  const lifecycle = new NodeLifecycleController({ context, config, client, elideQuietEvents });
  if (!config.enableTaintManager) {
    return [lifecycle];
  }
  const { sharesNodeLifecycleClient } = defaults.taintEvictionController;
  return [
    lifecycle,
    new TaintEvictionController({
      context,
      config: taintEvictionConfiguration(defaults),
      client: sharesNodeLifecycleClient ? client : clientOf('taint-eviction-controller', options),
    }),
  ];
}

const clientOf = (name: string, { context, defaults, flags }: ControllerManagerOptions): ApiClient =>
  context.api.client({ name, from: 'control-plane', ...controllerClientLimits(defaults, flags) });
