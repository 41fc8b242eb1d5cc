import { seconds } from '../../../engine/index.js';
import { AScheduler, aNode, aPod } from './a-scheduler.js';

const low = (name: string, cpu = '1') => aPod(name, cpu, { priority: 1 });
const high = (name: string, cpu = '1') => aPod(name, cpu, { priority: 1000 });

/** Two nodes of 2 CPU, full of pods of low priority. */
const full = (): AScheduler =>
  new AScheduler()
    .create(aNode('n1', '2'), aNode('n2', '2'))
    .runUntil(2)
    .create(low('a'), low('b'), low('c'), low('d'))
    .runUntil(5);

describe('a pod of high priority without room', () => {
  it('has a victim evicted, is promised its node, and goes there when the victim is gone', () => {
    const scheduler = full().create(high('web')).runUntil(6);
    const nominated = scheduler.pod('web')?.status?.nominatedNodeName as string;
    const victims = ['a', 'b', 'c', 'd'].filter(
      (name) => scheduler.pod(name)?.metadata.deletionTimestamp !== undefined,
    );
    expect(victims).toHaveLength(1);
    const [victim] = victims as [string];
    expect(scheduler.nodeOf(victim)).toBe(nominated);
    expect(scheduler.pod(victim)?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });
    expect(scheduler.scheduled('web')?.message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. ' +
        `preemption: found a potential placement for pod on node ${nominated}, preempting 1 victims`,
    );
    expect(scheduler.runUntil(20).nodeOf('web')).toBeUndefined();
    scheduler.deletePod(victim).runUntil(21);
    expect(scheduler.nodeOf('web')).toBe(nominated);
    expect(scheduler.pod('web')?.status?.nominatedNodeName).toBeUndefined();
  });

  it('keeps its promised node from others of no higher priority', () => {
    const scheduler = full().create(high('web')).runUntil(6);
    const victim = ['a', 'b', 'c', 'd'].find((name) => scheduler.pod(name)?.metadata.deletionTimestamp) as string;
    scheduler.create(low('late')).runUntil(10).deletePod(victim).runUntil(12);
    expect(scheduler.nodeOf('web')).toBeDefined();
    expect(scheduler.nodeOf('late')).toBeUndefined();
  });

  it('evicts nobody when it must never preempt', () => {
    const polite = aPod('web', '1', { priority: 1000, preemptionPolicy: 'Never' });
    const scheduler = full().create(polite).runUntil(6);
    expect(scheduler.scheduled('web')?.message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
    expect(['a', 'b', 'c', 'd'].some((name) => scheduler.pod(name)?.metadata.deletionTimestamp)).toBe(false);
  });

  it('waits while a victim on its promised node still ends', () => {
    const scheduler = full().create(high('web', '2')).runUntil(6);
    const victims = ['a', 'b', 'c', 'd'].filter((name) => scheduler.pod(name)?.metadata.deletionTimestamp) as string[];
    expect(victims).toHaveLength(2);
    scheduler.deletePod(victims[0] as string).runUntil(10);
    expect(scheduler.scheduled('web')?.message).toContain(
      'preemption: not eligible due to a terminating pod on the nominated node.',
    );
    expect(
      scheduler
        .deletePod(victims[1] as string)
        .runUntil(20)
        .nodeOf('web'),
    ).toBeDefined();
    // 5 s failed, tried again when the first victim was gone (6 s), and when the second was (10 s).
    const tried = scheduler.attempts.filter(({ row }) => row.pod === 'default/web');
    expect(tried.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([5, 6, 10]);
  });
});
