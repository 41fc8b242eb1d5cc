import { type Distribution, entityKey, RandomSource } from '../../../engine/index.js';
import { draw, lognormalFromQuantiles, quantile, standardNormalQuantile } from '../../../engine/random/draw.js';

const DRAWS = 200_000;

/** What theory says: mean, variance, and the quantile at 0.9. */
const LAWS: readonly (readonly [Distribution, number, number, number])[] = [
  [{ kind: 'constant', value: 7 }, 7, 0, 7],
  [{ kind: 'uniform', min: 2, max: 8 }, 5, 36 / 12, 7.4],
  [{ kind: 'exponential', mean: 3 }, 3, 9, 3 * Math.log(10)],
  // Weibull with shape 2: mean λΓ(3/2) = λ√π/2, variance λ²(1 − π/4).
  [
    { kind: 'weibull', shape: 2, scale: 4 },
    2 * Math.sqrt(Math.PI),
    16 * (1 - Math.PI / 4),
    4 * Math.sqrt(Math.log(10)),
  ],
  // Lognormal: mean e^(μ+σ²/2), variance (e^σ² − 1)e^(2μ+σ²); z(0.9) = 1.2815515655446004.
  [
    { kind: 'lognormal', mu: 1, sigma: 0.5 },
    Math.exp(1.125),
    (Math.exp(0.25) - 1) * Math.exp(2.25),
    Math.exp(1 + 0.5 * 1.2815515655446004),
  ],
  // Pareto with shape 5: mean αm/(α−1), variance m²α/((α−1)²(α−2)).
  [{ kind: 'pareto', minimum: 2, shape: 5 }, 2.5, 20 / 48, 2 * 10 ** 0.2],
  [{ kind: 'normal', mean: -1, deviation: 2 }, -1, 4, -1 + 2 * 1.2815515655446004],
  [{ kind: 'empirical', values: [1, 2, 3, 10] }, 4, 12.5, 10],
];

describe.each(LAWS)('draws of %j', (law, mean, variance, ninth) => {
  const stream = new RandomSource(3).stream('test');
  const key = entityKey('default/web-0');
  const values = Array.from({ length: DRAWS }, (_, n) => draw(stream, key, n, law));

  it('have the mean and the variance of the law', () => {
    const found = values.reduce((sum, value) => sum + value, 0) / DRAWS;
    const spread = values.reduce((sum, value) => sum + (value - found) ** 2, 0) / DRAWS;
    // Five standard errors of the mean; the variance within 5 %.
    expect(Math.abs(found - mean)).toBeLessThanOrEqual(5 * Math.sqrt(variance / DRAWS) + 1e-12);
    expect(Math.abs(spread - variance)).toBeLessThanOrEqual(0.05 * variance);
  });

  it('have its 0.9 quantile', () => {
    expect(quantile(law, 0.9)).toBeCloseTo(ninth, 9);
    const below = values.filter((value) => value <= ninth).length / DRAWS;
    // At an atom the share may be larger than 0.9.
    expect(below).toBeGreaterThan(0.895);
  });
});

describe('the normal quantile', () => {
  it.each([
    // Abramowitz and Stegun, table 26.5, and symmetric values.
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.025, -1.959963984540054],
    [0.999, 3.090232306167813],
    [1e-10, -6.361340902404056],
  ])('at %d is %d', (p, z) => {
    expect(standardNormalQuantile(p)).toBeCloseTo(z, 12);
  });

  it('makes a lognormal law from its median and 95th percentile', () => {
    const law = lognormalFromQuantiles(8, 20);
    expect(quantile(law, 0.5)).toBeCloseTo(8, 9);
    expect(quantile(law, 0.95)).toBeCloseTo(20, 9);
  });
});
