import { MICROS_PER_SECOND, type Micros } from '../../engine/index.js';

/** Seconds without an exponent and without trailing zeros: "610.25". */
export function formatAt(at: Micros): string {
  const sign = at < 0 ? '-' : '';
  const micros = Math.abs(Math.round(at));
  const fraction = String(micros % MICROS_PER_SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = Math.floor(micros / MICROS_PER_SECOND);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const DAY = 86_400;

/** Virtual time on the run's wall clock, as RFC 3339 in UTC; a fraction only when there is one. startTime: Unix seconds of zero. */
export function rfc3339(at: Micros, startTime: number): string {
  const micros = Math.round(startTime * MICROS_PER_SECOND) + Math.round(at);
  const second = Math.floor(micros / MICROS_PER_SECOND);
  const rest = micros - second * MICROS_PER_SECOND;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  const ofDay = second - Math.floor(second / DAY) * DAY;
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${date(Math.floor(second / DAY))}T${clock.join(':')}${fraction}Z`;
}

let lastDay = Number.NaN;
let lastDate = '';

/** Days since 1970 as "2026-01-31"; the day before is remembered because rows come in order. */
function date(day: number): string {
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * DAY * 1000).toISOString().slice(0, 10);
  }
  return lastDate;
}
