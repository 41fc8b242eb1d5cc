import { type Micros, milliseconds, seconds } from '../../engine/time/micros.js';
import type { CronJob } from '../api/index.js';
import type { CronSchedule } from './cron-schedule.js';
import { loadTimeZone, type UnixSeconds } from './time-zone.js';

/** pkg/controller/cronjob/cronjob_controllerv2.go nextScheduleDelta: a moment later, so that the time has surely come. */
const NEXT_SCHEDULE_DELTA = milliseconds(100);

/** More missed times than this are worth a warning. */
const MANY_MISSED = 100;

/** Virtual time and the wall clock. */
export interface Clock {
  /** Wall time of virtual time zero. */
  readonly startTime: UnixSeconds;
}

export const unixOf = (at: Micros, { startTime }: Clock): UnixSeconds => startTime + Math.floor(at / 1_000_000);
const microsOf = (at: UnixSeconds, { startTime }: Clock): Micros => seconds(at - startTime);

/** The schedule with the zone that the CronJob names, as the parser takes it; an unknown zone is left out. As formatSchedule. */
export function formatSchedule({ spec }: Pick<CronJob, 'spec'>): string {
  const { schedule, timeZone } = spec;
  return schedule.includes('TZ') || timeZone === undefined || loadTimeZone(timeZone) === undefined
    ? schedule
    : `TZ=${timeZone} ${schedule}`;
}

export type Missed = 'none' | 'few' | 'many';

interface MostRecent {
  /** From when on times count. */
  readonly earliest: Micros;
  readonly mostRecent: Micros | undefined;
  readonly missed: Missed;
  readonly error?: string;
}

/** The last time at which the CronJob was due; those before it are skipped. As mostRecentScheduleTime (utils.go). */
export function mostRecentSchedule(
  { metadata, spec, status }: CronJob,
  schedule: CronSchedule,
  now: Micros,
  clock: Clock,
  withDeadline: boolean,
): MostRecent {
  let earliest = status?.lastScheduleTime ?? metadata.creationTimestamp ?? now;
  if (withDeadline && spec.startingDeadlineSeconds !== undefined) {
    earliest = Math.max(earliest, now - seconds(spec.startingDeadlineSeconds));
  }
  const first = schedule.next(unixOf(earliest, clock));
  const second = first === undefined ? undefined : schedule.next(first);
  const nothing = { earliest, mostRecent: undefined, missed: 'none' } as const;
  if (first !== undefined && now < microsOf(first, clock)) {
    return nothing;
  }
  if (first !== undefined && second !== undefined && now < microsOf(second, clock)) {
    return { ...nothing, mostRecent: microsOf(first, clock) };
  }
  if (first === undefined || second === undefined || second - first < 1) {
    return { ...nothing, error: 'time difference between two schedules is less than 1 second' };
  }
  const interval = second - first;
  const elapsed = Math.floor((now - microsOf(first, clock)) / 1_000_000);
  const count = Math.floor(elapsed / interval) + 1;
  // The count is a guess where intervals differ; two intervals before its end the search begins.
  let mostRecent: UnixSeconds | undefined;
  let at = schedule.next(first + (count - 2) * interval);
  while (at !== undefined && microsOf(at, clock) <= now) {
    mostRecent = at;
    at = schedule.next(at);
  }
  return {
    earliest,
    mostRecent: mostRecent === undefined ? undefined : microsOf(mostRecent, clock),
    missed: count > MANY_MISSED ? 'many' : 'few',
  };
}

/** What is due now. As nextScheduleTime. */
export interface Due {
  /** When it should have started; undefined when nothing is due. */
  readonly at: Micros | undefined;
  readonly missed: Missed;
  readonly error?: string;
}

export function dueNow(cronJob: CronJob, schedule: CronSchedule, now: Micros, clock: Clock): Due {
  const { mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, clock, true);
  const at = mostRecent === undefined || mostRecent > now ? undefined : mostRecent;
  return { at, missed, ...(error !== undefined && { error }) };
}

/** How long until the next look; minus infinity when the schedule never comes. As nextScheduleTimeDuration. */
export function untilNext(cronJob: CronJob, schedule: CronSchedule, now: Micros, clock: Clock): Micros {
  const { earliest, mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, clock, false);
  const since = error === undefined ? (mostRecent ?? (missed === 'none' ? earliest : now)) : now;
  const next = schedule.next(unixOf(since, clock));
  return next === undefined ? Number.NEGATIVE_INFINITY : microsOf(next, clock) + NEXT_SCHEDULE_DELTA - now;
}
