import jStat from 'jstat';

/** Mean of a sample with the half-width of its 95 % confidence interval by Student's t; none for fewer than two values. */
export interface Interval {
  readonly n: number;
  readonly mean: number;
  readonly halfWidth: number | undefined;
}

const CONFIDENCE = 0.95;

export function interval(values: readonly number[]): Interval | undefined {
  const n = values.length;
  if (n === 0) {
    return undefined;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) {
    return { n, mean, halfWidth: undefined };
  }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const quantile: number = jStat.studentt.inv((1 + CONFIDENCE) / 2, n - 1);
  return { n, mean, halfWidth: quantile * Math.sqrt(variance / n) };
}
