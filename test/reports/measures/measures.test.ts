import { seconds } from '../../../engine/index.js';
import { availability, reachability } from '../../../reports/measures/availability.js';
import { clientErrors, clientErrorTime } from '../../../reports/measures/client-errors.js';
import { deaths } from '../../../reports/measures/deaths.js';
import { detectionTime } from '../../../reports/measures/detection-time.js';
import { evictionTime } from '../../../reports/measures/eviction-time.js';
import { podDowntime } from '../../../reports/measures/pod-downtime.js';
import { podsEvicted } from '../../../reports/measures/pods-evicted.js';
import { largest, quantile, smallest } from '../../../reports/measures/quantile.js';
import { replacementTime } from '../../../reports/measures/replacement-time.js';
import { restarts } from '../../../reports/measures/restarts.js';
import { schedulingLatency, unscheduledPods } from '../../../reports/measures/scheduling-latency.js';
import { timeToRecovery } from '../../../reports/measures/time-to-recovery.js';
import { aMeasuredRun } from '../../helpers/a-measured-run.js';

describe('a quantile of type 7', () => {
  // R: quantile(c(15, 20, 35, 40, 50), c(0.05, 0.3, 0.4, 0.5, 1), type = 7)
  it.each([
    [0, 15],
    [0.05, 16],
    [0.3, 23],
    [0.4, 29],
    [0.5, 35],
    [1, 50],
  ])('%d of 15, 20, 35, 40, 50 is %d', (share, expected) => {
    expect(quantile([50, 15, 40, 20, 35], share)).toBeCloseTo(expected, 12);
  });

  it('sorts numbers as numbers, and has nothing to say of none', () => {
    expect(quantile([10, 9, 100], 0.5)).toBe(10);
    expect([quantile([], 0.5), largest([]), smallest([])]).toEqual([undefined, undefined, undefined]);
    expect([largest([3, 7, 5]), smallest([3, 2, 5])]).toEqual([7, 2]);
  });
});

describe('detection time', () => {
  it('is that of the last node; one that was not Ready before does not count', () => {
    const run = aMeasuredRun({
      endsAt: 500,
      faults: [{ at: 100, nodes: ['a', 'b', 'broken'] }],
      nodes: [
        [0, 'a', {}],
        [0, 'b', {}],
        [0, 'broken', { ready: 'False' }],
        [140, 'a', { ready: 'Unknown' }],
        [155, 'b', { ready: 'False' }],
        [200, 'broken', { ready: 'Unknown' }],
      ],
    });
    expect(detectionTime.compute(run)).toBe(55);
  });

  it('takes faults that strike at the same instant as one; later ones do not count', () => {
    const run = aMeasuredRun({
      endsAt: 500,
      faults: [
        { at: 100, pods: ['p'] },
        { at: 100, nodes: ['a'] },
        { at: 100, nodes: ['b'] },
        { at: 120, nodes: ['c'] },
      ],
      nodes: [
        [0, 'a', {}],
        [0, 'b', {}],
        [0, 'c', {}],
        [140, 'a', { ready: 'Unknown' }],
        [150, 'b', { ready: 'Unknown' }],
        [170, 'c', { ready: 'Unknown' }],
      ],
    });
    expect(detectionTime.compute(run)).toBe(50);
  });

  it('ends when the Node is gone', () => {
    const run = aMeasuredRun({
      endsAt: 500,
      faults: [{ at: 100, nodes: ['a'] }],
      nodes: [
        [0, 'a', {}],
        [130, 'a', { change: 'deleted' }],
      ],
    });
    expect(detectionTime.compute(run)).toBe(30);
  });

  it('is none when a node was never noticed, and without a fault', () => {
    const nodes = [
      [0, 'a', {}],
      [0, 'b', {}],
      [140, 'a', { ready: 'Unknown' }],
    ] as const;
    expect(
      detectionTime.compute(aMeasuredRun({ endsAt: 9, faults: [{ at: 100, nodes: ['a', 'b'] }], nodes })),
    ).toBeUndefined();
    expect(detectionTime.compute(aMeasuredRun({ endsAt: 9, nodes }))).toBeUndefined();
  });
});

describe('eviction time', () => {
  it('is that of the last pod that left; pods that stayed, came later or left before do not count', () => {
    const run = aMeasuredRun({
      endsAt: 900,
      faults: [{ at: 100, pods: ['early', 'first', 'last', 'daemon', 'evicted'] }],
      pods: [
        [0, 'early', {}],
        [0, 'first', {}],
        [0, 'last', {}],
        [0, 'daemon', {}],
        [0, 'evicted', {}],
        [90, 'early', { deleting: 'true' }],
        [400, 'first', { deleting: 'true' }],
        [410, 'evicted', { phase: 'Failed', reason: 'Evicted' }],
        [420, 'last', { deleting: 'true' }],
        [500, 'last', { change: 'deleted' }],
        [510, 'last', {}],
        [800, 'last', { deleting: 'true' }],
      ],
    });
    expect(evictionTime.compute(run)).toBe(320);
  });

  it('is none when all stayed', () => {
    const run = aMeasuredRun({ endsAt: 900, faults: [{ at: 100, pods: ['a'] }], pods: [[0, 'a', {}]] });
    expect(evictionTime.compute(run)).toBeUndefined();
  });
});

