import { formatDuration, parseDuration } from '../../../engine/index.js';

// Values and refusals from Go's own table: time/time_test.go, parseDurationTests and parseDurationErrorTests.
describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['5s', 5_000_000],
    ['30s', 30_000_000],
    ['1478s', 1_478_000_000],
    ['-5s', -5_000_000],
    ['+5s', 5_000_000],
    ['-0', 0],
    ['+0', 0],
    ['5.0s', 5_000_000],
    ['5.6s', 5_600_000],
    ['5.s', 5_000_000],
    ['.5s', 500_000],
    ['1.004s', 1_004_000],
    ['100.00100s', 100_001_000],
    ['11us', 11],
    ['12µs', 12],
    ['12μs', 12],
    ['13ms', 13_000],
    ['15m', 900_000_000],
    ['16h', 57_600_000_000],
    ['3h30m', 12_600_000_000],
    ['10.5s4m', 250_500_000],
    ['-2m3.4s', -123_400_000],
    ['1h2m3s4ms5us6ns', 3_723_004_005],
    ['39h9m14.425s', 140_954_425_000],
    ['1h0m0s', 3_600_000_000],
    ['0.3333333333333333333h', 1_200_000_000],
  ])('reads %s', (text, micros) => {
    expect(parseDuration(text)).toBe(micros);
  });

  it('rounds to the nearest microsecond', () => {
    expect(parseDuration('499ns')).toBe(0);
    expect(parseDuration('500ns')).toBe(1);
    expect(Object.is(parseDuration('-499ns'), 0)).toBe(true);
  });

  it.each([
    ['', 'invalid duration ""'],
    ['3', 'missing unit in duration "3"'],
    ['1m30', 'missing unit in duration "1m30"'],
    ['-', 'invalid duration "-"'],
    ['s', 'invalid duration "s"'],
    ['.', 'invalid duration "."'],
    ['-.', 'invalid duration "-."'],
    ['.s', 'invalid duration ".s"'],
    ['+.s', 'invalid duration "+.s"'],
    ['1d', 'unknown unit "d" in duration "1d"'],
    ['5', 'missing unit in duration "5"'],
    ['1m-30s', 'unknown unit "m-" in duration "1m-30s"'],
    ['1 s', 'unknown unit " s" in duration "1 s"'],
    ['10s ', 'unknown unit "s " in duration "10s "'],
    ['1toString', 'unknown unit "toString" in duration "1toString"'],
    ['9223372036854775.808us', 'invalid duration "9223372036854775.808us"'],
    ['2562047h47m16.854775808s', 'invalid duration "2562047h47m16.854775808s"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text)).toThrow(new RangeError(message));
  });

  it('takes the longest duration Go takes', () => {
    expect(parseDuration('9223372036854ms775us')).toBe(9_223_372_036_854_775);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1µs'],
    [1_100, '1.1ms'],
    [2_200_000, '2.2s'],
    [205_000_000, '3m25s'],
    [3_905_001_000, '1h5m5.001s'],
    [3_600_000_000, '1h0m0s'],
    [90_000_000, '1m30s'],
    [-1_500_000, '-1.5s'],
    [86_400_000_000, '24h0m0s'],
  ])('writes %d µs as %s', (micros, text) => {
    expect(formatDuration(micros)).toBe(text);
    expect(parseDuration(text)).toBe(micros);
  });
});
