import type { Quantity } from './generated/types.js';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/**
 * A quantity taken apart: unscaled × 10^scale, exact. `isInt64` says which of its two representations Kubernetes would hold it
 * in (int64Amount or inf.Dec of k8s.io/apimachinery pkg/api/resource), because the two overflow differently.
 */
export interface Amount {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  readonly isInt64: boolean;
  /** The text it was read from, where Kubernetes would print that again rather than the canonical form. */
  readonly text?: string;
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
}

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const inverse = (suffixes: ReadonlyMap<string, number>): ReadonlyMap<number, string> =>
  new Map([...suffixes].map(([suffix, exponent]) => [exponent, suffix]));
const DECIMAL_SUFFIX_OF = inverse(DECIMAL_SUFFIXES);
const BINARY_SUFFIX_OF = inverse(BINARY_SUFFIXES);

const GRAMMAR = /^([+-]?)(\d*)(\.\d*)?([eEinumkKMGTP]*[-+]?\d*)$/;
const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";

/** Digits that surely fit an int64, and the smallest scale kept. */
const MAX_INT64_DIGITS = 18;
const NANO = -9;
const MAX_INT64 = 2n ** 63n - 1n;
/** Kubernetes would write out as many digits as the exponent says; here such a number is refused. */
const MAX_EXPONENT = 10_000;

const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent);
const fitsInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
const wrapInt64 = (value: bigint): bigint => BigInt.asIntN(64, value);

/**
 * Reads a quantity as resource.ParseQuantity does, with its rounding (up, to nano) and its cap (2^63-1 for binary suffixes).
 * @throws RangeError with the words of Kubernetes when it is not one.
 */
export function parseQuantity(quantity: Quantity): Amount {
  const text = String(quantity);
  const match = text === '' ? null : GRAMMAR.exec(text);
  if (match === null) {
    throw new RangeError(FORMAT_WRONG);
  }
  const whole = (match[2] as string).replace(/^0+/, '') || '0';
  const fraction = (match[3] ?? '').slice(1);
  const suffix = interpretSuffix(match[4] as string);
  if (suffix === undefined || Math.abs(suffix.exponent) > MAX_EXPONENT) {
    throw new RangeError(SUFFIX_WRONG);
  }
  const isNegative = match[1] === '-';
  const format = suffix.base === 2 ? 'BinarySI' : /^[eE]./.test(match[4] as string) ? 'DecimalExponent' : 'DecimalSI';
  return (
    parseInt64(text, isNegative, whole, fraction, suffix, format) ??
    parseDecimal(isNegative, whole, fraction, suffix, format)
  );
}

function interpretSuffix(suffix: string): Suffix | undefined {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) {
    return { base: 10, exponent: decimal };
  }
  const binary = BINARY_SUFFIXES.get(suffix);
  if (binary !== undefined) {
    return { base: 2, exponent: binary };
  }
  return /^[eE][-+]?\d+$/.test(suffix) ? { base: 10, exponent: Number(suffix.slice(1)) } : undefined;
}

/** The parser's fast path: short numbers are kept as an int64 and a scale, and canonical ones remember their text. */
function parseInt64(
  text: string,
  isNegative: boolean,
  whole: string,
  fraction: string,
  suffix: Suffix,
  format: QuantityFormat,
): Amount | undefined {
  const digits = whole + fraction;
  if (suffix.base === 2) {
    // 1Mi has about 6 decimal digits, hence exponent × 3/10.
    const precision = 15 - whole.length - Math.trunc((suffix.exponent * 3) / 10) - 1;
    if (fraction !== '' || precision < 0) {
      return undefined;
    }
  } else if (digits.length > MAX_INT64_DIGITS || suffix.exponent - fraction.length < NANO) {
    return undefined;
  }
  const value = BigInt(digits);
  const scaled = suffix.base === 2 ? value << BigInt(suffix.exponent) : value;
  const scale = suffix.base === 2 ? 0 : suffix.exponent - fraction.length;
  const isCanonical =
    suffix.base === 2 ? (value & 7n) !== 0n : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return {
    unscaled: isNegative ? -scaled : scaled,
    scale,
    format,
    isInt64: true,
    ...(isCanonical || text === '0' ? { text } : {}),
  };
}

