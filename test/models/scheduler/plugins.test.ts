import { type Kinds, keyOf, type Node, type Pod } from '../../../models/api/index.js';
import { Cache } from '../../../models/scheduler/framework/cache.js';
import { naturalLogarithm } from '../../../models/scheduler/framework/natural-logarithm.js';
import { podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import { heapRoot, oneOfTheBest } from '../../../models/scheduler/framework/select-host.js';
import { isStatus } from '../../../models/scheduler/framework/status.js';
import { piecewiseLinear } from '../../../models/scheduler/plugins/shape.js';
import { defaultProfile, Tables } from '../../vectors/runner/scheduler-cluster.js';

type PodSpec = Partial<Pod['spec']>;
type Labels = Readonly<Record<string, string>>;

const node = (
  name: string,
  labels: Labels = {},
  spec: Partial<Node['spec']> = {},
  status: Node['status'] = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec,
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' }, ...status },
});

const pod = (name: string, spec: PodSpec = {}, labels: Labels = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, labels },
  spec: { containers: [{ name: 'c' }], ...spec },
});

interface Cluster {
  readonly nodes: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly objects?: readonly Kinds['Service' | 'ReplicaSet'][];
}

/** What each node is refused for, or scored by this plugin before weights. */
function ask(cluster: Cluster, wanted: Pod): { refused: (name: string) => string; score: (plugin: string) => unknown } {
  const cache = new Cache();
  const tables = new Tables();
  for (const object of cluster.objects ?? []) {
    tables.put(object.kind, object);
  }
  cluster.nodes.forEach((it) => {
    cache.addNode(it);
  });
  cluster.pods?.forEach((it) => {
    cache.addPod(it);
  });
  const snapshot = cache.snapshot();
  const profile = defaultProfile(tables, () => snapshot);
  const info = podInfoOf(wanted);
  const state = profile.newState();
  const { status } = profile.runPreFilter(state, info, snapshot);
  return {
    refused: (name) => {
      const found = status ?? profile.runFilter(state, info, snapshot.nodes.find((it) => it.name === name) as never);
      return found === undefined ? '' : `${found.plugin}: ${found.reasons.join(', ')}`;
    },
    score: (plugin) => {
      const rows = new Map<string, readonly number[]>();
      const totals = profile.runScore(state, info, snapshot.nodes, snapshot, (row) =>
        rows.set(row.plugin, row.weighted),
      );
      return isStatus(totals) ? totals : rows.get(plugin);
    },
  };
}

const on = (name: string, it: Pod): Pod => ({ ...it, spec: { ...it.spec, nodeName: name } });
const requests = (cpu: string, memory = '1Gi'): PodSpec => ({
  containers: [{ name: 'c', resources: { requests: { cpu, memory } } }],
});
const zone = (name: string): Labels => ({ 'topology.kubernetes.io/zone': name });

describe('filters', () => {
  it.each<[string, Node, PodSpec, string]>([
    ['NodeName', node('n'), { nodeName: 'other' }, "NodeName: node(s) didn't match the requested node name"],
    ['NodeUnschedulable', node('n', {}, { unschedulable: true }), {}, 'NodeUnschedulable: node(s) were unschedulable'],
    [
      'NodeUnschedulable, tolerated',
      node('n', {}, { unschedulable: true }),
      { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] },
      '',
    ],
    [
      'TaintToleration',
      node('n', {}, { taints: [{ key: 'k', effect: 'NoExecute' }] }),
      {},
      'TaintToleration: node(s) had untolerated taint(s)',
    ],
    ['TaintToleration, soft', node('n', {}, { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }), {}, ''],
    [
      'NodeAffinity',
      node('n', { disk: 'hdd' }),
      { nodeSelector: { disk: 'ssd' } },
      "NodeAffinity: node(s) didn't match Pod's node affinity/selector",
    ],
    ['NodeResourcesFit', node('n'), requests('5', '9Gi'), 'NodeResourcesFit: Insufficient cpu, Insufficient memory'],
    [
      'NodeResourcesFit, pods',
      node('n', {}, {}, { allocatable: { cpu: '4', memory: '8Gi', pods: '0' } }),
      {},
      'NodeResourcesFit: Too many pods',
    ],
    [
      'NodeDeclaredFeatures',
      node('n'),
      { hostNetwork: true, hostUsers: false },
      "NodeDeclaredFeatures: node(s) didn't match Pod's required features",
    ],
  ])('%s', (_, target, spec, refused) => {
    expect(ask({ nodes: [target] }, pod('p', spec)).refused('n')).toBe(refused);
  });

  it('NodePorts: the same port on any address, not on two different ones', () => {
    const wants = (hostIP?: string): PodSpec => ({
      containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, ...(hostIP && { hostIP }) }] }],
    });
    const cluster = { nodes: [node('n')], pods: [on('n', pod('a', wants('10.0.0.1')))] };
    const refused = "NodePorts: node(s) didn't have free ports for the requested pod ports";
    expect(ask(cluster, pod('p', wants())).refused('n')).toBe(refused);
    expect(ask(cluster, pod('p', wants('10.0.0.1'))).refused('n')).toBe(refused);
    expect(ask(cluster, pod('p', wants('10.0.0.2'))).refused('n')).toBe('');
  });

  it('PodTopologySpread: no zone may be more than maxSkew ahead of the emptiest', () => {
    const spec: PodSpec = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'topology.kubernetes.io/zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    };
    const nodes = [node('a', zone('z1')), node('b', zone('z2')), node('c')];
    const asked = ask({ nodes, pods: [on('a', pod('1', {}, { app: 'web' }))] }, pod('p', spec, { app: 'web' }));
    const refused = "PodTopologySpread: node(s) didn't match pod topology spread constraints";
    expect(['a', 'b', 'c'].map(asked.refused)).toEqual([refused, '', `${refused} (missing required label)`]);
  });

  it('InterPodAffinity: beside its own, apart from others, and respecting theirs', () => {
    const near = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } };
    const beside: PodSpec = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } },
    };
    const apart: PodSpec = {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } },
    };
    const cluster = { nodes: [node('a'), node('b')], pods: [on('a', pod('1', apart, { app: 'db' }))] };
    expect(ask(cluster, pod('p', beside)).refused('b')).toContain("didn't match pod affinity rules");
    expect(ask(cluster, pod('p', apart)).refused('a')).toContain("didn't match pod anti-affinity rules");
    expect(ask(cluster, pod('p', {}, { app: 'db' })).refused('a')).toContain("didn't satisfy existing pods");
    // The first of a group that wants to be together may start anywhere.
    expect(ask({ nodes: [node('a')] }, pod('p', beside, { app: 'db' })).refused('a')).toBe('');
  });
});

