import { Simulation } from '../../../engine/index.js';
import type { Kind, Kinds, LimitRange, Node, Pod, PriorityClass, ResourceQuota } from '../../../models/api/index.js';
import { hooksFor } from '../../../models/apiserver/admission/index.js';
import { Registry } from '../../../models/apiserver/registry.js';
import type { Draft } from '../../../models/client-go/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';

const defaults = defaultsFor('1.37') as Defaults;

function aRegistry(): Registry {
  const registry = new Registry({
    simulation: new Simulation({ seed: 1 }),
    defaults,
    hooks: hooksFor(defaults),
    versionsKept: 0,
    constantLatency: undefined,
  });
  created(registry, 'Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} });
  const account = { name: 'default', namespace: 'default' };
  created(registry, 'ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  return registry;
}

function created<K extends Kind>(registry: Registry, kind: K, object: Draft<Kinds[K]>): Kinds[K] {
  const reply = registry.create(kind, object);
  if (!reply.ok) {
    throw new Error(reply.error.message);
  }
  return reply.object;
}

function refusal<K extends Kind>(registry: Registry, kind: K, object: Draft<Kinds[K]>): string {
  const reply = registry.create(kind, object);
  return reply.ok ? 'accepted' : `${reply.error.code} ${reply.error.message}`;
}

const aPod = (name: string, spec: Partial<Pod['spec']> = {}): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx:1' }], ...spec },
});

const withRequest = (cpu: string): Partial<Pod['spec']> => ({
  containers: [{ name: 'main', image: 'nginx:1', resources: { requests: { cpu } } }],
});

describe('a pod that is created', () => {
  it('gets defaults, an account, a priority and five minutes on a node that fails', () => {
    const { spec, status, metadata } = created(aRegistry(), 'Pod', aPod('p'));
    expect(spec).toMatchObject({
      restartPolicy: 'Always',
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    });
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(metadata.generation).toBe(1);
  });

  it('shares its spec with the others of its template, until a class changes', () => {
    const registry = aRegistry();
    const { spec } = aPod('template');
    const [a, b] = ['a', 'b'].map((name) => created(registry, 'Pod', { ...aPod(name), spec })) as [Pod, Pod];
    expect(a.spec).toBe(b.spec);
    created(registry, 'PriorityClass', aPriorityClass('usual', 7, true));
    expect(created(registry, 'Pod', { ...aPod('c'), spec }).spec).toMatchObject({
      priority: 7,
      priorityClassName: 'usual',
    });
  });

  it('is refused for a class, an account or a runtime that is not there', () => {
    const registry = aRegistry();
    expect(refusal(registry, 'Pod', aPod('p', { priorityClassName: 'gold' }))).toBe(
      '403 pods "p" is forbidden: no PriorityClass with name gold was found',
    );
    expect(refusal(registry, 'Pod', aPod('p', { serviceAccountName: 'robot' }))).toBe(
      '403 pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    );
    expect(refusal(registry, 'Pod', aPod('p', { runtimeClassName: 'gvisor' }))).toBe(
      '403 pods "p" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
    );
    expect(created(registry, 'Pod', aPod('p', { priorityClassName: 'system-node-critical' })).spec.priority).toBe(
      2_000_001_000,
    );
  });

  it('pays the overhead of its runtime', () => {
    const registry = aRegistry();
    created(registry, 'RuntimeClass', {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'runsc',
      overhead: { podFixed: { memory: '64Mi' } },
    });
    expect(created(registry, 'Pod', aPod('p', { runtimeClassName: 'gvisor' })).spec.overhead).toEqual({
      memory: '64Mi',
    });
  });
});

const aPriorityClass = (name: string, value: number, globalDefault: boolean): Draft<PriorityClass> => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  globalDefault,
});

