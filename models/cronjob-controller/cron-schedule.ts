import { parseDuration } from '../../engine/time/duration.js';
import { MICROS_PER_SECOND } from '../../engine/time/micros.js';
import { loadTimeZone, type TimeZone, type UnixSeconds, UTC, type WallTime } from './time-zone.js';

/** When something is due, again and again. */
export interface CronSchedule {
  readonly zone: TimeZone;
  /** The first time after this one; undefined when there is none within five years. */
  next(after: UnixSeconds): UnixSeconds | undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = {
  min: 1,
  max: 12,
  names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const WEEKDAYS: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads "30 6-16/4 * * 1-5", "@daily", "@every 90m", each with "TZ=Europe/Paris " in front if wanted.
 * As ParseStandard of github.com/robfig/cron/v3.
 * @throws RangeError with the words of that package
 */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') {
    throw new RangeError('empty spec string');
  }
  let zone = UTC;
  let spec = text;
  if (/^(CRON_)?TZ=/.test(text)) {
    const space = text.indexOf(' ');
    const name = text.slice(text.indexOf('=') + 1, space);
    const found = loadTimeZone(name);
    if (found === undefined) {
      throw new RangeError(`provided bad location ${name}: unknown time zone ${name}`);
    }
    zone = found;
    spec = text.slice(space).trim();
  }
  if (spec.startsWith('@every ')) {
    return everyInterval(spec.slice('@every '.length), zone);
  }
  const fields = DESCRIPTORS[spec] ?? spec;
  if (fields.startsWith('@')) {
    throw new RangeError(`unrecognized descriptor: ${spec}`);
  }
  return fieldSchedule(fields, zone);
}

/** ConstantDelaySchedule: whole seconds, one at least. */
function everyInterval(text: string, zone: TimeZone): CronSchedule {
  let interval: number;
  try {
    interval = parseDuration(text);
  } catch (error) {
    throw new RangeError(`failed to parse duration @every ${text}: time: ${(error as RangeError).message}`);
  }
  const delay = Math.max(1, Math.floor(interval / MICROS_PER_SECOND));
  return { zone, next: (after) => Math.floor(after) + delay };
}

/** The values a field allows, and whether it was a star: then the other field of days decides. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly isStar: boolean;
}

function fieldSchedule(spec: string, zone: TimeZone): CronSchedule {
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== 5) {
    throw new RangeError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const [minute, hour, day, month, weekday] = [MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS].map((bounds, i) =>
    parseField(fields[i] as string, bounds),
  ) as [Field, Field, Field, Field, Field];
  return new FieldSchedule(zone, minute, hour, day, month, weekday);
}

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>();
  let isStar = false;
  for (const expression of text.split(',').filter(Boolean)) {
    const range = parseRange(expression, bounds);
    isStar ||= range.isStar;
    for (let value = range.start; value <= range.end; value += range.step) {
      values.add(value);
    }
  }
  return { values, isStar };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isStar: boolean;
}

/** As getRange: number | number "-" number [ "/" number ]. */
function parseRange(expression: string, bounds: Bounds): Range {
  const parts = expression.split('/');
  const limits = (parts[0] as string).split('-');
  const isEvery = limits[0] === '*' || limits[0] === '?';
  const start = isEvery ? bounds.min : parseNumber(limits[0] as string, bounds);
  let end = isEvery ? bounds.max : limits.length === 2 ? parseNumber(limits[1] as string, bounds) : start;
  const refuse = (words: string): never => {
    throw new RangeError(`${words}: ${expression}`);
  };
  if (!isEvery && limits.length > 2) {
    refuse('too many hyphens');
  }
  let step = 1;
  if (parts.length > 2) {
    refuse('too many slashes');
  } else if (parts.length === 2) {
    step = parseNumber(parts[1] as string, { min: 0, max: 0 });
    // "N/step" means "N-max/step".
    end = limits.length === 1 ? bounds.max : end;
  }
  if (start < bounds.min) {
    refuse(`beginning of range (${start}) below minimum (${bounds.min})`);
  }
  if (end > bounds.max) {
    refuse(`end of range (${end}) above maximum (${bounds.max})`);
  }
  if (start > end) {
    refuse(`beginning of range (${start}) beyond end of range (${end})`);
  }
  if (step === 0) {
    refuse('step of range should be a positive number');
  }
  return { start, end, step, isStar: isEvery && step === 1 };
}

function parseNumber(text: string, { names }: Bounds): number {
  const named = text === '' ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1);
  if (named >= 0) {
    return named;
  }
  if (!/^[-+]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new RangeError(`failed to parse int from ${text}: ${why}`);
  }
  const number = Number(text);
  if (number < 0) {
    throw new RangeError(`negative number (${number}) not allowed: ${text}`);
  }
  return number;
}

