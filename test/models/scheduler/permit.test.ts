import { milliseconds, seconds } from '../../../engine/index.js';
import type { Handle, SchedulerPlugin } from '../../../models/scheduler/index.js';
import { AScheduler, aNode, aPod } from './a-scheduler.js';

/** Holds the pods of a pair until both have a node, for ten seconds at most. */
const pair: SchedulerPlugin = {
  name: 'Pair',
  extensionPoints: ['permit'],
  create: (_, { waitingPods }: Handle) => ({
    permit(pod) {
      const others = waitingPods.list().filter((waiting) => waiting.pod.labels?.pair === pod.labels?.pair);
      if (pod.labels?.pair === undefined) {
        return undefined;
      }
      if (pod.labels.pair === 'forbidden') {
        return { code: 'Unschedulable', plugin: 'Pair', reasons: ['no pairs of this kind'] };
      }
      others.forEach((waiting) => waiting.allow('Pair'));
      return others.length > 0 ? undefined : { wait: seconds(10) };
    },
  }),
};

const inPair = (name: string, pair: string, cpu = '500m', spec = {}) => {
  const pod = aPod(name, cpu, spec);
  return { ...pod, metadata: { ...pod.metadata, labels: { pair } } };
};

const withPair = (): AScheduler => new AScheduler({ extras: { plugins: [pair] } }).create(aNode('n1')).runUntil(2);

describe('a Permit plugin', () => {
  it('holds a pod on its node until it lets it go', () => {
    const scheduler = withPair().create(inPair('left', 'a')).runUntil(5);
    expect(scheduler.nodeOf('left')).toBeUndefined();
    expect(scheduler.pod('left')?.status?.nominatedNodeName).toBe('n1');
    scheduler.create(inPair('right', 'a')).runUntil(6);
    expect([scheduler.nodeOf('left'), scheduler.nodeOf('right')]).toEqual(['n1', 'n1']);
    expect(scheduler.attempts.map(({ row }) => [row.pod, row.attempt, row.result])).toEqual([
      // The one that lets the other go is not held itself: its binding leaves first.
      ['default/right', 1, 'scheduled'],
      ['default/left', 1, 'scheduled'],
    ]);
  });

  it('counts what it holds: other pods do not get that room', () => {
    const scheduler = withPair()
      .create(inPair('left', 'a', '3'))
      .runUntil(3)
      .create(aPod('web', '3'))
      .runUntil(4);
    expect(scheduler.nodeOf('web')).toBeUndefined();
    expect(scheduler.scheduled('web')?.message).toContain('1 Insufficient cpu');
  });

  it('gives a pod up after the time that it would wait, and tries it again', () => {
    const scheduler = withPair().create(inPair('left', 'a'));
    // Seen at 2.005 s, decided by 2.006 s; refused 10 s later, after the cycle.
    scheduler.runUntil(2 + 10.2);
    expect(scheduler.scheduled('left')).toMatchObject({ status: 'False', reason: 'Unschedulable' });
    expect(scheduler.scheduled('left')?.message).toBe(
      '0/1 nodes are available: 1 rejected due to timeout after waiting 10s at plugin Pair.',
    );
    expect(scheduler.attempts[0]?.at).toBe(seconds(2 + 10) + milliseconds(6));
    scheduler.create(inPair('right', 'a')).runUntil(30);
    expect(scheduler.nodeOf('right')).toBe('n1');
  });

  it('may refuse at once', () => {
    const scheduler = withPair().create(inPair('left', 'forbidden')).runUntil(4);
    expect(scheduler.scheduled('left')?.message).toBe('0/1 nodes are available: 1 no pairs of this kind.');
  });

  it('gives the room back when the pod that it holds is deleted', () => {
    const scheduler = withPair()
      .create(inPair('left', 'a', '3'))
      .runUntil(3)
      .create(aPod('web', '3'))
      .runUntil(4);
    scheduler.deletePod('left').runUntil(5);
    expect(scheduler.nodeOf('web')).toBe('n1');
  });

  it('gives the room back when a pod is deleted that PreBind works for, however long that takes', () => {
    const slow: SchedulerPlugin = {
      name: 'Slow',
      extensionPoints: ['preBind'],
      create: () => ({ needsPreBind: ({ labels }) => labels?.app === 'left', preBind: (_, __, ___) => {} }),
    };
    const scheduler = new AScheduler({ extras: { plugins: [slow] } })
      .create(aNode('n1'), aPod('left', '3'))
      .runUntil(3)
      .create(aPod('web', '3'))
      .runUntil(4);
    expect(scheduler.scheduled('web')?.message).toContain('1 Insufficient cpu');
    scheduler.deletePod('left').runUntil(6);
    expect(scheduler.nodeOf('web')).toBe('n1');
  });

  it('loses the pod that it holds to preemption, which deletes nothing', () => {
    const scheduler = withPair()
      .create(inPair('left', 'a', '3', { priority: 0 }))
      .runUntil(3);
    scheduler.create(aPod('urgent', '3', { priority: 100 })).runUntil(6);
    expect(scheduler.nodeOf('urgent')).toBe('n1');
    expect(scheduler.pod('left')).toBeDefined();
    expect(scheduler.events.filter((event) => event.startsWith('Preempted'))).toHaveLength(1);
  });
});
