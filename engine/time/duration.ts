import type { Micros } from './micros.js';

/** Nanoseconds of each unit, as in Go's package time (unitMap in format.go). */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const NANOS_PER_MICRO = 1_000n;
/** Go holds a duration in an int64 of nanoseconds; one step further is possible below zero. */
const MAX_NANOS = 2n ** 63n - 1n;

/** One "1.5h" of a duration: digits, fraction, unit. A unit is anything that is neither a digit nor a point. */
const TERM = /^(\d*)(\.(\d*))?([^\d.]*)/;

/**
 * A duration as Kubernetes writes it, by the grammar of Go's time.ParseDuration: "1m30s", "1.5h", "300ms", "-1s", "0".
 * Refuses what Go refuses ("1d", "5", ""). Rounded to the nearest microsecond.
 * @throws RangeError with Go's words.
 */
export function parseDuration(text: string): Micros {
  const isNegative = text.startsWith('-');
  let rest = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') {
    return 0;
  }
  const invalid = (): RangeError => new RangeError(`invalid duration ${JSON.stringify(text)}`);
  if (rest === '') {
    throw invalid();
  }
  let nanos = 0n;
  while (rest !== '') {
    const [term, whole, , fraction, unit] = TERM.exec(rest) as unknown as [string, string, ...(string | undefined)[]];
    if (whole === '' && !fraction) {
      throw invalid();
    }
    if (!unit) {
      throw new RangeError(`missing unit in duration ${JSON.stringify(text)}`);
    }
    const scale = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (scale === undefined) {
      throw new RangeError(`unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    nanos += BigInt(whole || '0') * scale + fractionOf(fraction ?? '', scale);
    rest = rest.slice(term.length);
  }
  if (nanos > (isNegative ? MAX_NANOS + 1n : MAX_NANOS)) {
    throw invalid();
  }
  const micros = Number((nanos + NANOS_PER_MICRO / 2n) / NANOS_PER_MICRO);
  return isNegative && micros !== 0 ? -micros : micros;
}

const fractionOf = (digits: string, scale: bigint): bigint =>
  digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length);

/** As Go's Duration.String: "1h0m0s", "1m30s", "1.5s", "300ms", "15µs", "0s". */
export function formatDuration(duration: Micros): string {
  const sign = duration < 0 ? '-' : '';
  const micros = Math.abs(duration);
  if (micros === 0) {
    return '0s';
  }
  if (micros < 1_000) {
    return `${sign}${micros}µs`;
  }
  if (micros < 1_000_000) {
    return `${sign}${decimal(micros, 1_000)}ms`;
  }
  const minutes = Math.floor(micros / 60_000_000);
  const secondsText = `${decimal(micros - minutes * 60_000_000, 1_000_000)}s`;
  if (minutes === 0) {
    return sign + secondsText;
  }
  return minutes < 60
    ? `${sign}${minutes}m${secondsText}`
    : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${secondsText}`;
}

/** micros ÷ unit without an exponent and without trailing zeros; unit is a power of ten. */
function decimal(micros: Micros, unit: number): string {
  const whole = Math.floor(micros / unit);
  const fraction = String(micros - whole * unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