/** pkg robfig/cron spec.go Next: a time is looked for so many years ahead. */
const YEARS_AHEAD = 5;

/** SpecSchedule of github.com/robfig/cron/v3. */
class FieldSchedule implements CronSchedule {
  readonly zone: TimeZone;
  readonly #minute: Field;
  readonly #hour: Field;
  readonly #day: Field;
  readonly #month: Field;
  readonly #weekday: Field;

  constructor(zone: TimeZone, minute: Field, hour: Field, day: Field, month: Field, weekday: Field) {
    this.zone = zone;
    this.#minute = minute;
    this.#hour = hour;
    this.#day = day;
    this.#month = month;
    this.#weekday = weekday;
  }

  /** As Next, to the letter: the order of its steps decides what happens where the clock skips or repeats an hour. */
  next(after: UnixSeconds): UnixSeconds | undefined {
    const search = new Search(this.zone, Math.floor(after) + 1);
    const yearLimit = search.wall.year + YEARS_AHEAD;
    do {
      if (search.wall.year > yearLimit) {
        return undefined;
      }
    } while (
      !search.advanceMonth(({ month }) => this.#month.values.has(month)) ||
      !search.advanceDay((wall) => this.#isDay(wall)) ||
      !search.advanceHour(({ hour }) => this.#hour.values.has(hour)) ||
      !search.advanceMinute(({ minute }) => this.#minute.values.has(minute)) ||
      !search.advanceSecond()
    );
    return search.at;
  }

  /** Either day field will do, unless one of them is a star. */
  #isDay({ day, weekday }: WallTime): boolean {
    const matchesDay = this.#day.values.has(day);
    const matchesWeekday = this.#weekday.values.has(weekday);
    return this.#day.isStar || this.#weekday.isStar ? matchesDay && matchesWeekday : matchesDay || matchesWeekday;
  }
}

/** An instant that moves ahead. Each step answers false when a larger unit has turned over, so that the search begins anew. */
class Search {
  at: UnixSeconds;
  wall: WallTime;
  readonly #zone: TimeZone;
  /** Smaller units have been set to their beginning. */
  #hasMoved = false;

  constructor(zone: TimeZone, at: UnixSeconds) {
    this.#zone = zone;
    this.at = at;
    this.wall = zone.wallTime(at);
  }

  advanceMonth(matches: (wall: WallTime) => boolean): boolean {
    while (!matches(this.wall)) {
      this.#beginWith(() => this.#zone.at(this.wall.year, this.wall.month, 1, 0, 0, 0));
      const { year, month, day, hour, minute, second } = this.wall;
      this.#move(this.#zone.at(year, month + 1, day, hour, minute, second));
      if (this.wall.month === 1) {
        return false;
      }
    }
    return true;
  }

  advanceDay(matches: (wall: WallTime) => boolean): boolean {
    while (!matches(this.wall)) {
      this.#beginWith(() => this.#zone.at(this.wall.year, this.wall.month, this.wall.day, 0, 0, 0));
      const { year, month, day, hour, minute, second } = this.wall;
      this.#move(this.#zone.at(year, month, day + 1, hour, minute, second));
      // Where a day begins at one o'clock, or at eleven in the evening, midnight is looked for.
      if (this.wall.hour !== 0) {
        this.#move(this.at + (this.wall.hour > 12 ? 24 - this.wall.hour : -this.wall.hour) * 3_600);
      }
      if (this.wall.day === 1) {
        return false;
      }
    }
    return true;
  }

  advanceHour(matches: (wall: WallTime) => boolean): boolean {
    while (!matches(this.wall)) {
      this.#beginWith(() => this.#zone.at(this.wall.year, this.wall.month, this.wall.day, this.wall.hour, 0, 0));
      this.#move(this.at + 3_600);
      if (this.wall.hour === 0) {
        return false;
      }
    }
    return true;
  }

  advanceMinute(matches: (wall: WallTime) => boolean): boolean {
    while (!matches(this.wall)) {
      this.#beginWith(() => this.at - (this.at % 60));
      this.#move(this.at + 60);
      if (this.wall.minute === 0) {
        return false;
      }
    }
    return true;
  }

  /** Standard schedules are due at second zero. */
  advanceSecond(): boolean {
    if (this.wall.second === 0) {
      return true;
    }
    this.#hasMoved = true;
    this.#move(this.at + 60 - this.wall.second);
    return false;
  }

  #beginWith(begin: () => UnixSeconds): void {
    if (!this.#hasMoved) {
      this.#hasMoved = true;
      this.#move(begin());
    }
  }

  #move(at: UnixSeconds): void {
    this.at = at;
    this.wall = this.#zone.wallTime(at);
  }
}
