import { type Micros, seconds } from '../../../engine/index.js';
import type { Node, Pod, PodDisruptionBudget } from '../../../models/api/index.js';
import type { NodeGroup } from '../../../models/cluster-autoscaler/cloud.js';
import {
  backedOff,
  equivalenceGroups,
  isTooUnready,
  needsHelp,
  podsToMove,
  utilization,
} from '../../../models/cluster-autoscaler/decisions.js';
import { bestOption, type ExpansionOption } from '../../../models/cluster-autoscaler/expander.js';

const minutes = (count: number): Micros => seconds(60 * count);

const owner = (uid: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, controller: true });

function aPod(name: string, change: Partial<Pod['metadata']> = {}, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels: { app: 'web' },
      ownerReferences: [owner('rs')],
      ...change,
    },
    spec: { containers: [{ name: 'c', image: 'app', resources: { requests: { cpu: '1', memory: '1Gi' } } }], ...spec },
    status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  } as unknown as Pod;
}

const aNode = (cpu: string, memory: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: {},
  status: { allocatable: { cpu, memory } },
});

const RULES = {
  skipsSystemPods: true,
  skipsLocalStorage: true,
  minReplicaCount: 0,
  expendablePodsPriorityCutoff: -10,
};
const sights = (budgets: readonly PodDisruptionBudget[] = []) => ({ budgets, replicasOf: () => undefined });

describe('a pod that may make the cluster grow', () => {
  it('is one that the scheduler found no node for', () => {
    expect(needsHelp(aPod('a'), -10)).toBe(true);
    expect(needsHelp(aPod('a', {}, { nodeName: 'n' }), -10)).toBe(false);
    expect(needsHelp(aPod('a', {}, { priority: -11 }), -10)).toBe(false);
    expect(needsHelp(aPod('a', { ownerReferences: [{ ...owner('ds'), kind: 'DaemonSet' }] }), -10)).toBe(false);
  });

  it('goes with those of its controller that are like it', () => {
    const groups = equivalenceGroups([
      aPod('a'),
      aPod('b'),
      aPod('c', { ownerReferences: [owner('other')] }),
      aPod('d', { ownerReferences: [] }),
      aPod('e', { ownerReferences: [] }),
    ]);
    expect(groups.map((group) => group.map(({ metadata }) => metadata.name))).toEqual([
      ['a', 'b'],
      ['c'],
      ['d'],
      ['e'],
    ]);
  });
});

describe('utilization', () => {
  it('is the larger share of CPU and memory that pods ask for', () => {
    // 2 of 4 CPU, 2 of 16 GiB.
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), aPod('b')], false)).toBe(0.5);
    // 2 of 8 CPU, 2 of 4 GiB.
    expect(utilization(aNode('8', '4Gi'), [aPod('a'), aPod('b')], false)).toBe(0.5);
  });

  it('leaves pods of DaemonSets out when asked to', () => {
    const daemon = aPod('d', { ownerReferences: [{ ...owner('ds'), kind: 'DaemonSet' }] });
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), daemon], false)).toBe(0.5);
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), daemon], true)).toBe(0.25);
  });
});

describe('a node that should go', () => {
  const budget = (disruptionsAllowed: number): PodDisruptionBudget =>
    ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed },
    }) as unknown as PodDisruptionBudget;

  it.each<readonly [string, Pod, string]>([
    ['a pod of nobody', aPod('a', { ownerReferences: [] }), 'pod is not replicated'],
    [
      'a pod that says so',
      aPod('a', { annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } }),
      'pod annotated as not safe to evict',
    ],
    [
      'a pod of kube-system',
      aPod('a', { namespace: 'kube-system' }),
      'kube-system pod without a pod disruption budget',
    ],
    ['local storage', aPod('a', {}, { volumes: [{ name: 'v', emptyDir: {} }] }), 'pod uses local storage'],
  ])('is kept by %s', (_, pod, reason) => {
    expect(podsToMove([pod], RULES, sights())).toMatchObject({ isDrainable: false, reason });
  });

  it('is kept by a budget that allows fewer disruptions than it has pods', () => {
    expect(podsToMove([aPod('a'), aPod('b')], RULES, sights([budget(1)]))).toMatchObject({ isDrainable: false });
    expect(podsToMove([aPod('a'), aPod('b')], RULES, sights([budget(2)]))).toMatchObject({ isDrainable: true });
  });

  it('is not kept by memory that looks like a disk, nor by a pod declared safe', () => {
    const inMemory = aPod('a', {}, { volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }] });
    const safe = aPod('b', {
      ownerReferences: [],
      annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
    });
    expect(podsToMove([inMemory, safe], RULES, sights())).toMatchObject({ isDrainable: true, pods: [inMemory, safe] });
  });
});

describe('expanders', () => {
  const option = (name: string, cpu: string, nodeCount: number, pods: number): ExpansionOption => ({
    group: { name } as NodeGroup,
    node: aNode(cpu, '16Gi'),
    nodeCount,
    pods: Array.from({ length: pods }, (_, i) => aPod(`p${i}`)),
  });
  // Two pods of 1 CPU and 1 GiB: on 2 CPU nothing of the CPU is wasted, on 4 CPU half of it; memory 14 of 16 GiB on both.
  const [tight, wide] = [option('tight', '2', 1, 2), option('wide', '4', 1, 3)];

  it('choose by waste, by pods, or by chance', () => {
    const chosen = (name: 'least-waste' | 'most-pods' | 'random', draw = 0): string | undefined =>
      bestOption([tight, wide], [name], () => draw)?.group.name;
    expect(chosen('least-waste')).toBe('tight');
    expect(chosen('most-pods')).toBe('wide');
    expect([chosen('random', 0.4), chosen('random', 0.6)]).toEqual(['tight', 'wide']);
  });

  it('run one after the other while options remain equal', () => {
    const many = option('many', '4', 2, 3);
    expect(bestOption([tight, wide, many], ['most-pods', 'least-nodes'], () => 0)?.group.name).toBe('wide');
  });
});

describe('limits', () => {
  it('three unready nodes are never too many, four of eight are', () => {
    expect(isTooUnready(3, 4, 3, 45)).toBe(false);
    expect(isTooUnready(4, 8, 3, 45)).toBe(true);
    expect(isTooUnready(4, 9, 3, 45)).toBe(false);
  });

  it('a group that fails waits twice as long each time, until that is forgotten', () => {
    const limits = { initialBackoff: minutes(5), maxBackoff: minutes(30), backoffReset: minutes(180) };
    const first = backedOff(undefined, seconds(0), limits);
    const second = backedOff(first, minutes(10), limits);
    expect([first.until, second.duration]).toEqual([minutes(5), minutes(10)]);
    expect(backedOff({ ...second, duration: minutes(30) }, minutes(60), limits).duration).toBe(minutes(30));
    expect(backedOff(second, minutes(10) + minutes(181), limits).duration).toBe(minutes(5));
  });
});
