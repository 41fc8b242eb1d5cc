import { availabilityByService } from '../../../reports/measures/availability.js';
import { deaths } from '../../../reports/measures/deaths.js';
import { MEASURED_TIMELINES, MEASURES, measure, REQUESTED_TIMELINES } from '../../../reports/measures/index.js';
import type { MeasuredRun } from '../../../reports/measures/measure.js';
import { restartsOf } from '../../../reports/measures/restarts.js';
import { serviceHistories } from '../../../reports/measures/service-history.js';
import { type RunResults, readResults } from '../../../reports/sources/folder.js';

const { summary, timelines } = readResults('test/reports/example-run') as RunResults;
const example: MeasuredRun = { endsAt: summary.ranUntil, faults: summary.faults, timelines };

describe('the example run: worker-0 crashes at 600 s with web-7d9f-a on it', () => {
  it('has these figures', () => {
    expect(measure(example)).toEqual({
      // Unknown at 655 s.
      detection_s: 55,
      // Deletion of web-7d9f-a begins at 955.1 s.
      eviction_s: 355.1,
      // web-7d9f-d is Ready at 963.5 s.
      replacement_s: 363.5,
      // It is a ready endpoint at 963.7 s.
      recovery_s: 363.7,
      // Three endpoints from 30.2 s on, two from 600 to 963.7 s: 1 − 363.7 ÷ (1800 − 30.2).
      availability: expect.closeTo(0.794497, 6),
      reachability: 1,
      // web-7d9f-a is dead from 600 s until it leaves at 955.1 s; crasher is down 1 + 10 + 21 s.
      pod_downtime_s: expect.closeTo(387.1, 6),
      pods_evicted: 1,
      restarts: 3,
      // 0.1 (web-a), 0.1 (crasher), 0.2 (web-b), 0.3 (web-d), 0.4 s (web-c); place 4 · 0.99 = 3.96: 0.3 + 0.96 · 0.1.
      scheduling_p50_s: expect.closeTo(0.2, 6),
      scheduling_p99_s: expect.closeTo(0.396, 6),
      scheduling_max_s: expect.closeTo(0.4, 6),
      // batch/big.
      unscheduled_pods: 1,
      // The five above, 1.1 s, and batch/big from 100 s to the end at 1800 s: 1701.1 ÷ 6.
      pending_mean_s: expect.closeTo(283.516667, 6),
    });
  });

  it('has one death, which ends when the API forgets the pod', () => {
    expect(deaths(example)).toEqual([{ pod: 'default/web-7d9f-a', from: 600_000_000, to: 1_531_000_000 }]);
  });

  it('has a Service that lists a dead endpoint as ready for 55.2 s', () => {
    const [web] = serviceHistories(example);
    expect(web?.service).toBe('default/web');
    expect(web?.steps.map(({ at, count }) => [at / 1e6, count])).toEqual([
      [22.1, 0],
      [30.1, 2],
      [30.2, 3],
      [600, 2],
      [963.7, 3],
    ]);
    expect(web?.listed.map(({ at, count }) => [at / 1e6, count])).toEqual([
      [22.1, 0],
      [30.1, 2],
      [30.2, 3],
      [655.2, 2],
      [963.7, 3],
    ]);
    expect(availabilityByService(example)).toEqual([
      { service: 'default/web', wanted: 3, whole: expect.closeTo(0.794497, 6), reachable: 1 },
    ]);
  });

  it('has restarts at these times', () => {
    expect(restartsOf(example).map(({ at, pod, times }) => [at / 1e6, pod, times])).toEqual([
      [113, 'batch/crasher', 1],
      [183, 'batch/crasher', 1],
      [264, 'batch/crasher', 1],
    ]);
  });
});

describe('figures', () => {
  it('have names of their own and read timelines that sweeps record', () => {
    const known = [...MEASURED_TIMELINES, ...REQUESTED_TIMELINES];
    const names = MEASURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(MEASURES.flatMap(({ reads }) => reads).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('are undefined where their timelines were not recorded', () => {
    const { nodes, ...others } = timelines;
    expect(nodes).toBeDefined();
    const { detection_s, eviction_s } = measure({ ...example, timelines: others });
    expect([detection_s, eviction_s]).toEqual([undefined, 355.1]);
  });
});