describe('scores', () => {
  it('NodeResourcesFit: what would be left, with 100m and 200 MiB for who names nothing', () => {
    // 4 CPU: (4000 − 100)·100/4000 = 97; 8 GiB: (8192 − 200)·100/8192 = 97.
    expect(ask({ nodes: [node('n')] }, pod('p')).score('NodeResourcesFit')).toEqual([97]);
  });

  it('NodeResourcesBalancedAllocation: half of the change from 75 on, nothing without requests', () => {
    // cpu 0.5, memory 0: difference 0.5, deviation 0.25, so 75 against 100 before: 50 + (50 + 75 − 100)/2 = 62.
    const asked = ask({ nodes: [node('n')] }, pod('p', requests('2', '0')));
    expect(asked.score('NodeResourcesBalancedAllocation')).toEqual([62]);
    expect(ask({ nodes: [node('n')] }, pod('p')).score('NodeResourcesBalancedAllocation')).toBeUndefined();
  });

  it('TaintToleration: fewer untolerated PreferNoSchedule taints, times 3', () => {
    const soft = (count: number): Partial<Node['spec']> => ({
      taints: Array.from({ length: count }, (_, i) => ({ key: `k${i}`, effect: 'PreferNoSchedule' })),
    });
    const nodes = [node('a', {}, soft(0)), node('b', {}, soft(1)), node('c', {}, soft(3))];
    // 100 − 100·1/3 = 67 in whole numbers.
    expect(ask({ nodes }, pod('p')).score('TaintToleration')).toEqual([300, 201, 0]);
  });

  it('ImageLocality: from 23 MB on, weighed by how many nodes have the image', () => {
    const sizeBytes = 1000 * 1024 * 1024;
    const nodes = [node('a', {}, {}, { images: [{ names: ['app:v1'], sizeBytes }] }), node('b')];
    const wanted = pod('p', { containers: [{ name: 'c', image: 'app:v1' }] });
    // 1000 MB · 1/2 = 500: 100·(500 − 23)/(1000 − 23) = 48.
    expect(ask({ nodes }, wanted).score('ImageLocality')).toEqual([48, 0]);
  });

  it('PodTopologySpread: by the ReplicaSet of a pod that says nothing itself, over nodes and zones', () => {
    const replicaSet: Kinds['ReplicaSet'] = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'default', uid: 'rs' },
      spec: { selector: { matchLabels: { app: 'web' } } },
    };
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true };
    const wanted = pod('p', {}, { app: 'web' });
    const owned = { ...wanted, metadata: { ...wanted.metadata, ownerReferences: [owner] } };
    const nodes = [node('a', zone('z1')), node('b', zone('z1')), node('c', zone('z2'))];
    const cluster = { nodes, pods: [on('a', pod('1', {}, { app: 'web' }))], objects: [replicaSet] };
    // Nodes are listed zone by zone in turn: a, c, b. Weights ln 5 and ln 4, maxSkew 3 and 5:
    // a: 1.609 + 2 + 1.386 + 4 = 9.0; c: 6; b: 2 + 1.386 + 4 = 7.4, so 7.
    // 100·(9 + 6 − raw)/9: 66, 100, 88; times 2.
    expect(keyOf(owned)).toBe('default/p');
    expect(ask(cluster, owned).score('PodTopologySpread')).toEqual([132, 200, 176]);
  });
});

describe('what scores are made of', () => {
  it('follows a shape in whole numbers, downwards too', () => {
    const at = piecewiseLinear([
      { utilization: 0, score: 10 },
      { utilization: 70, score: 3 },
    ]);
    expect([-5, 0, 1, 69, 70, 100].map(at)).toEqual([100, 100, 99, 31, 30, 30]);
  });

  it('takes the root of the heap among equals: index 0, then 1, 3, 7, 8, 4, …', () => {
    const order: number[] = [];
    const totals = new Array<number>(10).fill(1);
    for (let i = 0; i < totals.length; i++) {
      const root = heapRoot(totals);
      order.push(root);
      totals[root] = 0;
    }
    expect(order).toEqual([0, 1, 3, 7, 8, 4, 9, 2, 5, 6]);
    expect(heapRoot([1, 3, 3])).toBe(1);
  });

  it('takes any of the best by chance where versions do', () => {
    const totals = [1, 5, 2, 5, 5];
    expect([0, 0.34, 0.99].map((draw) => oneOfTheBest(totals, () => draw))).toEqual([1, 3, 4]);
  });

  it('has the logarithm of Go, which differs from that of V8 at 12', () => {
    expect([2, 3, 500].map((n) => Math.abs(naturalLogarithm(n) - Math.log(n)) < 1e-15)).toEqual([true, true, true]);
    expect(naturalLogarithm(1)).toBe(0);
  });
});
