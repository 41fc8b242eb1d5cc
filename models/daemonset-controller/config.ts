import { type Micros, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { DaemonSetGates } from './decisions.js';

/** Settings of the DaemonSet controller. */
export interface DaemonSetControllerConfiguration extends DaemonSetGates {
  /** DaemonSets that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** Pods created, and pods deleted, in one sync at most. */
  readonly burstReplicas: number;
  readonly statusUpdateRetries: number;
  /** First and longest pause before a daemon that ended on a node is replaced. */
  readonly failedPodBackOff: Micros;
  readonly maxFailedPodBackOff: Micros;
  /** Whether a sync waits until the cache holds what it wrote. */
  readonly waitsForOwnWrites: boolean;
  /** Whether a changed node on which pods may stay, but not start, wakes no set; else every change of placement does. */
  readonly sleepsWherePodsMayStay: boolean;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['daemonSetController']>[] = [
  {
    name: 'concurrent-daemonset-syncs',
    type: 'integer',
    field: 'concurrentDaemonSetSyncs',
    help: 'DaemonSets that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const daemonSetControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.daemonSetController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function daemonSetControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): DaemonSetControllerConfiguration {
  const section = withFlags(defaults.workloads.daemonSetController, FLAGS, flags);
  return {
    workers: section.concurrentDaemonSetSyncs,
    client: controllerClientLimits(defaults, flags),
    burstReplicas: section.burstReplicas,
    statusUpdateRetries: section.statusUpdateRetries,
    failedPodBackOff: parseDuration(section.failedPodBackOff),
    maxFailedPodBackOff: parseDuration(section.maxFailedPodBackOff),
    waitsForOwnWrites: defaults.features.StaleControllerConsistencyDaemonSet,
    sleepsWherePodsMayStay: defaults.features.daemonSetSleepsWherePodsMayStay,
    replacesEndedDaemons: defaults.features.daemonSetReplacesEndedDaemons,
  };
}
