import type { IntOrString } from './generated/types.js';

const INT64_MAX = 2n ** 63n - 1n;

/**
 * A number, or a percentage of `total` rounded as asked.
 * As intstr.GetScaledValueFromIntOrPercent (k8s.io/apimachinery pkg/util/intstr).
 * @throws RangeError with the words of Kubernetes when the text is not a whole percentage.
 */
export function scaledIntOrPercent(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') {
    return value;
  }
  const share = (percentOf(value) * total) / 100;
  // `+ 0` turns the -0 of rounding into 0, as Go's conversion to int does.
  return (rounding === 'up' ? Math.ceil(share) : Math.floor(share)) + 0;
}

/** The number in front of the percent sign. */
function percentOf(text: string): number {
  if (/^\d{1,15}%$/.test(text)) {
    return Number.parseInt(text, 10);
  }
  const problem = (reason: string): RangeError => new RangeError(`invalid value for IntOrString: ${reason}`);
  if (!text.endsWith('%')) {
    throw problem('invalid type: string is not a percentage');
  }
  const digits = text.slice(0, -1);
  const refused = (why: string): RangeError =>
    problem(`invalid value ${JSON.stringify(text)}: strconv.Atoi: parsing ${JSON.stringify(digits)}: ${why}`);
  if (!/^[-+]?\d+$/.test(digits)) {
    throw refused('invalid syntax');
  }
  const number = BigInt(digits.replace(/^\+/, ''));
  if (number > INT64_MAX || number < -INT64_MAX - 1n) {
    throw refused('value out of range');
  }
  return Number(number);
}
