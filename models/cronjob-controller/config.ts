import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { Clock } from './decisions.js';

/** Settings of the CronJob controller. */
export interface CronJobControllerConfiguration extends Clock {
  /** CronJobs that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** Whether a Job is told its scheduled time by an annotation. */
  readonly annotatesScheduledTime: boolean;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['cronJobController']>[] = [
  {
    name: 'concurrent-cron-job-syncs',
    type: 'integer',
    field: 'concurrentCronJobSyncs',
    help: 'CronJobs that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const cronJobControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.cronJobController, FLAGS);

/**
 * `startTime`: wall time of virtual time zero, in Unix seconds; schedules are about dates.
 * @throws RangeError when a value of the command line does not parse.
 */
export function cronJobControllerConfiguration(
  defaults: Defaults,
  startTime: number,
  flags: Readonly<Record<string, string>> = {},
): CronJobControllerConfiguration {
  const section = withFlags(defaults.workloads.cronJobController, FLAGS, flags);
  return {
    workers: section.concurrentCronJobSyncs,
    client: controllerClientLimits(defaults, flags),
    annotatesScheduledTime: defaults.features.CronJobsScheduledAnnotation,
    startTime: Math.floor(startTime),
  };
}
