import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { DeploymentGates } from './decisions.js';

/** Settings of the Deployment controller. */
export interface DeploymentControllerConfiguration extends DeploymentGates {
  /** Deployments that are worked on at a time. */
  readonly workers: number;
  /** Failures in a row after which a Deployment is left alone until it changes. */
  readonly maxRetries: number;
  readonly client: ClientLimits;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['deploymentController']>[] = [
  {
    name: 'concurrent-deployment-syncs',
    type: 'integer',
    field: 'concurrentDeploymentSyncs',
    help: 'Deployments that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const deploymentControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.deploymentController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function deploymentControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): DeploymentControllerConfiguration {
  const section = withFlags(defaults.workloads.deploymentController, FLAGS, flags);
  const { features } = defaults;
  return {
    workers: section.concurrentDeploymentSyncs,
    maxRetries: section.maxRetries,
    client: controllerClientLimits(defaults, flags),
    DeploymentReplicaSetTerminatingReplicas: features.DeploymentReplicaSetTerminatingReplicas,
    scalingEventTellsOldSize: features.scalingEventTellsOldSize,
  };
}
