import type { Node, Pod, PodSpec, ResourceRequirements } from '../../../../models/api/index.js';
import { type Admission, type AdmissionView, admit } from '../../../../models/kubelet/admission/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const NODE: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', labels: { zone: 'a' } },
  spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] },
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } },
};

const TOLERANT: Partial<PodSpec> = { tolerations: [{ operator: 'Exists' }] };

function aPod(name: string, requests?: ResourceRequirements['requests'], spec: Partial<PodSpec> = {}): Pod {
  const containers = [{ name: 'app', ...(requests && { resources: { requests } }) }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...TOLERANT, ...spec } };
}

function ask(pod: Pod, view: Partial<AdmissionView> = {}, version = '1.37'): Admission {
  const seen = { pod, node: NODE, otherPods: [], pressure: [], isShuttingDown: false, ...view };
  return admit(seen, defaultsFor(version)!.kubelet.admission);
}

const port = (hostPort: number, hostIP?: string): Partial<PodSpec> => ({
  containers: [{ name: 'app', ports: [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }] }],
});

const ok = { admit: true, preempts: [] };

describe('a pod is refused', () => {
  it('for what is lacking, in the order cpu, memory, …, pods before all', () => {
    const others = [aPod('a', { cpu: '1500m', memory: '1Gi' })];
    expect(ask(aPod('b', { cpu: '500m' }), { otherPods: others })).toEqual(ok);
    expect(ask(aPod('b', { cpu: '501m', memory: '4Gi' }), { otherPods: others })).toEqual({
      admit: false,
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 501, used: 1500, capacity: 2000",
    });
    expect(ask(aPod('b', { memory: '4Gi' }), { otherPods: others })).toMatchObject({ reason: 'OutOfmemory' });
    const three = [aPod('a'), aPod('b'), aPod('c')];
    expect(ask(aPod('d', { cpu: '9' }), { otherPods: three })).toMatchObject({ reason: 'OutOfpods' });
  });

  it('not for an extended resource that the node does not know', () => {
    expect(ask(aPod('a', { 'example.com/gpu': '1' }))).toEqual(ok);
    const node = { ...NODE, status: { allocatable: { ...NODE.status!.allocatable, 'example.com/gpu': '1' } } };
    expect(ask(aPod('a', { 'example.com/gpu': '2' }), { node })).toMatchObject({ reason: 'OutOfexample.com/gpu' });
  });

  it('for a selector the node no longer fits; 1.37 looks at the live node first', () => {
    const elsewhere = aPod('a', undefined, { nodeSelector: { zone: 'b' } });
    expect(ask(elsewhere)).toEqual({
      admit: false,
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      askAgainWithLiveNode: true,
    });
    expect(ask(elsewhere, {}, '1.23')).toEqual({
      admit: false,
      reason: 'NodeAffinity',
      message: 'Predicate NodeAffinity failed',
    });
  });

  it('for a node name or a host port that is not its own', () => {
    expect(ask(aPod('a', undefined, { nodeName: 'node-2' }))).toMatchObject({ reason: 'NodeName' });
    const otherPods = [aPod('a', undefined, port(8080, '10.0.0.1'))];
    expect(ask(aPod('b', undefined, port(8080)), { otherPods })).toMatchObject({ reason: 'NodePorts' });
    expect(ask(aPod('b', undefined, port(8080, '10.0.0.2')), { otherPods })).toEqual(ok);
  });

  it('for a NoExecute taint in 1.37, unless it is static', () => {
    const intolerant = aPod('a', undefined, { tolerations: [] });
    expect(ask(intolerant)).toMatchObject({ reason: 'TaintToleration' });
    expect(ask(intolerant, {}, '1.23')).toEqual(ok);
    const annotations = { 'kubernetes.io/config.source': 'file' };
    expect(ask({ ...intolerant, metadata: { name: 'a', annotations } })).toEqual(ok);
  });

  it.each<[string, readonly string[], Pod, boolean]>([
    [
      'memory pressure',
      ['MemoryPressure'],
      aPod('best-effort', undefined, { tolerations: [{ key: 'maintenance', operator: 'Exists' }] }),
      false,
    ],
    ['memory pressure that it tolerates', ['MemoryPressure'], aPod('tolerant'), true],
    ['memory pressure, asking for some', ['MemoryPressure'], aPod('burstable', { memory: '1Gi' }), true],
    ['disk pressure', ['DiskPressure'], aPod('burstable', { memory: '1Gi' }), false],
    ['disk and memory pressure', ['DiskPressure', 'MemoryPressure'], aPod('any', { memory: '1Gi' }), false],
    ['disk pressure, being critical', ['DiskPressure'], aPod('critical', undefined, { priority: 2_000_000_000 }), true],
  ])('under %s: %j', (_, pressure, pod, isAdmitted) => {
    const answer = ask(pod, { pressure });
    const message = `The node had condition: [${pressure.join(' ')}]. `;
    expect(answer).toEqual(isAdmitted ? ok : { admit: false, reason: 'Evicted', message });
  });

  it('while the node shuts down, after everything else was looked at', () => {
    expect(ask(aPod('a'), { isShuttingDown: true })).toEqual({
      admit: false,
      reason: 'NodeShutdown',
      message: 'Pod was rejected as the node is shutting down.',
    });
    expect(ask(aPod('a', { cpu: '9' }), { isShuttingDown: true })).toMatchObject({ reason: 'OutOfcpu' });
  });
});

