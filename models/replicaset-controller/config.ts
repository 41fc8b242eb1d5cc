import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { RankingGates } from './decisions.js';

/** Settings of the ReplicaSet controller. */
export interface ReplicaSetControllerConfiguration extends RankingGates {
  /** ReplicaSets that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** Pods created or deleted in one sync at most. */
  readonly burstReplicas: number;
  readonly statusUpdateRetries: number;
  readonly countsTerminating: boolean;
  /** Whether a sync waits until the cache holds what it wrote. */
  readonly waitsForOwnWrites: boolean;
  /** Whether the next look is timed by the pod that becomes available first, not by minReadySeconds. */
  readonly checksNextAvailability: boolean;
}

type Section = Defaults['workloads']['replicaSetController'];

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'concurrent-replicaset-syncs',
    type: 'integer',
    field: 'concurrentReplicaSetSyncs',
    help: 'ReplicaSets that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const replicaSetControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.replicaSetController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function replicaSetControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): ReplicaSetControllerConfiguration {
  const section = withFlags(defaults.workloads.replicaSetController, FLAGS, flags);
  const { features } = defaults;
  return {
    workers: section.concurrentReplicaSetSyncs,
    client: controllerClientLimits(defaults, flags),
    burstReplicas: section.burstReplicas,
    statusUpdateRetries: section.statusUpdateRetries,
    SidecarContainers: features.SidecarContainers,
    countsTerminating: features.DeploymentReplicaSetTerminatingReplicas,
    waitsForOwnWrites: features.StaleControllerConsistencyReplicaSet,
    checksNextAvailability: features.checksNextAvailability,
  };
}

const REPLICATION_CONTROLLER_FLAGS: readonly FlagRow<Defaults['workloads']['replicationController']>[] = [
  {
    name: 'concurrent-rc-syncs',
    type: 'integer',
    field: 'concurrentRCSyncs',
    help: 'ReplicationControllers that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that the controller of ReplicationControllers reads. */
export const replicationControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.replicationController, REPLICATION_CONTROLLER_FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function replicationControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): ReplicaSetControllerConfiguration {
  const section = withFlags(defaults.workloads.replicationController, REPLICATION_CONTROLLER_FLAGS, flags);
  return {
    ...replicaSetControllerConfiguration(defaults, flags),
    workers: section.concurrentRCSyncs,
    // Its status has no such field.
    countsTerminating: false,
    // pkg/controller/replication NewReplicationManager remembers no writes.
    waitsForOwnWrites: false,
  };
}
