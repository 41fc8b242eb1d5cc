import fc from 'fast-check';
import {
  addQuantities,
  amountOf,
  compareQuantities,
  formatAmount,
  milliValueOf,
  parseQuantity,
  subtractQuantities,
  valueOf,
} from '../../../models/api/quantity.js';

describe('a quantity', () => {
  it('is read in millicores and in bytes', () => {
    expect(milliValueOf('1500m')).toBe(1500);
    expect(milliValueOf('2')).toBe(2000);
    expect(milliValueOf(0.5)).toBe(500);
    expect(valueOf('1Gi')).toBe(1024 ** 3);
    // Rounded up: half a byte is a byte.
    expect(valueOf('500m')).toBe(1);
  });

  it('keeps the unit of the first in a sum, unless the first is nothing', () => {
    expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi');
    expect(addQuantities('0', '512Mi')).toBe('512Mi');
    expect(subtractQuantities('1', '250m')).toBe('750m');
    expect(compareQuantities('1000m', '1')).toBe(0);
  });

  it('is refused in the words of Kubernetes', () => {
    expect(() => parseQuantity('1 Gi')).toThrow('quantities must match the regular expression');
    expect(() => parseQuantity('1GiB')).toThrow('quantities must match the regular expression');
    expect(() => parseQuantity('1ki')).toThrow("unable to parse quantity's suffix");
  });

  it('survives being written and read again', () => {
    const suffix = fc.constantFrom('', 'm', 'u', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2');
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), suffix, (number, unit) => {
        const text = formatAmount(amountOf(`${number}${unit}`));
        expect(compareQuantities(text, `${number}${unit}`)).toBe(0);
        expect(formatAmount(amountOf(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