describe('a critical pod that lacks resources', () => {
  const critical = (requests: ResourceRequirements['requests'], spec: Partial<PodSpec> = {}): Pod =>
    aPod('critical', requests, { priority: 2_000_000_000, ...spec });
  const guaranteed = (name: string, cpu: string, memory: string): Pod => {
    const resources = { requests: { cpu, memory }, limits: { cpu, memory } };
    return aPod(name, undefined, { containers: [{ name: 'app', resources }] });
  };
  const preempted = (answer: Admission): readonly string[] =>
    answer.admit ? answer.preempts.map(({ metadata }) => metadata.name) : [answer.reason];

  it('drives out Burstable rather than Guaranteed pods, and as little as will do', () => {
    const otherPods = [
      guaranteed('guaranteed', '1', '1Gi'),
      aPod('large', { cpu: '800m' }),
      aPod('small', { cpu: '200m' }),
    ];
    const node = { ...NODE, status: { allocatable: { ...NODE.status!.allocatable, pods: '10' } } };
    // 2000 m are taken: 100 m are lacking, and the nearest pod above that is the small one.
    expect(preempted(ask(critical({ cpu: '100m' }), { node, otherPods }))).toEqual(['small']);
    // 900 m: the large one leaves 100 m, then the small one.
    expect(preempted(ask(critical({ cpu: '900m' }), { node, otherPods }))).toEqual(['large', 'small']);
    // 1100 m: both together give 1000 m, so the Guaranteed one must go; with it 100 m are left for the small one.
    expect(preempted(ask(critical({ cpu: '1100m' }), { node, otherPods }))).toEqual(['small', 'guaranteed']);
  });

  it('makes room for itself where too many pods are, by a BestEffort pod', () => {
    const otherPods = [aPod('burstable', { cpu: '1' }), aPod('best-effort'), guaranteed('guaranteed', '500m', '1Gi')];
    expect(preempted(ask(critical({}), { otherPods }))).toEqual(['best-effort']);
  });

  it('is refused for anything else, and when not even an empty node would do', () => {
    const elsewhere = critical({ cpu: '9' }, { nodeSelector: { zone: 'b' } });
    expect(preempted(ask(elsewhere))).toEqual(['NodeAffinity']);
    expect(ask(critical({ cpu: '3' }), { otherPods: [aPod('a', { cpu: '1' })] })).toEqual({
      admit: false,
      reason: 'UnexpectedAdmissionError',
      message:
        'Unexpected error while attempting to recover from admission failure: preemption: ' +
        'error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
    });
  });
});
