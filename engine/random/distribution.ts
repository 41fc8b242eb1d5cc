/**
 * A random quantity, as data. Values are plain numbers in whatever unit the reader of the scenario gave them
 * (durations: Micros). Drawn by inversion: one uniform a draw, so common random numbers stay common.
 */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'weibull'; readonly shape: number; readonly scale: number }
  | { readonly kind: 'lognormal'; readonly mu: number; readonly sigma: number }
  | { readonly kind: 'pareto'; readonly minimum: number; readonly shape: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'empirical'; readonly values: readonly number[] };

export const constant = (value: number): Distribution => ({ kind: 'constant', value });
