import { toSeconds } from '../../../../engine/index.js';
import type { CronJob } from '../../../../models/api/index.js';
import { type CronSchedule, parseCronSchedule } from '../../../../models/cronjob-controller/cron-schedule.js';
import {
  dueNow,
  formatSchedule,
  mostRecentSchedule,
  untilNext,
} from '../../../../models/cronjob-controller/decisions.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { microsOf } from '../times.js';

interface CronCase extends VectorCase {
  readonly schedule: string;
  readonly timeZone?: string;
  readonly created: string;
  readonly lastScheduleTime?: string;
  readonly now: string;
  readonly startingDeadlineSeconds?: number;
}

/** Times are counted from 1970 here. */
const CLOCK = { startTime: 0 };

/** Go's shortest time.Duration, to which an endless one is cut. */
const MIN_DURATION_SECONDS = -(2 ** 63) / 1e9;

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly CronCase[]) {
    const { id, schedule, timeZone, created, lastScheduleTime, now, startingDeadlineSeconds, ...expected } = one;
    yield compare(id, expected, decide(one));
  }
};

function decide(one: CronCase): object {
  const cronJob = asCronJob(one);
  let schedule: CronSchedule;
  try {
    schedule = parseCronSchedule(formatSchedule(cronJob));
  } catch (error) {
    return { parseError: (error as RangeError).message };
  }
  const now = microsOf(one.now);
  const { mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, CLOCK, true);
  const until = toSeconds(untilNext(cronJob, schedule, now, CLOCK));
  return {
    missed,
    mostRecent: textOf(mostRecent),
    next: textOf(dueNow(cronJob, schedule, now, CLOCK).at),
    nextFires: nextFires(schedule, now / 1e6),
    requeueAfterSeconds: Math.max(until, MIN_DURATION_SECONDS),
    ...(error !== undefined && { error }),
  };
}

function nextFires(schedule: CronSchedule, after: number): readonly (string | null)[] {
  const fires: (string | null)[] = [];
  let at: number | undefined = after;
  while (fires.length < 5 && at !== undefined) {
    at = schedule.next(at);
    if (at !== undefined) {
      fires.push(textOf(at * 1e6));
    }
  }
  return fires;
}

const textOf = (micros: number | undefined): string | null =>
  micros === undefined ? null : new Date(micros / 1e3).toISOString().replace('.000Z', 'Z');

const asCronJob = (one: CronCase): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'cron', namespace: 'default', creationTimestamp: microsOf(one.created) },
  spec: {
    schedule: one.schedule,
    jobTemplate: {},
    ...(one.timeZone !== undefined && { timeZone: one.timeZone }),
    ...(one.startingDeadlineSeconds !== undefined && { startingDeadlineSeconds: one.startingDeadlineSeconds }),
  },
  ...(one.lastScheduleTime !== undefined && { status: { lastScheduleTime: microsOf(one.lastScheduleTime) } }),
});
