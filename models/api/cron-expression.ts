import { parseDuration } from '../../engine/time/duration.js';
import type { Micros } from '../../engine/time/micros.js';

/** The values of one field that fire. `isStar` tells `*` from a list of all values: days of month and week treat it differently. */
interface CronField {
  readonly values: ReadonlySet<number>;
  readonly isStar: boolean;
}

export interface CronFields {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  /** 0 is Sunday. */
  readonly dayOfWeek: CronField;
}

/** What a schedule says, and in which time zone if it says so itself (TZ=, CRON_TZ=). */
type CronExpression = { readonly timeZone?: string } & (
  | ({ readonly type: 'fields' } & CronFields)
  | { readonly type: 'every'; readonly interval: Micros }
);

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const BOUNDS: readonly [keyof CronFields, Bounds][] = [
  ['minute', { min: 0, max: 59 }],
  ['hour', { min: 0, max: 23 }],
  ['dayOfMonth', { min: 1, max: 31 }],
  ['month', { min: 1, max: 12, names: MONTHS }],
  ['dayOfWeek', { min: 0, max: 6, names: DAYS }],
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const EVERY = '@every ';

/**
 * Reads a schedule as ParseStandard of github.com/robfig/cron/v3 3.0.1 does, which CronJobs use.
 * @throws RangeError in its words
 */
export function readCronExpression(text: string): CronExpression {
  if (text === '') {
    throw new RangeError('empty spec string');
  }
  // Kubernetes recovers from the parser's panic where nothing follows the zone.
  if (/^(?:CRON_)?TZ=[^ ]*$/.test(text)) {
    throw new RangeError('invalid schedule format: runtime error: slice bounds out of range [:-1]');
  }
  const zone = /^(?:CRON_)?TZ=(\S*)\s*(.*)$/s.exec(text);
  const [timeZone, schedule] = zone ? [zone[1] as string, (zone[2] as string).trim()] : [undefined, text];
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new RangeError(`provided bad location ${timeZone}: unknown time zone ${timeZone}`);
  }
  const parsed = schedule.startsWith('@') ? parseDescriptor(schedule) : parseFields(schedule);
  return timeZone === undefined ? parsed : { ...parsed, timeZone };
}

function parseDescriptor(descriptor: string): CronExpression {
  const fields = DESCRIPTORS[descriptor];
  if (fields !== undefined) {
    return parseFields(fields);
  }
  if (!descriptor.startsWith(EVERY)) {
    throw new RangeError(`unrecognized descriptor: ${descriptor}`);
  }
  try {
    return { type: 'every', interval: parseDuration(descriptor.slice(EVERY.length)) };
  } catch (error) {
    throw new RangeError(`failed to parse duration ${descriptor}: time: ${(error as Error).message}`);
  }
}

function parseFields(schedule: string): CronExpression {
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== BOUNDS.length) {
    throw new RangeError(`expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const parsed = BOUNDS.map(([name, bounds], i) => [name, parseField(fields[i] as string, bounds)] as const);
  return { type: 'fields', ...(Object.fromEntries(parsed) as unknown as CronFields) };
}

function parseField(field: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let isStar = false;
  for (const range of field.split(',').filter((part) => part !== '')) {
    isStar = addRange(range, bounds, values) || isStar;
  }
  return { values, isStar };
}

/** Adds the values of "5", "1-10", "star/15", "3/20"; whether it is a plain star. */
function addRange(range: string, { min, max, names }: Bounds, values: Set<number>): boolean {
  const [limits, stepText, ...moreSteps] = range.split('/') as [string, string?, ...string[]];
  const [low, high, ...moreHyphens] = limits.split('-') as [string, string?, ...string[]];
  const isStar = low === '*' || low === '?';
  const start = isStar ? min : parseNumber(low, names);
  if (!isStar && moreHyphens.length > 0) {
    throw new RangeError(`too many hyphens: ${range}`);
  }
  let end = isStar ? max : high === undefined ? start : parseNumber(high, names);
  if (moreSteps.length > 0) {
    throw new RangeError(`too many slashes: ${range}`);
  }
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (stepText !== undefined && high === undefined) {
    end = max;
  }
  if (start < min) {
    throw new RangeError(`beginning of range (${start}) below minimum (${min}): ${range}`);
  }
  if (end > max) {
    throw new RangeError(`end of range (${end}) above maximum (${max}): ${range}`);
  }
  if (start > end) {
    throw new RangeError(`beginning of range (${start}) beyond end of range (${end}): ${range}`);
  }
  if (step === 0) {
    throw new RangeError(`step of range should be a positive number: ${range}`);
  }
  for (let value = start; value <= end; value += step) {
    values.add(value);
  }
  return isStar && step === 1;
}

function parseNumber(text: string, names: readonly string[] = []): number {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase());
  if (named >= 0) {
    return named;
  }
  if (!/^[-+]?\d+$/.test(text)) {
    throw new RangeError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const number = Number(text);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`,
    );
  }
  if (number < 0) {
    throw new RangeError(`negative number (${number}) not allowed: ${text}`);
  }
  return number;
}

/** Whether the time zone database knows the name, in the case in which it is written. As Go's time.LoadLocation. */
export function isTimeZone(name: string): boolean {
  if (['', 'UTC', 'Local'].includes(name)) {
    return true;
  }
  // Each part of a name begins with a capital; offsets such as +01:00 are no names.
  if (!/^[A-Z][^/]*(\/[A-Z][^/]*)*$/.test(name)) {
    return false;
  }
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return known === name || known.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
