/**
 * A quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of R and NumPy):
 * with n values sorted ascending it stands at place (n − 1) · share, counted from 0. `share` is from 0 to 1.
 */
export function quantile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) {
    return undefined;
  }
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.ceil(place)] as number;
  return low + (place - below) * (high - low);
}

/** undefined for no values. */
export const largest = (values: readonly number[]): number | undefined =>
  values.reduce<number | undefined>((most, value) => (most === undefined || value > most ? value : most), undefined);

export const smallest = (values: readonly number[]): number | undefined =>
  values.reduce<number | undefined>(
    (least, value) => (least === undefined || value < least ? value : least),
    undefined,
  );
