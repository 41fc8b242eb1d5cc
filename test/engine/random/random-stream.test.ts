import { entityKey, RandomSource, seconds } from '../../../engine/index.js';

describe('a random stream', () => {
  it('draws by entity and ordinal alone: the order of asking does not matter', () => {
    const one = new RandomSource(42).stream('lease-jitter');
    const two = new RandomSource(42).stream('lease-jitter');
    const [a, b] = [entityKey('node-1'), entityKey('node-2')];
    const forwards = [one.uniform(a, 0), one.uniform(a, 1), one.uniform(b, 0)];
    const backwards = [two.uniform(b, 0), two.uniform(a, 1), two.uniform(a, 0)].reverse();
    expect(forwards).toEqual(backwards);
  });

  it('differs by seed, by name, by entity and by ordinal', () => {
    const key = entityKey('default/web-0');
    const values = new Set([
      new RandomSource(1).stream('a').uniform(key, 0),
      new RandomSource(2).stream('a').uniform(key, 0),
      new RandomSource(1).stream('b').uniform(key, 0),
      new RandomSource(1).stream('a').uniform(entityKey('default/web-1'), 0),
      new RandomSource(1).stream('a').uniform(key, 1),
    ]);
    expect(values.size).toBe(5);
  });

  it('is uniform: 16 × 16 cells of successive pairs and of neighbouring entities hold what chi-square allows', () => {
    const stream = new RandomSource(9).stream('uniformity');
    const chiSquare = (pair: (i: number) => readonly [number, number]): number => {
      const cells = new Array<number>(256).fill(0);
      const pairs = 100_000;
      for (let i = 0; i < pairs; i++) {
        const [x, y] = pair(i);
        const cell = Math.floor(x * 16) * 16 + Math.floor(y * 16);
        cells[cell] = (cells[cell] as number) + 1;
      }
      return cells.reduce((sum, count) => sum + (count - pairs / 256) ** 2 / (pairs / 256), 0);
    };
    const key = entityKey('default/web-0');
    // 255 degrees of freedom: above 347 with probability 0.0001.
    expect(chiSquare((i) => [stream.uniform(key, i), stream.uniform(key, i + 1)])).toBeLessThan(347);
    const keys = Array.from({ length: 100_001 }, (_, i) => entityKey(`default/web-${i}`));
    expect(
      chiSquare((i) => [stream.uniform(keys[i] as number, 0), stream.uniform(keys[i + 1] as number, 0)]),
    ).toBeLessThan(347);
  });

  it('jitters as wait.Jitter: between the base and base × (1 + factor)', () => {
    const stream = new RandomSource(5).stream('jitter');
    const draws = Array.from({ length: 10_000 }, (_, n) => stream.jitter(entityKey('n'), n, seconds(10), 0.04));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(seconds(10));
    expect(Math.max(...draws)).toBeLessThanOrEqual(seconds(10.4));
    expect(draws.reduce((sum, value) => sum + value, 0) / draws.length / 1e6).toBeCloseTo(10.2, 2);
  });

  it('never gives two of 200,000 names one key', () => {
    const keys = new Set(Array.from({ length: 200_000 }, (_, i) => entityKey(`default/web-${i}`)));
    expect(keys.size).toBe(200_000);
  });
});
