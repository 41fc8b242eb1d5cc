import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ANodeOptions, aNode } from '../../helpers/a-node.js';

const MI = 1024 * 1024;
const GI = 1024 * MI;

const uses = (base: number, growthPerSecond = 0): ContainerBehaviour => ({ memory: { base, growthPerSecond } });

const requesting = (memory: string, priority?: number) => ({
  containers: [{ name: 'c', image: 'app:v1', resources: { requests: { memory } } }],
  terminationGracePeriodSeconds: 20,
  ...(priority !== undefined && { priority }),
});

/** Two pods on a node of 8 Gi; the leaky one grows by 10 Mi a second from 10 s on. */
function pressed(options: ANodeOptions = {}, until = '600s') {
  const node = aNode({
    ...options,
    record: ['kubelet-evictions'],
    behaviours: { 'steady/c': uses(2 * GI), 'leaky/c': uses(3 * GI, 10 * MI) },
  });
  node.runUntil('10s');
  node.apply({ name: 'steady', spec: requesting('3Gi') });
  node.apply({ name: 'leaky', spec: requesting('1Gi') });
  node.runUntil(until);
  return node;
}

describe('a node that runs short of memory', () => {
  // 5 Gi at about 10.3 s, growing by 10 Mi/s: less than 100 Mi are left of 8 Gi from 10.3 + (3072 − 100) / 10 = 307.5 s on.
  const starved = 307.5;

  it('evicts the pod that uses most above its request at the next pass of 10 s, within 1 s of grace [37]', () => {
    for (const seed of [1, 2, 3]) {
      const node = pressed({ seed });
      const failed = node.when('leaky', (pod) => pod.status?.phase === 'Failed') as number;
      expect(failed).toBeGreaterThan(starved);
      expect(failed).toBeLessThan(starved + 10 + 3);
      expect(node.pod('steady')?.status?.phase).toBe('Running');
    }
  });

  it('says why', () => {
    const status = pressed().pod('leaky')?.status;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(status?.message).toMatch(/^The node was low on resource: memory\. Threshold quantity: 100Mi, available: /);
    expect(status?.message).toMatch(/Container c was using \d+Ki, request is 1Gi/);
    const target = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    expect(target).toMatchObject({ status: 'True', reason: 'TerminationByKubelet' });
  });

  it('gives the pod its own grace period [23]', () => {
    const node = aNode({
      kubernetesVersion: '1.23',
      behaviours: { 'leaky/c': { ...uses(3 * GI, 2 * MI), sigterm: 'ignored' } },
    });
    node.runUntil('10s');
    node.apply({ name: 'leaky', spec: requesting('1Gi') });
    node.runUntil('3000s');
    // 3 Gi from 10.3 s on: starved at 10.3 + (5120 − 100) / 2 = 2520.3 s, a pass within 10 s, then 20 s.
    const failed = node.when('leaky', (pod) => pod.status?.phase === 'Failed') as number;
    expect(failed).toBeGreaterThan(2540);
    expect(failed).toBeLessThan(2555);
  });

  it('records the eviction and tells it on node and pod', () => {
    const node = pressed();
    expect(node.sink.rows('kubelet-evictions').map(({ row }) => row)).toEqual([
      expect.objectContaining({ namespace: 'default', pod: 'leaky', node: 'node-1', grace_period_seconds: 1 }),
    ]);
    expect(node.events('leaky').map(({ event }) => event.reason)).toContain('Evicted');
    expect(node.events('node-1').map(({ event }) => event.reason)).toContain('EvictionThresholdMet');
  });

  it('evicts the lower priority first among those above their requests', () => {
    // 3 Gi and 3 Mi/s together: starved at about 10.5 + (5120 − 100) / 3 = 1684 s, 33 s before the kernel has to act.
    const behaviours = { 'low/c': uses(GI, MI), 'high/c': uses(2 * GI, 2 * MI) };
    const node = aNode({ behaviours });
    node.runUntil('10s');
    node.apply({ name: 'low', spec: requesting('100Mi', 0) });
    node.apply({ name: 'high', spec: requesting('100Mi', 10) });
    node.runUntil('1700s');
    expect(node.pod('low')?.status?.reason).toBe('Evicted');
    expect(node.pod('high')?.status?.phase).toBe('Running');
  });

  it('refuses BestEffort pods until 5 minutes after the pressure was last seen', () => {
    const node = pressed({}, '330s');
    node.apply({ name: 'early', spec: {} });
    node.runUntil('640s');
    node.apply({ name: 'late', spec: {} });
    node.runUntil('660s');
    expect(node.pod('early')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(node.pod('late')?.status?.phase).toBe('Running');
  });

  it('is too late where memory grows faster than it looks: the kernel kills, and the pod restarts in place', () => {
    const node = aNode({ behaviours: { 'leaky/c': uses(GI, 500 * MI) } });
    node.runUntil('11s');
    node.apply({ name: 'leaky', spec: requesting('1Gi') });
    node.runUntil('40s');
    const status = node.pod('leaky')?.status;
    const ended = node.history('leaky').some(({ pod }) => {
      const last = pod.status?.containerStatuses?.[0];
      return (last?.state?.terminated ?? last?.lastState?.terminated)?.reason === 'OOMKilled';
    });
    expect(ended || status?.reason === 'Evicted').toBe(true);
  });
});

describe('a container that outgrows its own limit', () => {
  it('is killed with 137, OOMKilled, and restarts by its policy; the pod is not evicted', () => {
    const node = aNode({ behaviours: { c: uses(100 * MI, 10 * MI) } });
    node.runUntil('10s');
    const resources = { limits: { memory: '200Mi' }, requests: { memory: '100Mi' } };
    node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', resources }] } });
    node.runUntil('25s');
    // 100 Mi more at 10 Mi/s: killed 10 s after its start, restarted at once.
    expect(node.pod('web')?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    });
    expect(node.starts('web')[1]).toBeLessThan(22);
  });
});

describe('a node with enough memory', () => {
  it('costs no event, however many pods use some', () => {
    const node = aNode({ behaviours: { c: uses(100 * MI) } });
    node.runUntil('10s');
    for (let i = 0; i < 10; i++) {
      node.apply({ name: `web-${i}`, spec: {} });
    }
    const empty = aNode();
    const [events, eventsWithout] = [node, empty].map(({ runUntil, simulation }) => {
      runUntil('120s');
      const before = simulation.eventCount;
      runUntil('1h');
      return simulation.eventCount - before;
    });
    expect(events).toBe(eventsWithout);
  });
});
