import type { Node, Pod } from '../../../models/api/index.js';
import { Cache } from '../../../models/scheduler/framework/cache.js';
import { podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import { IncrementalCycle } from '../../../models/scheduler/incremental/incremental-cycle.js';
import { defaultProfile, Tables } from '../../vectors/runner/scheduler-cluster.js';

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
