import { constant, seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { type ANodeOptions, aNode, type PodDraft } from '../../helpers/a-node.js';

const MI = 1024 * 1024;

function started(spec: PodDraft['spec'] = {}, options: ANodeOptions = {}) {
  const node = aNode(options);
  node.runUntil('5s');
  node.apply({ name: 'web', spec });
  node.runUntil('60s');
  return node;
}

const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running';
const condition = (pod: Pod | undefined, type: string) => pod?.status?.conditions?.find((c) => c.type === type);

describe('starting a pod whose image is there', () => {
  // Volumes are waited for in polls of 0.3 s; after a sync that did something the pod is listed at once.
  it('shows it Running and Ready 0.3 to 0.8 s after it is bound [37]', () => {
    const at = started().when('web', isRunning) as number;
    expect(at - 5).toBeGreaterThan(0.3);
    expect(at - 5).toBeLessThan(0.8);
  });

  // Without on-demand relists the started container is found by the next one, up to 1 s later.
  it('shows it Running up to 1.5 s after it is bound [23]', () => {
    for (const seed of [1, 2, 3, 4]) {
      const at = started({}, { seed, kubernetesVersion: '1.23' }).when('web', isRunning) as number;
      expect(at - 5).toBeGreaterThan(0.3);
      expect(at - 5).toBeLessThan(1.5);
    }
  });

  it('tells what it did, in the words of the version', () => {
    const reasons = (kubernetesVersion: '1.37' | '1.23'): readonly string[] =>
      started({}, { kubernetesVersion })
        .events('web')
        .map(({ event }) => `${event.reason}: ${event.message}`);
    expect(reasons('1.37')).toEqual([
      'Pulled: Container image "app:v1" already present on machine and can be accessed by the pod',
      'Created: Container created',
      'Started: Container started',
    ]);
    expect(reasons('1.23')).toEqual([
      'Pulled: Container image "app:v1" already present on machine',
      'Created: Created container c',
      'Started: Started container c',
    ]);
  });

  it('tells each sync that starts something when the kubelet knows no cluster DNS', () => {
    const told = (spec: PodDraft['spec']): number =>
      started(spec, { configuration: { clusterDNS: [] } })
        .events('web')
        .filter(({ event }) => event.reason === 'MissingClusterDNS').length;
    expect(told({})).toBe(1);
    expect(told({ dnsPolicy: 'Default' })).toBe(0);
  });

  it('fills in the status as kubectl shows it', () => {
    const resources = { requests: { memory: '64Mi' }, limits: { memory: '64Mi' } };
    const node = started({ containers: [{ name: 'c', image: 'app:v1', resources }] });
    const status = node.pod('web')?.status;
    expect(status).toMatchObject({
      phase: 'Running',
      hostIP: '192.168.0.1',
      hostIPs: [{ ip: '192.168.0.1' }],
      podIP: '10.244.0.2',
      podIPs: [{ ip: '10.244.0.2' }],
      startTime: seconds(5),
      qosClass: 'Burstable',
    });
    expect(status?.containerStatuses?.[0]).toMatchObject({
      name: 'c',
      image: 'app:v1',
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: seconds(5) } },
      resources,
      allocatedResources: resources.requests,
    });
    expect(status?.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(status?.containerStatuses?.[0]?.imageID).toMatch(/^docker\.io\/library\/app@sha256:[0-9a-f]{64}$/);
    expect(status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
  });

  it('shows that the sandbox is up while containers are still to start [37]', () => {
    const node = started({}, { settings: { containerStart: constant(seconds(5)) } });
    const isUp = (pod: Pod): boolean => condition(pod, 'PodReadyToStartContainers')?.status === 'True';
    const up = node.when('web', isUp) as number;
    expect(up).toBeLessThan(5.5);
    expect(node.when('web', isRunning)).toBeGreaterThan(up + 5);
  });
});

describe('init containers', () => {
  const init = (count: number): PodDraft['spec'] => ({
    initContainers: Array.from({ length: count }, (_, i) => ({ name: `i${i}`, image: 'app:v1' })),
  });

  it('run one after the other; each end is found by a relist', () => {
    const life = { exits: [{ after: constant(seconds(2)), code: 0 }] };
    const node = started(init(3), { behaviours: { i0: life, i1: life, i2: life } });
    const at = (node.when('web', isRunning) as number) - 5;
    // 0.3 s for volumes, three times 2 s, and up to 1 s each until the end is seen.
    expect(at).toBeGreaterThan(6.3);
    expect(at).toBeLessThan(9.6);
    expect(condition(node.history('web')[1]?.pod, 'Initialized')?.reason).toBe('ContainersNotInitialized');
    expect(node.pod('web')?.status?.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true, true]);
  });

  it('shows PodInitializing while they run', () => {
    const life = { exits: [{ after: constant(seconds(20)), code: 0 }] };
    const node = aNode({ behaviours: { i0: life } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: init(1) });
    node.runUntil('10s');
    const status = node.pod('web')?.status;
    expect(status?.phase).toBe('Pending');
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
    expect(status?.initContainerStatuses?.[0]).toMatchObject({ ready: false, started: true });
  });

  it('fails the pod when one fails and may not run again', () => {
    const life = { exits: [{ after: constant(seconds(1)), code: 7 }] };
    const node = started({ ...init(1), restartPolicy: 'Never' }, { behaviours: { i0: life } });
    expect(node.pod('web')?.status?.phase).toBe('Failed');
  });

  it('a sidecar runs before the others and is restarted by itself', () => {
    const spec: PodDraft['spec'] = {
      restartPolicy: 'Never',
      initContainers: [{ name: 'side', image: 'app:v1', restartPolicy: 'Always' }],
    };
    const behaviours = {
      side: { exits: [{ after: constant(seconds(8)), code: 1 }] },
      c: { exits: [{ after: constant(seconds(20)), code: 0 }] },
    };
    const node = started(spec, { behaviours });
    const restarted = node.when('web', (pod) => (pod.status?.initContainerStatuses?.[0]?.restartCount ?? 0) > 0);
    expect(restarted).toBeGreaterThan(13);
    expect(restarted).toBeLessThan(14.7);
    // c ends at 25.3; the pod does not wait for the sidecar, which is stopped.
    const ended = node.when('web', (pod) => pod.status?.phase === 'Succeeded') as number;
    expect(ended).toBeGreaterThan(26);
    expect(ended).toBeLessThan(28.5);
  });
});