describe('a namespace with a LimitRange', () => {
  it('fills pods up and refuses those beyond it', () => {
    const registry = aRegistry();
    const limitRange: Draft<LimitRange> = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l', namespace: 'default' },
      spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, max: { cpu: '1' } }] },
    };
    created(registry, 'LimitRange', limitRange);
    const pod = created(registry, 'Pod', aPod('p'));
    expect(pod.spec.containers[0]?.resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '500m' } });
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container main; cpu limit for container main',
    });
    const large = { containers: [{ name: 'main', image: 'i', resources: { limits: { cpu: '2' } } }] };
    expect(refusal(registry, 'Pod', aPod('q', large))).toBe(
      '403 pods "q" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  });

  // plugin/pkg/admission/limitranger admission.go runLimitFunc and mergePodResourceRequirements
  it('tells what the last of several set, and what the first of several refuses', () => {
    const registry = aRegistry();
    const limitRanges: [string, LimitRange['spec']][] = [
      ['a', { limits: [{ type: 'Container', default: { cpu: '500m' }, max: { cpu: '1' } }] }],
      ['b', { limits: [{ type: 'Container', default: { memory: '1Gi' }, max: { cpu: '1500m' } }] }],
    ];
    for (const [name, spec] of limitRanges) {
      created(registry, 'LimitRange', {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name, namespace: 'default' },
        spec,
      });
    }
    expect(created(registry, 'Pod', aPod('p')).metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container main; memory limit for container main',
    });
    const large = { containers: [{ name: 'main', image: 'i', resources: { limits: { cpu: '2' } } }] };
    expect(refusal(registry, 'Pod', aPod('q', large))).toBe(
      '403 pods "q" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  });
});

describe('a namespace with a ResourceQuota', () => {
  const aQuota = (spec: ResourceQuota['spec']): Draft<ResourceQuota> => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec,
  });

  /** As the quota controller leaves it when it has counted. */
  function counted(registry: Registry, spec: ResourceQuota['spec'], used: Readonly<Record<string, string>>): void {
    const quota = created(registry, 'ResourceQuota', aQuota(spec));
    registry.updateStatus('ResourceQuota', { ...quota, status: { hard: spec.hard, used } });
  }

  it('charges what pods request to its status, and refuses what is too much', () => {
    const registry = aRegistry();
    counted(registry, { hard: { 'requests.cpu': '1', pods: '3' } }, { 'requests.cpu': '0', pods: '0' });
    created(registry, 'Pod', aPod('a', withRequest('750m')));
    expect(registry.get('ResourceQuota', 'default/q')?.status?.used).toEqual({ 'requests.cpu': '750m', pods: '1' });
    expect(refusal(registry, 'Pod', aPod('b', withRequest('500m')))).toBe(
      '403 pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=750m, limited: requests.cpu=1',
    );
  });

  it('lets everything in until it was counted, and nothing that it cannot tell the usage of', () => {
    const registry = aRegistry();
    created(registry, 'ResourceQuota', aQuota({ hard: { pods: '0' } }));
    expect(refusal(registry, 'Pod', aPod('a'))).toBe('accepted');
    const quota = registry.get('ResourceQuota', 'default/q') as ResourceQuota;
    registry.updateStatus('ResourceQuota', { ...quota, status: { hard: { pods: '1' } } });
    expect(refusal(registry, 'Pod', aPod('b'))).toBe(
      '403 pods "b" is forbidden: status unknown for quota: q, resources: pods',
    );
  });

  it('makes containers name what it limits', () => {
    const registry = aRegistry();
    const hard = { 'requests.cpu': '1', 'limits.memory': '1Gi' };
    counted(registry, { hard }, { 'requests.cpu': '0', 'limits.memory': '0' });
    expect(refusal(registry, 'Pod', aPod('a'))).toBe(
      '403 pods "a" is forbidden: failed quota: q: must specify limits.memory for: main; requests.cpu for: main',
    );
  });

  it('looks only at pods within its scopes', () => {
    const registry = aRegistry();
    counted(registry, { hard: { pods: '0' }, scopes: ['BestEffort'] }, { pods: '0' });
    expect(refusal(registry, 'Pod', aPod('a', withRequest('1')))).toBe('accepted');
    expect(refusal(registry, 'Pod', aPod('b'))).toContain('exceeded quota: q, requested: pods=1, used: pods=0');
  });
});

describe('other objects', () => {
  it('a node starts as not ready', () => {
    const node: Draft<Node> = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {} };
    expect(created(aRegistry(), 'Node', node).spec.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
  });

  it('only one PriorityClass is the default', () => {
    const registry = aRegistry();
    created(registry, 'PriorityClass', aPriorityClass('one', 1, true));
    expect(refusal(registry, 'PriorityClass', aPriorityClass('two', 2, true))).toBe(
      '403 priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass one is already marked as default. Only one default can exist',
    );
  });

  it('a claim without a class gets the newest default one', () => {
    const registry = aRegistry();
    created(registry, 'StorageClass', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/disks',
    });
    const claim = created(registry, 'PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    expect(claim.spec.storageClassName).toBe('fast');
  });
});
