import { type ObjectKey, Simulation, seconds } from '../../../engine/index.js';
import { LoadSharing } from '../../../models/world/index.js';
import { usageFrom, usedBetween } from '../../../models/world/usage-curve.js';

const SERVICE = 'default/shop';

function aSharing(): {
  readonly sharing: LoadSharing;
  readonly at: (second: number, ...pods: readonly ObjectKey[]) => void;
  readonly shares: (pod: ObjectKey, from: number, to: number) => readonly string[];
} {
  const simulation = new Simulation({ seed: 1 });
  let tell: (pods: ReadonlySet<ObjectKey>) => void = () => {};
  const sharing = new LoadSharing(simulation, (_, then) => {
    tell = then;
  });
  sharing.follow(SERVICE);
  return {
    sharing,
    at: (second, ...pods) => {
      simulation.runUntil(seconds(second));
      tell(new Set(pods));
    },
    shares: (pod, from, to) =>
      sharing
        .sharesOf(SERVICE, pod, seconds(from), seconds(to))
        .map((share) => `${share.from / 1e6}-${share.to / 1e6} of ${share.pods}`),
  };
}

describe('the load of a Service', () => {
  it('is shared by those that were ready at each instant', () => {
    const { at, shares } = aSharing();
    at(10, 'default/a');
    at(20, 'default/a', 'default/b');
    at(30, 'default/b');
    expect(shares('default/a', 0, 40)).toEqual(['10-20 of 1', '20-30 of 2']);
    expect(shares('default/b', 25, 40)).toEqual(['25-30 of 2', '30-40 of 1']);
    expect(shares('default/c', 0, 40)).toEqual([]);
  });

  it('is remembered for five minutes', () => {
    const { at, shares } = aSharing();
    at(10, 'default/a');
    at(20, 'default/b');
    at(400, 'default/a');
    expect(shares('default/a', 0, 500)).toEqual(['400-500 of 1']);
    expect(shares('default/b', 100, 500)).toEqual(['100-400 of 1']);
  });
});

describe('what is used between two instants', () => {
  const curve = usageFrom(
    {
      base: 0,
      points: [
        { at: 0, value: 1 },
        { at: seconds(10), value: 3 },
      ],
    },
    0,
  );
  const between = (from: number, to: number, limit?: number): number =>
    usedBetween([curve], seconds(from), seconds(to), limit) / 1e6;

  it('is the area under the curve', () => {
    // A mean of 2 for 10 s, then 3.
    expect(between(0, 10)).toBeCloseTo(20);
    expect(between(0, 20)).toBeCloseTo(50);
    expect(between(5, 10)).toBeCloseTo(12.5);
  });

  it('is cut off at the limit, also where the curve crosses it', () => {
    // 2 is reached at 5 s: a mean of 1.5 until then.
    expect(between(0, 10, 2)).toBeCloseTo(7.5 + 10);
    expect(between(10, 20, 2)).toBeCloseTo(20);
    expect(between(0, 10, 5)).toBeCloseTo(20);
    expect(between(0, 20, 1)).toBeCloseTo(20);
  });

  it('is nothing before the curve begins', () => {
    expect(usedBetween([usageFrom({ base: 1 }, seconds(5))], 0, seconds(8)) / 1e6).toBeCloseTo(3);
  });
});
