import fc from 'fast-check';
import { seconds } from '../../../engine/index.js';
import { firstBelow, firstReaching, type Usage, usageAt, usageFrom } from '../../../models/world/usage-curve.js';

const MI = 1024 * 1024;

describe('a usage curve', () => {
  it('grows from its base by its growth per second up to its limit, and stays there', () => {
    const usage = [usageFrom({ base: 200 * MI, growthPerSecond: MI, limit: 260 * MI }, seconds(100))];
    expect(usageAt(usage, seconds(99))).toBe(0);
    expect(usageAt(usage, seconds(100))).toBe(200 * MI);
    expect(usageAt(usage, seconds(130))).toBeCloseTo(230 * MI, 3);
    expect(usageAt(usage, seconds(1000))).toBe(260 * MI);
  });

  it('goes straight from point to point, from its base before the first, and is held after the last', () => {
    const points = [
      { at: seconds(10), value: 100 },
      { at: seconds(20), value: 300 },
      { at: seconds(20), value: 50 },
    ];
    const usage = [usageFrom({ base: 0, points }, 0)];
    expect(usageAt(usage, seconds(5))).toBeCloseTo(50, 6);
    expect(usageAt(usage, seconds(15))).toBeCloseTo(200, 6);
    expect(usageAt(usage, seconds(20))).toBe(50);
    expect(usageAt(usage, seconds(99))).toBe(50);
  });

  it('says when several sources together reach a level', () => {
    // 100 + t and, from 10 s on, 50 + 4 (t − 10): 300 = 100 + t + 50 + 4t − 40 at t = 38.
    const usages = [
      usageFrom({ base: 100, growthPerSecond: 1 }, 0),
      usageFrom({ base: 50, growthPerSecond: 4 }, seconds(10)),
    ];
    expect(firstReaching(usages, 300, 0)).toBe(seconds(38));
    expect(firstReaching(usages, 90, seconds(3))).toBe(seconds(3));
    expect(firstReaching([usageFrom({ base: 10 }, 0)], 11, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('agrees with looking at every millisecond', () => {
    const curve = fc.record({
      base: fc.integer({ min: 0, max: 50 }),
      points: fc.array(fc.record({ at: fc.integer({ min: 0, max: 40 }), value: fc.integer({ min: 0, max: 100 }) }), {
        maxLength: 4,
      }),
      since: fc.integer({ min: 0, max: 30 }),
    });
    const level = fc.integer({ min: 1, max: 250 });
    fc.assert(
      fc.property(
        fc.array(curve, { minLength: 1, maxLength: 4 }),
        level,
        fc.integer({ min: 0, max: 40 }),
        (curves, threshold, from) => {
          const usages: Usage[] = curves.map(({ base, points, since }) => {
            const sorted = [...points].sort((a, b) => a.at - b.at).map(({ at, value }) => ({ at: at * 1000, value }));
            return usageFrom({ base, points: sorted }, since * 1000);
          });
          const looked = (isThere: (value: number) => boolean): number => {
            for (let at = from * 1000; at < 80_000; at++) {
              if (isThere(usageAt(usages, at))) {
                return at;
              }
            }
            return Number.POSITIVE_INFINITY;
          };
          // Sums of slopes are rounded: a microsecond and a billionth of the level are allowed.
          const reached = firstReaching(usages, threshold, from * 1000);
          const expected = looked((value) => value >= threshold - 1e-9);
          expect(reached === expected || Math.abs(reached - expected) <= 1).toBe(true);
          const below = firstBelow(usages, threshold, from * 1000);
          const expectedBelow = looked((value) => value <= threshold - 1e-3);
          expect(below === expectedBelow || Math.abs(below - expectedBelow) <= 1).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
