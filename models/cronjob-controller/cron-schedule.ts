import { MICROS_PER_SECOND, type Micros } from '../../engine/index.js';
import { type CronFields, readCronExpression } from '../api/index.js';
import { loadTimeZone, type TimeZone, type UnixSeconds, UTC, type WallTime } from './time-zone.js';

/** When something is due, again and again. */
export interface CronSchedule {
  readonly zone: TimeZone;
  /** The first time after this one; undefined when there is none within five years. */
  next(after: UnixSeconds): UnixSeconds | undefined;
}

/**
 * Reads "30 6-16/4 * * 1-5", "@daily", "@every 90m", each with "TZ=Europe/Paris " in front if wanted.
 * @throws RangeError with the words of github.com/robfig/cron/v3
 */
export function parseCronSchedule(text: string): CronSchedule {
  const expression = readCronExpression(text);
  const zone = (expression.timeZone === undefined ? undefined : loadTimeZone(expression.timeZone)) ?? UTC;
  return expression.type === 'every' ? everyInterval(expression.interval, zone) : new FieldSchedule(zone, expression);
}

/** ConstantDelaySchedule: whole seconds, one at least. */
function everyInterval(interval: Micros, zone: TimeZone): CronSchedule {
  const delay = Math.max(1, Math.floor(interval / MICROS_PER_SECOND));
  return { zone, next: (after) => Math.floor(after) + delay };
}

/** pkg robfig/cron spec.go Next: a time is looked for so many years ahead. */
const YEARS_AHEAD = 5;

/** SpecSchedule of github.com/robfig/cron/v3. */
class FieldSchedule implements CronSchedule {
  readonly zone: TimeZone;
  readonly #fields: CronFields;

  constructor(zone: TimeZone, fields: CronFields) {
    this.zone = zone;
    this.#fields = fields;
  }

  /** As Next, to the letter: the order of its steps decides what happens where the clock skips or repeats an hour. */
  next(after: UnixSeconds): UnixSeconds | undefined {
    const { month: months, hour: hours, minute: minutes } = this.#fields;
    const search = new Search(this.zone, Math.floor(after) + 1);
    const yearLimit = search.wall.year + YEARS_AHEAD;
    do {
      if (search.wall.year > yearLimit) {
        return undefined;
      }
    } while (
      !search.advanceMonth(({ month }) => months.values.has(month)) ||
      !search.advanceDay((wall) => this.#isDay(wall)) ||
      !search.advanceHour(({ hour }) => hours.values.has(hour)) ||
      !search.advanceMinute(({ minute }) => minutes.values.has(minute)) ||
      !search.advanceSecond()
    );
    return search.at;
  }

  /** Either day field will do, unless one of them is a star. */
  #isDay({ day, weekday }: WallTime): boolean {
    const { dayOfMonth, dayOfWeek } = this.#fields;
    const matchesDay = dayOfMonth.values.has(day);
    const matchesWeekday = dayOfWeek.values.has(weekday);
    return dayOfMonth.isStar || dayOfWeek.isStar ? matchesDay && matchesWeekday : matchesDay || matchesWeekday;
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