describe('replacement time', () => {
  const timeOf = (replaced: Readonly<Record<string, number | undefined>>) =>
    replacementTime.compute(aMeasuredRun({ endsAt: 900, faults: [{ at: 100, pods: ['a', 'b', 'daemon'], replaced }] }));

  it('is that of the last replacement; a pod that was not replaced does not count', () => {
    expect(timeOf({ a: 450, b: 460 })).toBe(360);
  });

  it('is none when a replacement is not Ready at the end, or nothing was replaced', () => {
    expect([timeOf({ a: 450, b: undefined }), timeOf({})]).toEqual([undefined, undefined]);
  });
});

describe('a pod that a deadly fault struck', () => {
  const struck = { endsAt: 900, faults: [{ at: 100, isDeadly: true, pods: ['a'] }] };

  it('is dead until it is Ready after it was not', () => {
    const run = aMeasuredRun({
      ...struck,
      pods: [
        [0, 'a', { ready: 'True' }],
        [120, 'a', { ready: 'True', reason: 'noise' }],
        [150, 'a', { ready: 'False' }],
        [300, 'a', { ready: 'True' }],
      ],
    });
    expect(deaths(run)).toEqual([{ pod: 'default/a', from: 100e6, to: 300e6 }]);
  });

  it('is dead until its container runs again, even if the API never showed it as not Ready', () => {
    const run = aMeasuredRun({
      ...struck,
      pods: [[0, 'a', { ready: 'True' }]],
      containers: [
        [0, 'a', { restart_count: 2 }],
        [110, 'a', { restart_count: 3, ready: 'false' }],
        [112, 'a', { restart_count: 3, ready: 'true' }],
      ],
    });
    expect(deaths(run)).toEqual([{ pod: 'default/a', from: 100e6, to: 112e6 }]);
  });

  it('is dead to the end of the run if nobody notices', () => {
    const run = aMeasuredRun({ ...struck, pods: [[0, 'a', { ready: 'True' }]] });
    expect(deaths(run)).toEqual([{ pod: 'default/a', from: 100e6, to: 900e6 }]);
  });

  it('is alive under a fault that is not deadly', () => {
    const run = aMeasuredRun({ endsAt: 900, faults: [{ at: 100, pods: ['a'] }], pods: [[0, 'a', { ready: 'True' }]] });
    expect(deaths(run)).toEqual([]);
  });
});

describe('time to recovery', () => {
  const endpoints = [
    [0, 'web', 'a', 'ready'],
    [0, 'web', 'b', 'ready'],
    [0, 'db', 'c', 'ready'],
    [150, 'web', 'a', 'not-ready'],
    [200, 'web', 'd', 'ready'],
    [210, 'web', 'd', 'not-ready'],
    [260, 'web', 'd', 'ready'],
  ] as const;

  it('ends when every Service that lost endpoints has, for the last time, as many as before', () => {
    // Down from 150 to 200 s and from 210 to 260 s; db lost none.
    const run = aMeasuredRun({ endsAt: 900, faults: [{ at: 100, nodes: ['n'] }], endpoints, pods: [] });
    expect(timeToRecovery.compute(run)).toBe(160);
  });

  it('is none when a Service is not whole at the end, or none broke', () => {
    const faults = [{ at: 100, nodes: ['n'] }];
    const unfinished = [...endpoints, [800, 'db', 'c', 'removed']] as const;
    expect(
      timeToRecovery.compute(aMeasuredRun({ endsAt: 900, faults, endpoints: unfinished, pods: [] })),
    ).toBeUndefined();
    const calm = endpoints.slice(0, 3);
    expect(timeToRecovery.compute(aMeasuredRun({ endsAt: 900, faults, endpoints: calm, pods: [] }))).toBeUndefined();
  });
});

describe('availability', () => {
  const endpoints = [
    [10, 'web', 'a', 'ready'],
    [20, 'web', 'b', 'ready'],
    [60, 'web', 'a', 'removed'],
    [70, 'web', 'b', 'terminating'],
    [80, 'web', 'c', 'ready'],
    [100, 'web', 'd', 'ready'],
    [0, 'db', 'x', 'ready'],
  ] as const;

  it('without a fault wants the most a Service ever had, and tells of the worst Service', () => {
    // Two from 20 to 60 and from 100 to 120 s, of the 100 s since the first two; none from 70 to 80 s.
    const run = aMeasuredRun({ endsAt: 120, endpoints, pods: [] });
    expect(availability.compute(run)).toBeCloseTo(0.6, 12);
    expect(reachability.compute(run)).toBeCloseTo(0.9, 12);
  });

  it('with a fault wants what there was just before it', () => {
    // One is wanted at 65 s, as from 10 s on: none from 70 to 80 s of 110 s.
    const run = aMeasuredRun({ endsAt: 120, faults: [{ at: 65 }], endpoints, pods: [] });
    expect(availability.compute(run)).toBeCloseTo(100 / 110, 12);
  });

  it('is none without Services', () => {
    expect(availability.compute(aMeasuredRun({ endsAt: 120, endpoints: [], pods: [] }))).toBeUndefined();
  });
});