/** The parser's slow path: an exact decimal, rounded away from zero to nano. */
function parseDecimal(
  isNegative: boolean,
  whole: string,
  fraction: string,
  suffix: Suffix,
  format: QuantityFormat,
): Amount {
  const digits = BigInt(whole + fraction);
  let unscaled = suffix.base === 2 ? digits << BigInt(suffix.exponent) : digits;
  let scale = (suffix.base === 2 ? 0 : suffix.exponent) - fraction.length;
  if (unscaled !== 0n) {
    unscaled = rescale(unscaled, scale, NANO);
    scale = NANO;
  }
  if (format === 'BinarySI' && unscaled > MAX_INT64 * powerOfTen(-scale)) {
    unscaled = MAX_INT64;
    scale = 0;
  }
  const isFraction = unscaled > 0n && unscaled < powerOfTen(-scale);
  return {
    unscaled: isNegative ? -unscaled : unscaled,
    scale,
    format: format === 'BinarySI' && isFraction ? 'DecimalSI' : format,
    isInt64: false,
  };
}

/** The number at another scale, rounded away from zero where digits are lost. */
function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (from >= to) {
    return unscaled * powerOfTen(from - to);
  }
  const divisor = powerOfTen(to - from);
  const quotient = unscaled / divisor;
  return unscaled % divisor === 0n ? quotient : quotient + (unscaled < 0n ? -1n : 1n);
}

/** As Quantity.String(): the text read, or the canonical form. */
export const formatAmount = (amount: Amount): string => amount.text ?? canonicalForm(amount);

/** As Quantity.CanonicalizeBytes: no fraction, no precision lost, the suffix as large as possible. */
export function canonicalForm({ unscaled, scale, format }: Amount): string {
  if (unscaled === 0n) {
    return '0';
  }
  if (format === 'BinarySI') {
    const integer = rescale(unscaled, scale, 0);
    const isExact = scale >= 0 || integer * powerOfTen(-scale) === unscaled;
    const isSmall = compare(unscaled, scale, 1024n) < 0 && compare(unscaled, scale, -1024n) > 0;
    if (isExact && !isSmall) {
      const [mantissa, times] = removeFactors(integer, 1024n);
      return `${mantissa}${times === 0 ? '' : (BINARY_SUFFIX_OF.get(times * 10) ?? '')}`;
    }
  }
  const [mantissa, times] = removeFactors(unscaled, 10n);
  const exponent = Math.floor((scale + times) / 3) * 3;
  const number = mantissa * powerOfTen(scale + times - exponent);
  if (format === 'DecimalExponent') {
    return `${number}${exponent === 0 ? '' : `e${exponent}`}`;
  }
  return `${number}${DECIMAL_SUFFIX_OF.get(exponent) ?? ''}`;
}

function removeFactors(value: bigint, factor: bigint): [bigint, number] {
  let rest = value;
  let times = 0;
  while (rest % factor === 0n) {
    rest /= factor;
    times++;
  }
  return [rest, times];
}

const compare = (unscaled: bigint, scale: number, integer: bigint): number =>
  compareBigInts(
    scale > 0 ? unscaled * powerOfTen(scale) : unscaled,
    scale < 0 ? integer * powerOfTen(-scale) : integer,
  );

const compareBigInts = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** As Quantity.ScaledValue: rounded up at 10^scale, an int64 with the overflow of Kubernetes. */
export function scaledValue(amount: Amount, scale: number): bigint {
  return amount.isInt64
    ? scaledInt64(amount.unscaled, amount.scale, scale)
    : scaledDecimal(amount.unscaled, -amount.scale, -scale);
}

/** int64Amount.AsScaledInt64, whose result is used even where it says that it overflowed. */
function scaledInt64(unscaled: bigint, from: number, to: number): bigint {
  if (from <= to) {
    return rescale(unscaled, from, to);
  }
  const product = unscaled * powerOfTen(from - to);
  // positiveScaleInt64 multiplies by these powers at once and leaves the wrapped product; by others digit by digit, leaving 0.
  const isOneStep = [1, 2, 3, 6, 9].includes(from - to);
  return fitsInt64(product) ? product : isOneStep && fitsInt64(-unscaled) ? wrapInt64(product) : 0n;
}

