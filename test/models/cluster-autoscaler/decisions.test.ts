import { type Micros, seconds } from '../../../engine/index.js';
import type { Node, Pod, PodDisruptionBudget } from '../../../models/api/index.js';
import type { NodeGroup } from '../../../models/cluster-autoscaler/cloud.js';
import type { Expander } from '../../../models/cluster-autoscaler/config.js';
import {
  areAllNew,
  backedOff,
  equivalenceGroups,
  isOldEnough,
  isTooUnready,
  needsHelp,
  podsToMove,
} from '../../../models/cluster-autoscaler/decisions.js';
import { bestOption, type ExpansionOption } from '../../../models/cluster-autoscaler/expander.js';
import { parsePriorities, priorityOf } from '../../../models/cluster-autoscaler/priorities.js';
import { areSimilar, balanced, type SampleNode } from '../../../models/cluster-autoscaler/similar-groups.js';
import { softTaintChanges } from '../../../models/cluster-autoscaler/soft-taints.js';
import { gpuResourceOf, priceScore, utilization } from '../../../models/cluster-autoscaler/utilization.js';

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
  skipsCustomControllerPods: true,
  minReplicaCount: 0,
  expendablePodsPriorityCutoff: -10,
};
const sights = (budgets: readonly PodDisruptionBudget[] = []) => ({
  now: seconds(100),
  budgets,
  replicasOf: () => undefined,
});

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
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), aPod('b')], false, seconds(0))).toBe(0.5);
    // 2 of 8 CPU, 2 of 4 GiB.
    expect(utilization(aNode('8', '4Gi'), [aPod('a'), aPod('b')], false, seconds(0))).toBe(0.5);
  });

  it('leaves pods out that should have been gone 30 s ago and their grace period', () => {
    // Asked to go at 0 s with 30 s: gone by 30 s; late from 30 + 30 + 30 s on.
    const leaving = aPod('a', { deletionTimestamp: seconds(30) }, { terminationGracePeriodSeconds: 30 });
    expect([90, 91].map((at) => utilization(aNode('4', '16Gi'), [leaving], false, seconds(at)))).toEqual([0.25, 0]);
    expect(podsToMove([leaving], RULES, { ...sights(), now: seconds(90) })).toMatchObject({ pods: [leaving] });
    expect(podsToMove([leaving], RULES, { ...sights(), now: seconds(91) })).toMatchObject({ pods: [] });
  });

  it('leaves pods of DaemonSets out when asked to', () => {
    const daemon = aPod('d', { ownerReferences: [{ ...owner('ds'), kind: 'DaemonSet' }] });
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), daemon], false, seconds(0))).toBe(0.5);
    // They make the node smaller: 1 of 4 - 1 CPU.
    expect(utilization(aNode('4', '16Gi'), [aPod('a'), daemon], true, seconds(0))).toBeCloseTo(1 / 3);
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
    [
      'a pod whose controller Kubernetes does not know',
      aPod('a', { ownerReferences: [{ ...owner('x'), kind: 'CloneSet' }] }),
      'pod is not replicated',
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

describe('a node with GPUs', () => {
  const gpuNode = {
    ...aNode('4', '16Gi'),
    status: { allocatable: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '4' } },
  };
  const gpuPod = (name: string, gpus: string): Pod =>
    aPod(name, {}, {
      containers: [{ name: 'c', image: 'app', resources: { requests: { cpu: '3', 'nvidia.com/gpu': gpus } } }],
    } as Partial<Pod['spec']>);

  it('is judged by them alone', () => {
    expect(gpuResourceOf(gpuNode)).toBe('nvidia.com/gpu');
    // 1 of 4 GPUs, though 3 of 4 CPU.
    expect(utilization(gpuNode, [gpuPod('a', '1')], false, seconds(0))).toBe(0.25);
    expect(utilization(gpuNode, [aPod('b')], false, seconds(0))).toBe(0);
  });

  it('is waited for longer: pods of 29 s are new if they ask for a GPU', () => {
    const buffers = { unschedulablePodTimeBuffer: seconds(2), unschedulablePodWithGpuTimeBuffer: seconds(30) };
    const born = { creationTimestamp: 0 };
    const [plain, gpu] = [aPod('a', born), { ...gpuPod('b', '1'), metadata: { ...aPod('b').metadata, ...born } }];
    expect(areAllNew([plain], seconds(1), buffers)).toBe(true);
    expect(areAllNew([plain], seconds(2), buffers)).toBe(false);
    expect(areAllNew([plain, gpu], seconds(29), buffers)).toBe(true);
    expect(areAllNew([plain, gpu], seconds(30), buffers)).toBe(false);
  });
});