describe('hooks', () => {
  const hooked = (lifecycle: object): PodDraft['spec'] => ({ containers: [{ name: 'c', image: 'app:v1', lifecycle }] });

  it('postStart holds the pod up until it is done', () => {
    const spec = hooked({ postStart: { exec: { command: ['sleep', '10'] } } });
    const at = started(spec).when('web', isRunning) as number;
    expect(at - 5).toBeGreaterThan(10.3);
    expect(at - 5).toBeLessThan(11.5);
  });

  it('tells of a hook that failed: that it did [37], and why [23]', () => {
    const fails = { postStart: { takes: constant(0), fails: true } };
    const spec = hooked({ postStart: { exec: { command: ['warm', 'up'] } } });
    const told = (kubernetesVersion: '1.37' | '1.23'): string | undefined =>
      started(spec, { behaviours: { c: fails }, kubernetesVersion })
        .events('web')
        .find(({ event }) => event.reason === 'FailedPostStartHook')?.event.message;
    expect(told('1.37')).toBe('PostStartHook failed');
    expect(told('1.23')).toMatch(
      /^Exec lifecycle hook \(\[warm up\]\) for Container "c" in Pod "web_default\(.*\)" failed - error: command 'warm up' exited with 1: , message: ""$/,
    );
  });

  it('a hook that is a tcpSocket cannot be run', () => {
    const node = started(hooked({ postStart: { tcpSocket: { port: 80 } } }));
    expect(node.events('web').map(({ event }) => event.reason)).toContain('FailedPostStartHook');
  });

  it('a postStart that fails kills the container, which then restarts by its policy', () => {
    const fails = { postStart: { takes: constant(seconds(1)), fails: true } };
    const node = started(hooked({ postStart: { exec: { command: ['x'] } } }), { behaviours: { c: fails } });
    const reasons = node.events('web').map(({ event }) => event.reason);
    expect(reasons).toContain('FailedPostStartHook');
    expect(reasons).toContain('Killing');
    const waiting = node.history('web').map(({ pod }) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason);
    expect(waiting).toContain('PostStartHookError');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
  });
});

describe('admission on the node', () => {
  const asking = (memory: string): PodDraft['spec'] => ({
    containers: [{ name: 'c', image: 'app:v1', resources: { requests: { memory } } }],
  });

  it.each([
    ['1.37', 'Pod was rejected: '],
    ['1.23', 'Pod '],
  ] as const)('refuses for good what does not fit [%s]', (kubernetesVersion, prefix) => {
    const status = started(asking('9Gi'), { kubernetesVersion }).pod('web')?.status;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'OutOfmemory' });
    expect(status?.message?.startsWith(`${prefix}Node didn't have enough resource: memory`)).toBe(true);
  });

  it('lets a refused pod be deleted', () => {
    const node = started(asking('9Gi'));
    node.delete('web');
    node.runUntil('70s');
    expect(node.pod('web')).toBeUndefined();
  });

  it('makes room for a critical pod by killing others', () => {
    const node = aNode({ behaviours: { c: { memory: { base: MI } } } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { ...asking('5Gi'), terminationGracePeriodSeconds: 5 } });
    node.runUntil('10s');
    node.apply({ name: 'critical', spec: { ...asking('5Gi'), priority: 2_000_000_001 } });
    node.runUntil('60s');
    expect(node.pod('web')?.status).toMatchObject({ phase: 'Failed', reason: 'Preempting' });
    expect(node.pod('critical')?.status?.phase).toBe('Running');
  });
});