/** scaledValue of scale_int.go: scales count digits after the point here. A large negative number wraps before it is divided. */
function scaledDecimal(unscaled: bigint, from: number, to: number): bigint {
  const difference = from - to;
  if (difference <= 0) {
    return wrapInt64(wrapInt64(unscaled) * wrapInt64(powerOfTen(-difference)));
  }
  const divisor = powerOfTen(difference);
  if (unscaled < MAX_INT64 && difference < MAX_INT64_DIGITS) {
    const wrapped = wrapInt64(unscaled);
    return wrapped / divisor + (wrapped % divisor === 0n ? 0n : 1n);
  }
  return wrapInt64(unscaled / divisor + (unscaled % divisor === 0n ? 0n : 1n));
}

/** As Quantity.AsApproximateFloat64. */
export function approximateFloat(amount: Amount): number {
  const base = Number(amount.unscaled);
  return amount.scale === 0 ? base : base * floatPowerOfTen(amount.scale);
}

/** As math.Pow10: one table of powers below 32 and one of multiples of 32, which decides the last bit. */
function floatPowerOfTen(exponent: number): number {
  const distance = Math.abs(exponent);
  const low = Number(`1e${distance % 32}`);
  const high = distance - (distance % 32);
  return exponent < 0 ? Number(`1e-${high}`) / low : Number(`1e${high}`) * low;
}

/** As Quantity.Cmp. */
export function compareAmounts(a: Amount, b: Amount): number {
  const scale = Math.min(a.scale, b.scale);
  return compareBigInts(rescale(a.unscaled, a.scale, scale), rescale(b.unscaled, b.scale, scale));
}

/** As Quantity.Add: in the format of a, or of b when a is zero. */
export function addAmounts(a: Amount, b: Amount): Amount {
  const format = a.unscaled === 0n ? b.format : a.format;
  if (a.isInt64 && b.isInt64) {
    if (b.unscaled === 0n) {
      return { unscaled: a.unscaled, scale: a.scale, format, isInt64: true };
    }
    if (a.unscaled === 0n) {
      return { unscaled: b.unscaled, scale: b.scale, format, isInt64: true };
    }
  }
  const scale = Math.min(a.scale, b.scale);
  const [left, right] = [rescale(a.unscaled, a.scale, scale), rescale(b.unscaled, b.scale, scale)];
  const isInt64 = a.isInt64 && b.isInt64 && fitsInt64(left) && fitsInt64(right) && fitsInt64(left + right);
  return { unscaled: left + right, scale, format, isInt64 };
}

/** As Quantity.Sub. */
export const subtractAmounts = (a: Amount, b: Amount): Amount => addAmounts(a, { ...b, unscaled: -b.unscaled });

/** As Quantity.RoundUp: no finer than 10^scale, rounded away from zero. */
export const roundUpAmount = (amount: Amount, scale: number): Amount =>
  amount.scale >= scale
    ? amount
    : { ...withoutText(amount), unscaled: rescale(amount.unscaled, amount.scale, scale), scale };

function withoutText({ unscaled, scale, format, isInt64 }: Amount): Amount {
  return { unscaled, scale, format, isInt64 };
}

/** Quantities repeat: a cluster has few different ones. Bounded, should a workload make up endlessly many. */
const MEMO_LIMIT = 20_000;

function memoise<T>(compute: (quantity: Quantity) => T): (quantity: Quantity) => T {
  const memo = new Map<Quantity, T>();
  return (quantity) => {
    let found = memo.get(quantity);
    if (found === undefined) {
      found = compute(quantity);
      if (memo.size >= MEMO_LIMIT) {
        memo.clear();
      }
      memo.set(quantity, found);
    }
    return found;
  };
}

/** parseQuantity, remembered. */
export const amountOf: (quantity: Quantity) => Amount = memoise(parseQuantity);

/** Quantity.Value(): whole units, rounded up; bytes of memory. Exact up to 2^53. */
export const valueOf: (quantity: Quantity) => number = memoise((quantity) =>
  Number(scaledValue(amountOf(quantity), 0)),
);

/** Quantity.MilliValue(): thousandths, rounded up; millicores of CPU. Exact up to 2^53. */
export const milliValueOf: (quantity: Quantity) => number = memoise((quantity) =>
  Number(scaledValue(amountOf(quantity), -3)),
);

export const compareQuantities = (a: Quantity, b: Quantity): number => compareAmounts(amountOf(a), amountOf(b));
export const addQuantities = (a: Quantity, b: Quantity): Quantity => formatAmount(addAmounts(amountOf(a), amountOf(b)));
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity =>
  formatAmount(subtractAmounts(amountOf(a), amountOf(b)));