describe('pod downtime', () => {
  it('adds up the time from Ready until leaving in which pods were shown as not Ready or were dead', () => {
    const run = aMeasuredRun({
      endsAt: 1000,
      faults: [{ at: 100, isDeadly: true, pods: ['a'] }],
      pods: [
        // Not Ready before its first Ready does not count.
        [0, 'a', { ready: 'False' }],
        [50, 'a', { ready: 'True' }],
        // Dead from 100 s, shown from 150 s, leaving at 400 s: 300 s, not 550.
        [150, 'a', { ready: 'False' }],
        [400, 'a', { deleting: 'true' }],
        [500, 'b', { ready: 'True' }],
        [500, 'job', { ready: 'True' }],
        // A finished pod is not down.
        [600, 'job', { ready: 'False', phase: 'Succeeded' }],
        // Down for the last 100 s.
        [900, 'b', { ready: 'False' }],
      ],
    });
    expect(podDowntime.compute(run)).toBe(400);
  });
});

describe('scheduling latency', () => {
  it('leaves out pods that had a node from the start, and those that were there before the timeline', () => {
    const run = aMeasuredRun({
      endsAt: 100,
      pods: [
        [0, 'static', { node: 'n' }],
        [0, 'old', { change: 'modified' }],
        [1, 'a', {}],
        [2, 'b', {}],
        [3, 'old', { node: 'n' }],
        [5, 'a', { node: 'n' }],
        [9, 'b', { change: 'deleted' }],
        [10, 'b', {}],
        [20, 'b', { node: 'n' }],
      ],
    });
    // a: 4 s; the first b never; the second b: 10 s.
    expect(schedulingLatency.map(({ compute }) => compute(run))).toEqual([7, 9.94, 10]);
    expect(unscheduledPods.compute(run)).toBe(1);
  });
});

describe('restarts', () => {
  it('are the growth of restart counts; a pod of the same name created later begins anew', () => {
    const run = aMeasuredRun({
      endsAt: 100,
      containers: [
        [0, 'a', { restart_count: 0 }],
        [10, 'a', { restart_count: 2 }],
        [20, 'a', { state: 'deleted', restart_count: 2 }],
        [30, 'a', { state: 'running', restart_count: 0 }],
        [40, 'a', { restart_count: 1 }],
        [50, 'a', { container: 'sidecar', restart_count: 1 }],
      ],
    });
    expect(restarts.compute(run)).toBe(4);
  });
});

describe('pods evicted', () => {
  it('count each pod once, by whom ever it was evicted; preemption is not eviction', () => {
    const run = aMeasuredRun({
      endsAt: 100,
      pods: [
        [10, 'taint', { disruption: 'DeletionByTaintManager' }],
        [11, 'taint', { disruption: 'DeletionByTaintManager', deleting: 'true' }],
        [12, 'drained', { disruption: 'EvictionByEvictionAPI' }],
        [13, 'pressed', { phase: 'Failed', reason: 'Evicted' }],
        [14, 'preempted', { disruption: 'PreemptionByScheduler' }],
      ],
    });
    const evictions = [{ at: 10e6, row: { namespace: 'default', pod: 'taint', outcome: 'evicted' } }];
    expect(podsEvicted.compute({ ...run, timelines: { ...run.timelines, evictions } })).toBe(3);
  });
});

describe('client errors', () => {
  const routing = (...rows: readonly (readonly [at: number, service: string, failing: number])[]) => ({
    endsAt: seconds(100),
    faults: [],
    timelines: {
      routing: rows.map(([at, service, failing_share]) => ({
        at: seconds(at),
        row: { namespace: 'default', service, port: 80, failing_share },
      })),
    },
  });

  it('are the share that fails, summed over time from the first answer on', () => {
    // web fails wholly until it is first answered at 10 s, then a quarter of it for 40 s: 10 s.
    // db fails by half from 80 s to the end: 10 s.
    const run = routing(
      [0, 'web', 1],
      [10, 'web', 0],
      [20, 'web', 0.25],
      [60, 'web', 0],
      [5, 'db', 0],
      [80, 'db', 0.5],
    );
    expect(clientErrors(run)).toEqual([
      { service: 'default/web:80', lost: seconds(10) },
      { service: 'default/db:80', lost: seconds(10) },
    ]);
    expect(clientErrorTime.compute(run)).toBe(10);
  });

  it('are not known of a Service that was never answered', () => {
    expect(clientErrorTime.compute(routing([0, 'web', 1]))).toBeUndefined();
  });
});
