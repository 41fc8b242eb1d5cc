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
import type { JobSettings } from './job-view.js';

/** Settings of the Job controller. */
export interface JobControllerConfiguration extends JobSettings {
  /** Jobs that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** How long changes of pods and status are gathered before a Job is looked at. */
  readonly syncBatchPeriod: Micros;
  /** First and longest back-off after a failed sync. */
  readonly apiBackOff: Micros;
  readonly maxApiBackOff: Micros;
  readonly labelsIndex: boolean;
  /** Whether a sync waits until the cache holds what it wrote. */
  readonly waitsForOwnWrites: boolean;
}

/** Settings of the controller that deletes finished Jobs. */
export interface TtlAfterFinishedConfiguration {
  readonly workers: number;
  readonly client: ClientLimits;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['jobController']>[] = [
  {
    name: 'concurrent-job-syncs',
    type: 'integer',
    field: 'concurrentJobSyncs',
    help: 'Jobs that are synced at a time.',
  },
];

const TTL_FLAGS: readonly FlagRow<Defaults['workloads']['ttlAfterFinishedController']>[] = [
  {
    name: 'concurrent-ttl-after-finished-syncs',
    type: 'integer',
    field: 'concurrentTTLSyncs',
    help: 'Finished Jobs that are looked at at a time.',
  },
];

/** The flags of kube-controller-manager that these controllers read, with the defaults of a version. */
export const jobControllerFlags = (defaults: Defaults): readonly Flag[] => [
  ...flagsWith(defaults.workloads.jobController, FLAGS),
  ...flagsWith(defaults.workloads.ttlAfterFinishedController, TTL_FLAGS),
];

/** @throws RangeError when a value of the command line does not parse. */
export function jobControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): JobControllerConfiguration {
  const section = withFlags(defaults.workloads.jobController, FLAGS, flags);
  const { features } = defaults;
  return {
    workers: section.concurrentJobSyncs,
    client: controllerClientLimits(defaults, flags),
    maxPodsPerSync: section.maxPodsPerSync,
    maxUncountedPods: section.maxUncountedPods,
    syncBatchPeriod: parseDuration(section.syncBatchPeriod),
    apiBackOff: parseDuration(section.apiBackOff),
    maxApiBackOff: parseDuration(section.maxApiBackOff),
    defaultBackoff: parseDuration(section.podFailureBackOff),
    maxBackoff: parseDuration(section.maxPodFailureBackOff),
    labelsIndex: features.PodIndexLabel,
    waitsForOwnWrites: features.StaleControllerConsistencyJob,
    JobPodReplacementPolicy: features.JobPodReplacementPolicy,
    JobReadyPods: features.JobReadyPods,
    delaysTerminalCondition: features.jobDelaysTerminalCondition,
    suspendClearsStartTime: features.jobSuspendClearsStartTime,
    backsOffByFinishTimes: features.jobBacksOffByFinishTimes,
  };
}

/** @throws RangeError when a value of the command line does not parse. */
export function ttlAfterFinishedConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): TtlAfterFinishedConfiguration {
  const section = withFlags(defaults.workloads.ttlAfterFinishedController, TTL_FLAGS, flags);
  return { workers: section.concurrentTTLSyncs, client: controllerClientLimits(defaults, flags) };
}
