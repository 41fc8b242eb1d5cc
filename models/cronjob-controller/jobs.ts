import type { Micros } from '../../engine/time/micros.js';
import { type CronJob, conditionOf, controllerReference, type Job, type ObjectReference } from '../api/index.js';
import { type Clock, unixOf } from './decisions.js';
import { loadTimeZone, type UnixSeconds, UTC } from './time-zone.js';

const SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export type JobDraft = Omit<Job, 'metadata'> & { readonly metadata: Partial<Job['metadata']> & { name: string } };

/** Named after the minute it is for, so that it cannot be created twice. As getJobName. */
export const jobName = (cronJob: CronJob, scheduled: Micros, clock: Clock): string =>
  `${cronJob.metadata.name}-${Math.floor(unixOf(scheduled, clock) / 60)}`;

/** As getJobFromTemplate2. */
export function jobFor(cronJob: CronJob, scheduled: Micros, clock: Clock, annotatesScheduledTime: boolean): JobDraft {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const zone = loadTimeZone(cronJob.spec.timeZone ?? '') ?? UTC;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduled, clock),
      namespace: cronJob.metadata.namespace,
      labels: metadata?.labels,
      annotations: {
        ...metadata?.annotations,
        ...(annotatesScheduledTime && { [SCHEDULED_TIMESTAMP]: rfc3339(unixOf(scheduled, clock), zone) }),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: spec as Job['spec'],
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

function rfc3339(at: UnixSeconds, zone: typeof UTC): string {
  const { year, month, day, hour, minute, second } = zone.wallTime(at);
  const ahead = Math.round((UTC.at(year, month, day, hour, minute, second) - at) / 60);
  const offset =
    ahead === 0 ? 'Z' : `${ahead < 0 ? '-' : '+'}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${offset}`;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As time.RFC1123Z in UTC: "Mon, 02 Jan 2006 15:04:05 +0000". */
export function rfc1123(at: UnixSeconds): string {
  const { year, month, day, hour, minute, second, weekday } = UTC.wallTime(at);
  const date = `${two(day)} ${MONTHS[month - 1]} ${year}`;
  return `${WEEKDAYS[weekday]}, ${date} ${two(hour)}:${two(minute)}:${two(second)} +0000`;
}

/** How the Job ended, or undefined while it has not. As jobutil.FinishedCondition. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  const isTrue = (type: string): boolean => conditionOf(status?.conditions, type)?.status === 'True';
  return isTrue('Complete') ? 'Complete' : isTrue('Failed') ? 'Failed' : undefined;
}

export const referenceTo = ({ apiVersion, kind, metadata }: Job): ObjectReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
});

/** Finished Jobs that the history limits no longer keep, oldest first. As cleanupFinishedJobs. */
export function jobsToCleanUp({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const beyond = (end: 'Complete' | 'Failed', limit: number | undefined): readonly Job[] => {
    const ended = jobs.filter((job) => endOf(job) === end).sort(byStartTime);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond('Complete', spec.successfulJobsHistoryLimit), ...beyond('Failed', spec.failedJobsHistoryLimit)];
}

const byStartTime = (a: Job, b: Job): number =>
  (a.status?.startTime ?? Number.MAX_SAFE_INTEGER) - (b.status?.startTime ?? Number.MAX_SAFE_INTEGER) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);
