const UNITS = [
  ['h', 3600],
  ['m', 60],
] as const;

/** Seconds as Kubernetes writes durations: 610.25 → "10m10.25s". */
export function clock(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  let rest = Math.round(Math.abs(seconds) * 1000) / 1000;
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    text += count > 0 ? `${count}${unit}` : '';
    rest = Math.round((rest - count * length) * 1000) / 1000;
  }
  return `${sign}${text}${rest > 0 || text === '' ? `${rest}s` : ''}`;
}

const ROUND_INTERVALS = [
  0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
  172_800, 604_800,
];
const PIXELS_PER_TICK = 90;

/** A round distance between ticks, so that their labels do not touch. */
export function tickInterval(seconds: number, pixels: number): number {
  const least = (seconds * PIXELS_PER_TICK) / Math.max(pixels, PIXELS_PER_TICK);
  return ROUND_INTERVALS.find((interval) => interval >= least) ?? least;
}

/** Options of an axis of virtual time. */
export const timeAxis = (start: number, end: number): object => ({
  type: 'value',
  min: start,
  max: end,
  axisLabel: { formatter: clock, hideOverlap: true },
});
