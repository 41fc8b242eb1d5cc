import type { Node, Pod } from '../../../models/api/index.js';
import { Cache } from '../../../models/scheduler/framework/cache.js';
import { podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import { IncrementalCycle } from '../../../models/scheduler/incremental/incremental-cycle.js';
import type { SchedulerPlugin } from '../../../models/scheduler/index.js';
import { defaultProfile, Tables } from '../../vectors/runner/scheduler-cluster.js';
import { AScheduler, aNode, aPod } from './a-scheduler.js';

const node = (i: number): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `n${i}`, labels: { 'kubernetes.io/hostname': `n${i}` } },
  spec: {},
  status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
});

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: {
    containers: [{ name: 'c', image: 'web', resources: { requests: { cpu: '100m', memory: '500Mi' } } }],
  } as unknown as Pod['spec'],
});

it('goes on from the start of the list when most of the nodes are gone since the last cycle', () => {
  const cache = new Cache();
  for (let i = 0; i < 200; i++) {
    cache.addNode(node(i));
  }
  const options = { percentageOfNodesToScore: 90, tieRule: 'heap', nominatedNodeResetsStart: false } as const;
  const cycle = new IncrementalCycle(options, cache, { isEmpty: true, nominatedPods: () => [] });
  const profile = defaultProfile(new Tables(), () => cache.snapshot());
  cycle.schedule(profile, podInfoOf(pod('first')), cache.snapshot());
  expect(cycle.nextStartNodeIndex).toBe(180);
  for (let i = 50; i < 200; i++) {
    cache.removeNode(`n${i}`);
  }
  // 180 mod 50 = 30: with equal totals the node there wins.
  expect(cycle.schedule(profile, podInfoOf(pod('second')), cache.snapshot())).toMatchObject({
    outcome: 'placed',
    node: { name: 'n30' },
  });
  // All 50 were looked at: (180 + 50) mod 50.
  expect(cycle.nextStartNodeIndex).toBe(30);
});

describe("a user's plugin that looks at what no other does", () => {
  const inService: SchedulerPlugin = {
    name: 'InService',
    extensionPoints: ['filter'],
    create: () => ({
      isLocal: true,
      filter: (_, { node }) =>
        node.status?.conditions?.some(({ type, status }) => type === 'Broken' && status === 'True')
          ? { code: 'Unschedulable', plugin: 'InService', reasons: ['broken'] }
          : undefined,
    }),
  };

  it('is asked again when only a condition of the node has changed', () => {
    const scheduler = new AScheduler({ extras: { plugins: [inService] } }).create(aNode('n1'), aPod('a')).runUntil(3);
    expect(scheduler.nodeOf('a')).toBe('n1');
    const { user, server } = scheduler.cluster;
    const found = server.get('Node', 'n1') as Node;
    const conditions = [{ type: 'Broken', status: 'True' }];
    user.updateStatus('Node', { ...found, status: { ...found.status, conditions } as Node['status'] }, () => {});
    scheduler.runUntil(4).create(aPod('b')).runUntil(5);
    expect(scheduler.scheduled('b')?.message).toContain('0/1 nodes are available: 1 broken.');
  });
});

it('sees that a victim started meanwhile: another node loses less', () => {
  const cache = new Cache();
  const small = (name: string): Node => ({ ...aNode(name, '1'), metadata: { name } }) as Node;
  cache.addNode(small('n1'));
  cache.addNode(small('n2'));
  const bound = (name: string, nodeName: string): Pod => {
    const draft = aPod(name, '1', { nodeName, priority: 0 });
    return { ...draft, metadata: { ...draft.metadata, uid: name } } as Pod;
  };
  const older = bound('a', 'n1');
  cache.addPod(older);
  cache.addPod(bound('b', 'n2'));
  let snapshot = cache.snapshot();
  const profile = defaultProfile(new Tables(), () => snapshot);
  const options = { percentageOfNodesToScore: 0, tieRule: 'heap', nominatedNodeResetsStart: false } as const;
  const cycle = new IncrementalCycle(options, cache, { isEmpty: true, nominatedPods: () => [] });
  const draft = aPod('urgent', '1', { priority: 10 });
  const urgent = podInfoOf({ ...draft, metadata: { ...draft.metadata, uid: 'urgent' } } as Pod);
  const nominated = (): string | undefined => {
    snapshot = cache.snapshot();
    const result = cycle.schedule(profile, urgent, snapshot);
    if (result.outcome !== 'unfit') {
      throw new Error(result.outcome);
    }
    const { state, diagnosis } = result;
    return profile.runPostFilter({ pod: urgent, profile, state, snapshot, diagnosis }).nominatedNodeName;
  };
  // Neither has started: both count as starting now, and the draw takes the first.
  expect(nominated()).toBe('n1');
  cache.updatePod({ ...older, status: { phase: 'Running', startTime: 5_000_000 } });
  // The pod of n2 is the younger one.
  expect(nominated()).toBe('n2');
});
