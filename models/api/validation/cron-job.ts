import { isTimeZone, readCronExpression } from '../cron-expression.js';
import type { CronJob, CronJobSpec, JobSpec } from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateJobSpec } from './job.js';
import { METADATA, shownSelector, validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isDnsSubdomain } from './names.js';

// k8s 1.37 pkg/apis/batch/validation/validation.go

const SPEC = FieldPath.of('spec');
const EMPTY_JOB_SPEC = { template: {} } as JobSpec;
const MAX_CRON_JOB_NAME = 52;

/** ValidateCronJobCreate */
export function validateCronJob(cronJob: CronJob, gates: ValidationGates, errors: FieldErrors): void {
  const { metadata, spec } = cronJob;
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validateCronJobSpec(spec, undefined, gates, errors);
  if ((metadata.name?.length ?? 0) > MAX_CRON_JOB_NAME) {
    // Jobs get a suffix of 11 characters.
    errors.invalid(METADATA.child('name'), metadata.name, `must be no more than ${MAX_CRON_JOB_NAME} characters`);
  }
}

export function validateCronJobUpdate(
  cronJob: CronJob,
  before: CronJob,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(cronJob.metadata, errors);
  validateCronJobSpec(cronJob.spec, before.spec, gates, errors);
}

function validateCronJobSpec(
  spec: CronJobSpec | undefined,
  old: CronJobSpec | undefined,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  const { schedule = '', timeZone, jobTemplate } = spec ?? {};
  if (schedule === '') {
    errors.required(SPEC.child('schedule'));
  } else {
    validateSchedule(schedule, timeZone, old, gates, errors);
  }
  errors.nonNegative(SPEC.child('startingDeadlineSeconds'), spec?.startingDeadlineSeconds);
  if (timeZone !== undefined && (old === undefined || old.timeZone !== timeZone)) {
    validateTimeZone(timeZone, SPEC.child('timeZone'), errors);
  }
  errors.oneOf(SPEC.child('concurrencyPolicy'), spec?.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']);
  const path = SPEC.child('jobTemplate', 'spec');
  const jobSpec = jobTemplate?.spec ?? EMPTY_JOB_SPEC;
  validateJobSpec(jobSpec, gates, path, errors);
  if (jobSpec.selector) {
    errors.invalid(path.child('selector'), shownSelector(jobSpec.selector), '`selector` will be auto-generated');
  }
  if (jobSpec.manualSelector) {
    errors.notSupported(path.child('manualSelector'), true, ['nil', 'false']);
  }
  errors.nonNegative(SPEC.child('successfulJobsHistoryLimit'), spec?.successfulJobsHistoryLimit);
  errors.nonNegative(SPEC.child('failedJobsHistoryLimit'), spec?.failedJobsHistoryLimit);
}

/** validateScheduleFormat */
function validateSchedule(
  schedule: string,
  timeZone: string | undefined,
  old: CronJobSpec | undefined,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  const path = SPEC.child('schedule');
  try {
    readCronExpression(schedule);
  } catch (error) {
    errors.invalid(path, schedule, (error as Error).message);
  }
  if (!schedule.includes('TZ')) {
    return;
  }
  const mayHaveZone = !gates.cronSchedulesRefuseTimeZones || old?.schedule?.includes('TZ') === true;
  if (!mayHaveZone) {
    errors.invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  } else if (timeZone !== undefined) {
    errors.invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule');
  }
}

function validateTimeZone(timeZone: string, path: FieldPath, errors: FieldErrors): void {
  if (timeZone === '') {
    errors.invalid(path, timeZone, 'timeZone must be nil or non-empty string');
    return;
  }
  const isPart = (part: string): boolean => part !== '.' && part !== '..' && /^(?!-)[A-Za-z.\-_0-9+]{1,14}$/.test(part);
  const hasName = timeZone.split('/').every(isPart);
  if (hasName && timeZone.toLowerCase() === 'local') {
    const message = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.invalid(path, timeZone, message);
  }
  if (!hasName || !isTimeZone(timeZone)) {
    errors.invalid(path, timeZone, `unknown time zone ${timeZone}`);
  }
}
