import { isTimeZone } from '../api/index.js';

/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number;

/** What a clock on the wall shows. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

export interface TimeZone {
  readonly name: string;
  wallTime(at: UnixSeconds): WallTime;
  /**
   * The instant at which the clock shows this; fields beyond their range carry over. Where the clock skips or repeats an hour the
   * choice is that of Go's time.Date.
   */
  at(year: number, month: number, day: number, hour: number, minute: number, second: number): UnixSeconds;
}

const DAY = 86_400;

/** Zones change their offset at full quarters of an hour only. */
const QUARTER = 900;

/** Looked-up offsets are kept, but not without end. */
const MAX_OFFSETS = 10_000;

class IanaTimeZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #offsets = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    this.#format = name === 'UTC' ? undefined : formatFor(name);
  }

  wallTime(at: UnixSeconds): WallTime {
    return civil(at + this.#offset(at));
  }

  at(year: number, month: number, day: number, hour: number, minute: number, second: number): UnixSeconds {
    const local = daysFrom(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    const first = this.#offset(local);
    return first === 0 ? local : local - this.#offset(local - first);
  }

  /** Seconds that the wall clock is ahead of UTC. */
  #offset(at: UnixSeconds): number {
    if (this.#format === undefined) {
      return 0;
    }
    const quarter = Math.floor(at / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = offsetIn(this.#format, quarter * QUARTER);
      if (this.#offsets.size >= MAX_OFFSETS) {
        this.#offsets.clear();
      }
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }
}

const formatFor = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

function offsetIn(format: Intl.DateTimeFormat, at: UnixSeconds): number {
  const fields = new Map(format.formatToParts(at * 1_000).map(({ type, value }) => [type, Number(value)]));
  const field = (type: Intl.DateTimeFormatPartTypes): number => fields.get(type) ?? 0;
  const days = daysFrom(field('year'), field('month'), field('day'));
  return days * DAY + field('hour') * 3_600 + field('minute') * 60 + field('second') - at;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar; months and days beyond their range carry over. */
function daysFrom(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last; 400 years have 146,097 days.
  const months = year * 12 + month - 3;
  const shifted = Math.floor(months / 12);
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (months - shifted * 12) + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468 + day - 1;
}

/** The date and time that so many seconds after 1970-01-01T00:00:00 are. */
function civil(seconds: number): WallTime {
  const days = Math.floor(seconds / DAY);
  const rest = seconds - days * DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

export const UTC: TimeZone = new IanaTimeZone('UTC');

const loaded = new Map<string, TimeZone | undefined>([['UTC', UTC]]);

/** The zone of that IANA name, or undefined when there is none. As time.LoadLocation; the controller's own zone is UTC. */
export function loadTimeZone(name: string): TimeZone | undefined {
  const wanted = name === '' || name === 'Local' ? 'UTC' : name;
  if (!loaded.has(wanted)) {
    loaded.set(wanted, isTimeZone(wanted) ? new IanaTimeZone(wanted) : undefined);
  }
  return loaded.get(wanted);
}
