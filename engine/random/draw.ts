import type { Distribution } from './distribution.js';
import type { EntityKey, RandomStream } from './random-stream.js';

/** The n-th value of the entity: the distribution's quantile at one uniform draw. */
export function draw(stream: RandomStream, key: EntityKey, n: number, distribution: Distribution): number {
  return distribution.kind === 'constant' ? distribution.value : quantile(distribution, stream.uniform(key, n));
}

/** The value below which a share `p` in [0, 1) of the distribution lies. */
export function quantile(distribution: Distribution, p: number): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.min + (distribution.max - distribution.min) * p;
    case 'exponential':
      return -Math.log1p(-p) * distribution.mean;
    case 'weibull':
      return distribution.scale * (-Math.log1p(-p)) ** (1 / distribution.shape);
    case 'lognormal':
      return Math.exp(distribution.mu + distribution.sigma * standardNormalQuantile(p));
    case 'pareto':
      return distribution.minimum / (1 - p) ** (1 / distribution.shape);
    case 'normal':
      return distribution.mean + distribution.deviation * standardNormalQuantile(p);
    case 'empirical':
      return distribution.values[Math.floor(p * distribution.values.length)] as number;
  }
}

/** The smallest p that the normal quantile is asked for: half of the spacing of 53-bit uniforms. */
const LEAST = 2 ** -54;

/**
 * Quantile of the standard normal law: M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988); relative error
 * about 1e-16. One uniform a value, where polar rejection would take a varying number.
 */
export function standardNormalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(CENTRE_ABOVE, r)) / horner(CENTRE_BELOW, r);
  }
  const tail = Math.max(LEAST, q < 0 ? p : 1 - p);
  const r = Math.sqrt(-Math.log(tail));
  const value =
    r <= 5
      ? horner(MIDDLE_ABOVE, r - 1.6) / horner(MIDDLE_BELOW, r - 1.6)
      : horner(FAR_ABOVE, r - 5) / horner(FAR_BELOW, r - 5);
  return q < 0 ? -value : value;
}

/** Value of a polynomial whose coefficients are given from the constant term up. */
const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

const CENTRE_ABOVE = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_BELOW = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852545925,
];
const MIDDLE_ABOVE = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const MIDDLE_BELOW = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const FAR_ABOVE = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093,
  0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const FAR_BELOW = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];

/** A lognormal law told by its median and 95th percentile. */
export function lognormalFromQuantiles(median: number, p95: number): Distribution {
  return {
    kind: 'lognormal',
    mu: Math.log(median),
    sigma: Math.log(p95 / median) / standardNormalQuantile(0.95),
  };
}
