import fc from 'fast-check';
import { formatRfc3339, parseRfc3339 } from '../../engine/time/rfc3339.js';

describe('an instant in RFC 3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2000-03-01T00:00:00Z', 951_868_800e6],
    ['2024-02-29T23:59:59.123456789Z', 1_709_251_199_123_456],
    ['2026-01-01T01:30:00+01:30', 1_767_225_600e6],
    ['1969-12-31T23:59:59.5Z', -500_000],
  ])('%s is %d µs after 1970', (text, expected) => {
    expect(parseRfc3339(text)).toBe(expected);
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-01',
    '2023-01-01 00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T00:00:60Z',
    '2023-01-01T00:00:00',
    'yesterday',
  ])('%s is none', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('is cut off, not rounded', () => {
    expect(formatRfc3339(1_999_999, 0)).toBe('1970-01-01T00:00:01Z');
    expect(formatRfc3339(1_999_999, 3)).toBe('1970-01-01T00:00:01.999Z');
    expect(formatRfc3339(-1, 6)).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('is written as the host would write it', () => {
    // A double holds whole microseconds for 285 years around 1970.
    const millis = fc.integer({ min: -9_007_199_254_740, max: 9_007_199_254_740 });
    fc.assert(
      fc.property(millis, (value) => {
        const text = new Date(value).toISOString();
        expect(formatRfc3339(value * 1000, 3)).toBe(text);
        expect(parseRfc3339(text)).toBe(value * 1000);
      }),
    );
  });
});
