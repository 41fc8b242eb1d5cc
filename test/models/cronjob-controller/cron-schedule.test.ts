import { parseCronSchedule } from '../../../models/cronjob-controller/cron-schedule.js';
import { formatSchedule } from '../../../models/cronjob-controller/decisions.js';
import { loadTimeZone } from '../../../models/cronjob-controller/time-zone.js';

const DAY_SECONDS = 86_400;

/** The first times after `from`, in UTC, without the year and the seconds. */
function fires(text: string, from: string, count: number): readonly string[] {
  const schedule = parseCronSchedule(text);
  const found: string[] = [];
  let at: number | undefined = Date.parse(from) / 1_000;
  while (found.length < count && at !== undefined) {
    at = schedule.next(at);
    if (at !== undefined) {
      found.push(new Date(at * 1_000).toISOString().slice(5, 16));
    }
  }
  return found;
}

// github.com/robfig/cron/v3 spec.go Next. The times were worked out with Go's time package.
describe('a schedule where clocks change', () => {
  it.each([
    // Paris, 29 March: 02:00 is followed by 03:00, so 02:30 does not come; on 25 October it comes twice.
    ['TZ=Europe/Paris 30 2 * * *', '2026-03-28T00:00:00Z', ['03-28T01:30', '03-30T00:30']],
    ['TZ=Europe/Paris 30 2 * * *', '2026-10-24T12:00:00Z', ['10-25T00:30', '10-25T01:30', '10-26T01:30']],
    ['TZ=Europe/Paris 0 * * * *', '2026-03-28T23:30:00Z', ['03-29T00:00', '03-29T01:00', '03-29T02:00']],
    // São Paulo, 4 November 2018: the day begins at 01:00, so there is no midnight; 17 February had 23:30 twice.
    ['TZ=America/Sao_Paulo 0 0 * * *', '2018-11-03T00:00:00Z', ['11-03T03:00', '11-05T02:00']],
    ['TZ=America/Sao_Paulo 30 23 * * *', '2018-02-17T02:00:00Z', ['02-18T01:30', '02-18T02:30']],
    // Lord Howe Island moves by half an hour: 02:15 is left out on 4 October, 01:45 comes twice on 5 April.
    ['TZ=Australia/Lord_Howe 15 2 * * *', '2026-10-02T20:00:00Z', ['10-04T15:15', '10-05T15:15']],
    ['TZ=Australia/Lord_Howe 45 1 * * *', '2026-04-03T20:00:00Z', ['04-04T14:45', '04-04T15:15']],
    ['CRON_TZ=Asia/Kathmandu 0 0 * * *', '2026-01-01T00:00:00Z', ['01-01T18:15']],
  ])('%s after %s', (text, from, expected) => {
    expect(fires(text, from, expected.length)).toEqual(expected);
  });

  it('comes no more when five years hold no such day', () => {
    expect(fires('0 0 31 4 *', '2026-01-01T00:00:00Z', 1)).toEqual([]);
    // 2100 is no leap year: from March 2096 the next 29 February is eight years away.
    expect(fires('0 0 29 2 *', '2096-03-01T00:00:00Z', 1)).toEqual([]);
  });
});

describe('days of the month and of the week', () => {
  // From Thursday 1 January 2026.
  it.each([
    // Either will do when both are given, also when one lists every day.
    ['0 0 13 * 5', ['01-02T00:00', '01-09T00:00', '01-13T00:00']],
    ['0 0 1-31 * 1', ['01-02T00:00', '01-03T00:00', '01-04T00:00']],
    // A star leaves the choice to the other; a star with a step does not.
    ['0 0 * * 1', ['01-05T00:00', '01-12T00:00', '01-19T00:00']],
    ['0 0 ? * MON', ['01-05T00:00', '01-12T00:00', '01-19T00:00']],
    ['0 0 */1 * 1', ['01-05T00:00', '01-12T00:00', '01-19T00:00']],
    ['0 0 */10 * 1', ['01-05T00:00', '01-11T00:00', '01-12T00:00']],
  ])('%s', (text, expected) => {
    expect(fires(text, '2026-01-01T00:00:00Z', 3)).toEqual(expected);
  });
});

describe('an interval', () => {
  it.each([
    ['@every 1.5h', 5_400],
    ['@every 1h30m', 5_400],
    ['@every 1500ms', 1],
    ['@every 10ms', 1],
    ['@every -1h', 1],
    ['TZ=Europe/Paris @every 24h', DAY_SECONDS],
  ])('%s is %d s', (text, delay) => {
    expect(parseCronSchedule(text).next(1_000)).toBe(1_000 + delay);
  });
});

describe('a schedule that does not parse', () => {
  // parser.go Parse, normalizeFields, getRange, parseDescriptor
  it.each([
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['1/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['5- * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['* * * * FRIDAY', 'failed to parse int from FRIDAY: strconv.Atoi: parsing "FRIDAY": invalid syntax'],
    ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
    ['@Daily', 'unrecognized descriptor: @Daily'],
    [' @daily', 'expected exactly 5 fields, found 1: [@daily]'],
    ['TZ=Nowhere/City * * * * *', 'provided bad location Nowhere/City: unknown time zone Nowhere/City'],
  ])('%s', (text, message) => {
    expect(() => parseCronSchedule(text)).toThrow(new RangeError(message));
  });
});

it('takes names of time zones only as they are written in the database', () => {
  for (const name of ['UTC', 'Zulu', 'EST', 'Etc/GMT+5', 'Asia/Kolkata', 'Asia/Calcutta', 'Europe/Kyiv']) {
    expect(loadTimeZone(name)).toBeDefined();
  }
  for (const name of ['utc', 'local', 'europe/paris', 'asia/Kolkata', 'Asia/calcutta', '+01:00']) {
    expect(loadTimeZone(name)).toBeUndefined();
    expect(formatSchedule({ spec: { schedule: '0 9 * * *', timeZone: name, jobTemplate: {} } })).toBe('0 9 * * *');
  }
});