describe('a pod that has to wait', () => {
  it.each<readonly [flag: number, annotation: string | undefined, age: number, isOld: boolean]>([
    [0, undefined, 1, true],
    [30, undefined, 30, false],
    [30, undefined, 31, true],
    [30, '1m', 31, false],
    [30, '1m', 61, true],
    // Shorter than the flag, or no duration: the flag counts.
    [30, '10s', 20, false],
    [30, 'soon', 31, true],
  ])('by a flag of %i s and annotation %s is old enough at %i s: %s', (flag, annotation, age, isOld) => {
    const annotations = annotation && { 'cluster-autoscaler.kubernetes.io/pod-scale-up-delay': annotation };
    const pod = aPod('a', { creationTimestamp: 0, ...(annotations && { annotations }) });
    expect(isOldEnough(pod, seconds(age), seconds(flag))).toBe(isOld);
  });
});

describe('similar groups', () => {
  const rules = {
    memoryDifferenceRatio: 0.015,
    allocatableDifferenceRatio: 0.05,
    freeDifferenceRatio: 0.05,
    ignoredLabels: ['team'],
    decidingLabels: [],
  };
  const sample = (
    labels: Record<string, string>,
    cpu = '4',
    memory = '16Gi',
    daemonPods: readonly Pod[] = [],
  ): SampleNode => ({
    node: {
      ...aNode(cpu, memory),
      metadata: { name: 'n', labels: { 'kubernetes.io/hostname': JSON.stringify(labels), ...labels } },
      status: { capacity: { cpu, memory }, allocatable: { cpu, memory } },
    },
    daemonPods,
  });
  const zone = (name: string): Record<string, string> => ({ 'topology.kubernetes.io/zone': name });

  it.each<readonly [string, SampleNode, SampleNode, boolean]>([
    ['zones differ', sample(zone('a')), sample(zone('b')), true],
    ['an ignored label differs', sample({ team: 'x' }), sample({}), true],
    ['another label differs', sample({ disk: 'ssd' }), sample({ disk: 'hdd' }), false],
    ['a label is missing', sample({ disk: 'ssd' }), sample({}), false],
    ['CPU differs', sample({}, '4'), sample({}, '4100m'), false],
    // 16 GiB and 16.2 GiB: 0.2/16.2 is 1.23 %, 16.3 GiB would be 1.84 %.
    ['memory differs by 1.2 %', sample({}, '4', '16Gi'), sample({}, '4', '16589Mi'), true],
    ['memory differs by 1.8 %', sample({}, '4', '16Gi'), sample({}, '4', '16691Mi'), false],
    // 4 and 3 CPU free.
    ['DaemonSets leave different room', sample({}), sample({}, '4', '16Gi', [aPod('d')]), false],
  ])('%s', (_, a, b, expected) => {
    expect([areSimilar(a, b, rules), areSimilar(b, a, rules)]).toEqual([expected, expected]);
  });

  it('by a deciding label are those with the same value, whatever else they are', () => {
    const byTeam = { ...rules, decidingLabels: ['team'] };
    expect(areSimilar(sample({ team: 'x' }, '4'), sample({ team: 'x' }, '8'), byTeam)).toBe(true);
    expect(areSimilar(sample({}), sample({}), byTeam)).toBe(false);
  });

  it.each<readonly [sizes: readonly (readonly [number, number])[], newNodes: number, added: readonly number[]]>([
    [
      [
        [1, 10],
        [1, 10],
        [1, 10],
      ],
      3,
      [1, 1, 1],
    ],
    [
      [
        [1, 10],
        [1, 10],
        [1, 10],
      ],
      4,
      [2, 1, 1],
    ],
    [
      [
        [5, 10],
        [1, 10],
        [2, 10],
      ],
      4,
      [0, 3, 1],
    ],
    // The first is full after one, the rest goes to the others.
    [
      [
        [1, 2],
        [1, 10],
        [1, 10],
      ],
      5,
      [1, 2, 2],
    ],
    [
      [
        [3, 3],
        [1, 10],
      ],
      2,
      [0, 2],
    ],
    // No more than there is room for.
    [
      [
        [1, 2],
        [1, 3],
      ],
      9,
      [1, 2],
    ],
  ])('of sizes and limits %j share %i new nodes as %j', (sizes, newNodes, added) => {
    const groups = sizes.map(([targetSize, maxSize]) => ({ targetSize, maxSize }));
    const dealt = balanced(groups, newNodes);
    expect(groups.map((group) => dealt.get(group) ?? 0)).toEqual(added);
  });
});

