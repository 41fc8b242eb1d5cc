import { milliseconds, seconds } from '../../../engine/index.js';
import type { ScoreRow, VerdictRow } from '../../../models/scheduler/timelines.js';
import { AScheduler, aNode, aPod } from './a-scheduler.js';

describe('the scheduler', () => {
  it('binds a pod to the better node and says so', () => {
    const scheduler = new AScheduler().create(aNode('small', '1'), aNode('large', '8'), aPod('web')).runUntil(2);
    expect(scheduler.nodeOf('web')).toBe('large');
    expect(scheduler.scheduled('web')?.status).toBe('True');
    expect(scheduler.events).toEqual(['Scheduled: Successfully assigned default/web to large']);
  });

  it('takes 1 ms for the cycle and one request for the binding', () => {
    const scheduler = new AScheduler().create(aNode('n1')).runUntil(2).create(aPod('web'));
    // Stored at 2 ms, seen at 5 ms, decided by 6 ms; the binding arrives at 8 ms and is answered at 10 ms.
    scheduler.cluster.simulation.runUntil(seconds(2) + milliseconds(10) - 1);
    expect(scheduler.attempts).toEqual([]);
    scheduler.cluster.simulation.runUntil(seconds(2) + milliseconds(10));
    expect(scheduler.attempts.map(({ row }) => [row.cycle_s, row.bind_s])).toEqual([
      [milliseconds(1), milliseconds(4)],
    ]);
  });

  it('tells a pod why it has no node, and places it when a node comes', () => {
    const scheduler = new AScheduler().create(aNode('n1', '1'), aPod('web', '2')).runUntil(5);
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(scheduler.scheduled('web')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    expect(scheduler.events).toEqual([`FailedScheduling: ${message}`]);
    expect(scheduler.create(aNode('n2', '4')).runUntil(6).nodeOf('web')).toBe('n2');
  });

  it('leaves a pod alone when a node comes that cannot help', () => {
    const scheduler = new AScheduler().create(aNode('n1', '1'), aPod('web', '2')).runUntil(5);
    scheduler.create(aNode('n2', '1')).runUntil(60);
    expect(scheduler.attempts.map(({ row }) => row.attempt)).toEqual([1]);
  });

  it('tries a pod that nothing happens to again at the first 30 s tick more than 5 min after it failed', () => {
    const scheduler = new AScheduler().create(aNode('n1', '1'), aPod('web', '2')).runUntil(700);
    // Fails at 1 s; ticks count from the start at 0 s: 300 s is not more than 5 min later, 330 s is; then 660 s.
    expect(scheduler.attempts.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([1, 330, 660]);
  });

  it('without any node tries again after 1, 2, 4, 8, 10 s of back-off, each on the next whole second', () => {
    const scheduler = new AScheduler().runUntil(10).create(aPod('web')).runUntil(50);
    // Fails at 10.006: 11.006 cut to 11, so the flush at 12 lets it go; then 14.0 cut to 14 plus 1: 15; 20, 29, 40.
    expect(scheduler.attempts.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([10, 12, 15, 20, 29, 40]);
    expect(scheduler.scheduled('web')?.message).toBe('no nodes available to schedule pods');
  });

  it('binds 100 pods at once and then 50 a second, while decisions go on', () => {
    const scheduler = new AScheduler().create(aNode('n0', '100'), aNode('n1', '100')).runUntil(10);
    for (let i = 0; i < 200; i++) {
      scheduler.create(aPod(`p${i}`, '10m'));
    }
    scheduler.runUntil(20);
    // The bucket holds 100 and fills with 50 a second: the 200th request leaves about 2 s after the first.
    expect(scheduler.attempts).toHaveLength(200);
    expect(scheduler.attempts.at(-1)?.at).toBeGreaterThan(seconds(11.8));
    expect(scheduler.attempts.at(-1)?.at).toBeLessThan(seconds(12.1));
  });

  it('keeps gated pods out until the last gate is gone', () => {
    const gated = aPod('web', '500m', { schedulingGates: [{ name: 'wait' }] });
    const scheduler = new AScheduler().create(aNode('n1'), gated).runUntil(5);
    expect(scheduler.attempts).toEqual([]);
    scheduler.cluster.user.patch(
      'Pod',
      'default/web',
      (current) => ({ ...current, spec: { ...current.spec, schedulingGates: undefined } }),
      () => {},
    );
    expect(scheduler.runUntil(6).nodeOf('web')).toBe('n1');
  });

  it('ignores pods of other schedulers', () => {
    const other = aPod('web', '500m', { schedulerName: 'mine' });
    expect(new AScheduler().create(aNode('n1'), other).runUntil(5).nodeOf('web')).toBeUndefined();
  });

  it('runs a profile under each name that the configuration gives', () => {
    const packing = { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] };
    const profile = (schedulerName: string, scoringStrategy?: unknown) => ({
      schedulerName,
      plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit' }] } },
      pluginConfig: scoringStrategy === undefined ? [] : [{ name: 'NodeResourcesFit', args: { scoringStrategy } }],
    });
    const configuration = { profiles: [profile('spread'), profile('pack', packing)] };
    const scheduler = new AScheduler({ configuration }).create(aNode('large', '8'), aNode('small', '2')).runUntil(2);
    scheduler
      .create(aPod('a', '1', { schedulerName: 'spread' }), aPod('b', '1', { schedulerName: 'pack' }))
      .runUntil(3);
    expect([scheduler.nodeOf('a'), scheduler.nodeOf('b')]).toEqual(['large', 'small']);
  });

  it('records verdicts and scores only for who asks', () => {
    const record = ['scheduling-verdicts', 'scheduling-scores'];
    const scheduler = new AScheduler({ record })
      .create(aNode('n1', '1'), aNode('n2', '4'), aNode('n3', '8'), aPod('web', '2'))
      .runUntil(3);
    const verdicts = scheduler.cluster.sink.rows<VerdictRow>('scheduling-verdicts');
    const scores = scheduler.cluster.sink.rows<ScoreRow>('scheduling-scores');
    expect(verdicts.map(({ row }) => [row.node, row.plugin, row.reasons])).toEqual([
      ['n1', 'NodeResourcesFit', 'Insufficient cpu'],
    ]);
    const totals = scores.filter(({ row }) => row.plugin === 'total').map(({ row }) => [row.node, row.score]);
    // 4 CPU: cpu (4-2)·100/4 = 50, memory 99, so 74; 8 CPU: 75 and 99, so 87. Balance: 50 + (50 + 75 − 100)/2 = 62 and
    // 50 + (50 + 87 − 100)/2 = 68. No taints: 300 each.
    expect(totals).toEqual([
      ['n2', 74 + 62 + 300],
      ['n3', 87 + 68 + 300],
    ]);
  });
});

describe('the scheduler of 1.23', () => {
  it('places pods too, by its own defaults', () => {
    const scheduler = new AScheduler({ kubernetesVersion: '1.23' }).create(aNode('n1'), aPod('web')).runUntil(5);
    expect(scheduler.nodeOf('web')).toBe('n1');
  });

  it('tries again after 60 s in the pool, and names the taint', () => {
    const tainted = aNode('n1', '4', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
    const scheduler = new AScheduler({ kubernetesVersion: '1.23' }).create(tainted, aPod('web')).runUntil(100);
    expect(scheduler.scheduled('web')?.message).toContain("1 node(s) had taint {k: v}, that the pod didn't tolerate");
    // Fails at 1 s; 60 s is not more than 60 s later, 90 s is.
    expect(scheduler.attempts.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([1, 90]);
  });

  it('wakes no pod for a node that it does not fit', () => {
    const scheduler = new AScheduler({ kubernetesVersion: '1.23' })
      .create(aNode('n1', '1'), aPod('web', '2'))
      .runUntil(5);
    scheduler.create(aNode('n2', '1')).runUntil(30);
    expect(scheduler.attempts).toHaveLength(1);
    expect(scheduler.create(aNode('n3', '2')).runUntil(31).nodeOf('web')).toBe('n3');
  });

  it('wakes a pod for one that comes only when it wants to be near that one', () => {
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'cache' } } };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const scheduler = new AScheduler({ kubernetesVersion: '1.23' })
      .create(aNode('n1'), aPod('web', '500m', { affinity }))
      .runUntil(5);
    scheduler.create(aPod('other')).runUntil(10);
    expect(scheduler.attempts.filter(({ row }) => row.pod === 'default/web')).toHaveLength(1);
    expect(scheduler.create(aPod('cache')).runUntil(12).nodeOf('web')).toBe('n1');
  });
});
