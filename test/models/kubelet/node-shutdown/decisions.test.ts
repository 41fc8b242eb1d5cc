import type { Pod } from '../../../../models/api/index.js';
import {
  gracePeriodIn,
  groupByPriority,
  type ShutdownConfiguration,
  shutdownPeriods,
} from '../../../../models/kubelet/node-shutdown/decisions.js';

const CRITICAL = 2_000_000_000;
const byPriority = (...periods: readonly (readonly [number, number])[]): ShutdownConfiguration => ({
  shutdownGracePeriodByPodPriority: periods.map(([priority, shutdownGracePeriodSeconds]) => ({
    priority,
    shutdownGracePeriodSeconds,
  })),
});

const PERIODS: readonly [string, ShutdownConfiguration, boolean, readonly (readonly [number, number])[]][] = [
  ['nothing set: no part in it', {}, true, []],
  [
    'all for ordinary pods',
    { shutdownGracePeriod: '30s' },
    true,
    [
      [0, 30],
      [CRITICAL, 0],
    ],
  ],
  [
    'a tail for critical pods',
    { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' },
    true,
    [
      [0, 20],
      [CRITICAL, 10],
    ],
  ],
  [
    'by priority, lowest first',
    byPriority([1000, 20], [0, 60]),
    true,
    [
      [0, 60],
      [1000, 20],
    ],
  ],
  ['not by priority while that gate is off [23]', byPriority([1000, 20]), false, []],
];

it.each(PERIODS)('periods: %s', (_, configuration, isByPriority, periods) => {
  expect(
    shutdownPeriods(configuration, isByPriority).map((one) => [one.priority, one.shutdownGracePeriodSeconds]),
  ).toEqual(periods);
});

it.each([
  [{ ...byPriority([0, 1]), shutdownGracePeriod: '10s' }, /mutually exclusive/],
  [{ shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '20s' }, /must be <= shutdownGracePeriod/],
  [{ shutdownGracePeriod: '500ms' }, /must be either zero or otherwise >= 1 sec/],
])('refuses %j', (configuration, words) => {
  expect(() => shutdownPeriods(configuration, true)).toThrow(words);
});

const pod = (priority: number, terminationGracePeriodSeconds = 30) =>
  ({
    metadata: { name: `p${priority}` },
    spec: { priority, containers: [], terminationGracePeriodSeconds },
  }) as unknown as Pod;

it('puts each pod with the highest priority not above its own, and those below all with the lowest', () => {
  const periods = shutdownPeriods(byPriority([0, 60], [1000, 20], [CRITICAL, 10]), true);
  const groups = groupByPriority(
    periods,
    [-5, 0, 999, 1000, 5000, CRITICAL, CRITICAL + 1000].map((p) => pod(p)),
  );
  expect(groups.map(({ pods }) => pods.map(({ spec }) => spec.priority))).toEqual([
    [-5, 0, 999],
    [1000, 5000],
    [CRITICAL, CRITICAL + 1000],
  ]);
});

it("gives a pod its own grace period, but no more than the group's", () => {
  const group = { priority: 0, shutdownGracePeriodSeconds: 20, pods: [] };
  expect(gracePeriodIn(group, pod(0, 5))).toBe(5);
  expect(gracePeriodIn(group, pod(0, 60))).toBe(20);
});