describe('expanders', () => {
  const option = (name: string, cpu: string, nodeCount: number, pods: number, price?: number): ExpansionOption => ({
    group: { name, price } as NodeGroup,
    node: { ...aNode(cpu, '16Gi'), status: { allocatable: { cpu, memory: '16Gi' }, capacity: { cpu } } },
    nodeCount,
    pods: Array.from({ length: pods }, (_, i) => aPod(`p${i}`)),
  });
  // Two pods of 1 CPU and 1 GiB: on 2 CPU nothing of the CPU is wasted, on 4 CPU half of it; memory 14 of 16 GiB on both.
  const [tight, wide] = [option('tight', '2', 1, 2, 0.5), option('wide', '4', 1, 3, 0.5)];
  const priorities = (text: string) => {
    const read = parsePriorities(text);
    return read.ok ? read.priorities : undefined;
  };
  const prices = { cpu: 0.1, memoryGib: 0, gpu: 1 };
  const chosen = (
    options: readonly ExpansionOption[],
    expanders: readonly Expander[],
    { draw = 0, config = '', clusterSize = 5 } = {},
  ): string | undefined =>
    bestOption(options, expanders, { chance: () => draw, priorities: priorities(config), prices, clusterSize })?.group
      .name;

  it('choose by waste, by pods, or by chance', () => {
    expect(chosen([tight, wide], ['least-waste'])).toBe('tight');
    expect(chosen([tight, wide], ['most-pods'])).toBe('wide');
    expect([0.4, 0.6].map((draw) => chosen([tight, wide], ['random'], { draw }))).toEqual(['tight', 'wide']);
  });

  it('run one after the other while options remain equal', () => {
    const many = option('many', '4', 2, 3);
    expect(chosen([tight, wide, many], ['most-pods', 'least-nodes'])).toBe('wide');
    const both = '10: [tight, wide]';
    expect(chosen([wide, tight, many], ['priority', 'least-waste'], { config: both })).toBe('tight');
  });

  it('choose the highest priority whose expressions find the name', () => {
    const config = '10:\n- .*\n50:\n# spot first\n- "^spot-.*"\n- wide$';
    const spot = option('spot-a', '2', 1, 2);
    expect(chosen([tight, wide], ['priority'], { config })).toBe('wide');
    expect([0, 0.9].map((draw) => chosen([wide, spot, tight], ['priority'], { config, draw }))).toEqual([
      'wide',
      'spot-a',
    ]);
    expect(priorityOf('tight', priorities(config) ?? new Map())).toBe(10);
  });

  it('leave nothing where priorities are asked for and not stated, and everything where they name none of the groups', () => {
    expect(chosen([tight, wide], ['priority'], { config: '' })).toBeUndefined();
    expect(chosen([tight, wide], ['priority'], { config: '10: [other]', draw: 0.6 })).toBe('wide');
  });

  it('choose by price for what is got, machines of a size that suits the cluster in front', () => {
    // Stabilization pod 0.5 CPU: 0.05. Five nodes prefer machines of 2 CPU: tight 1 × (0.5 + 0.05) / (0.2 + 0.05) = 2.2;
    // wide (2 - 1) × (1 - tanh 0) + 1 = 2, × (0.5 + 0.05) / (0.3 + 0.05) = 3.14.
    const [a, b] = [tight, wide].map((each) => priceScore({ ...each, price: 0.5 }, 5, prices));
    expect(a).toBeCloseTo(2.2);
    expect(b).toBeCloseTo(3.142857);
    expect(chosen([tight, wide], ['price'])).toBe('tight');
    // Ten nodes prefer 4 CPU: tight 2 × 2.2 = 4.4, wide 1.57.
    expect(chosen([tight, wide], ['price'], { clusterSize: 10 })).toBe('wide');
    expect(chosen([option('unpriced', '2', 1, 2)], ['price', 'random'])).toBeUndefined();
  });

  it.each<readonly [string, string]>([
    ['', 'is empty'],
    ['ten:\n- a', "Can't parse YAML"],
    ['10:\n- "("', "Can't compile regexp rule for priority 10 and rule ("],
  ])('read no priorities from %j', (text, error) => {
    expect(parsePriorities(text)).toEqual({ ok: false, error: expect.stringContaining(error) });
  });
});

describe('soft taints', () => {
  const node = (name: string, ...keys: readonly string[]): Node => ({
    ...aNode('4', '16Gi'),
    metadata: { name },
    spec: { taints: keys.map((key) => ({ key, effect: 'PreferNoSchedule' })) },
  });
  const [candidate, removed] = ['DeletionCandidateOfClusterAutoscaler', 'ToBeDeletedByClusterAutoscaler'];

  it('come off needed nodes first, then go on unneeded ones, as many as a pass may change', () => {
    const nodes = [node('a'), node('b', candidate), node('c', candidate), node('d', removed), node('e')];
    const unneeded = new Set(['a', 'b', 'd', 'e']);
    const changes = (max: number) =>
      softTaintChanges(nodes, unneeded, max).map(({ node: name, marks }) => [name, marks]);
    expect(changes(10)).toEqual([
      ['c', false],
      ['a', true],
      ['e', true],
    ]);
    expect(changes(2)).toEqual([
      ['c', false],
      ['a', true],
    ]);
    expect(changes(0)).toEqual([]);
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
