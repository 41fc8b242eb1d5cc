import { seconds } from '../../../engine/index.js';
import { type Point, type StoredPod, store, usageOf } from '../../../models/metrics-server/decisions.js';

const SETTINGS = { metricResolution: seconds(15), freshContainerMinMetricsResolution: seconds(10) };

/** A container that uses half a core from its start on, as it was seen at a second. */
const point = (container: string, startedAt: number, seenAt: number, cores = 0.5): Point => ({
  container,
  startTime: seconds(startedAt),
  timestamp: seconds(seenAt),
  memory: 1000 + seenAt,
  cpuSince: (earlier) => (seconds(seenAt) - earlier) * cores,
});

const after = (...scrapes: readonly (readonly Point[])[]): StoredPod =>
  scrapes.reduce<StoredPod>((stored, points) => store(stored, points, SETTINGS), new Map());

describe('what metrics-server makes of scrapes', () => {
  it('has no value before the second point of a container', () => {
    expect(usageOf(after([point('a', 0, 100)]))).toBeUndefined();
  });

  it('measures CPU between the two newest points, and memory at the newest', () => {
    expect(usageOf(after([point('a', 0, 100)], [point('a', 0, 114)]))).toEqual({
      timestamp: seconds(114),
      window: seconds(14),
      containers: [{ name: 'a', nanocores: 500_000_000, memory: 1114 }],
    });
  });

  it('keeps the older point when a scrape finds nothing new', () => {
    const stored = after([point('a', 0, 100)], [point('a', 0, 118)], [point('a', 0, 118)]);
    expect(usageOf(stored)).toMatchObject({ timestamp: seconds(118), window: seconds(18) });
  });

  it('measures a container of 10 to 15 s since its start, at once', () => {
    expect(usageOf(after([point('a', 100, 112)]))).toMatchObject({ window: seconds(12) });
    expect(usageOf(after([point('a', 100, 109)]))).toBeUndefined();
    expect(usageOf(after([point('a', 100, 115)]))).toBeUndefined();
  });

  it('begins anew with a restart', () => {
    expect(usageOf(after([point('a', 0, 100)], [point('a', 105, 106)]))).toBeUndefined();
    expect(usageOf(after([point('a', 0, 100)], [point('a', 105, 106)], [point('a', 105, 122)]))).toMatchObject({
      window: seconds(16),
    });
  });

  it('has a value of a pod when each of its containers has one, as old as the oldest', () => {
    const stored = after([point('a', 0, 100), point('b', 0, 103)], [point('a', 0, 113), point('b', 0, 119)]);
    expect(usageOf(stored)).toMatchObject({ timestamp: seconds(113), window: seconds(13) });
    expect(usageOf(store(stored, [point('a', 0, 128), point('c', 0, 125)], SETTINGS))).toBeUndefined();
  });

  it('forgets containers and pods that a scrape does not tell of', () => {
    const stored = after([point('a', 0, 100)], [point('a', 0, 114)], []);
    expect(usageOf(stored)).toBeUndefined();
  });
});
