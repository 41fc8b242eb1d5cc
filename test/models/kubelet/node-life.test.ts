import { constant, seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { type ANode, type ANodeOptions, aNode, NODE } from '../../helpers/a-node.js';

const CRITICAL = 2_000_000_000;
const isReady = (pod: Pod | undefined): boolean =>
  pod?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
const ready = (node: ANode) => node.server.get('Node', NODE)?.status?.conditions?.find(({ type }) => type === 'Ready');
const stop = (exitsAfter: number) => ({ sigterm: { exitsAfter: constant(seconds(exitsAfter)) } });

/** Two ordinary pods, one that takes 8 s to end and one that never does by itself, and a critical one that takes 3 s. */
function shuttingDown(configuration: ANodeOptions['configuration'], options: ANodeOptions = {}): ANode {
  const node = aNode({
    ...options,
    ...(configuration && { configuration }),
    behaviours: { 'slow/c': stop(8), 'deaf/c': { sigterm: 'ignored' }, 'proxy/c': stop(3) },
  });
  node.runUntil('10s');
  node.apply({ name: 'slow', spec: { priority: 0 } });
  node.apply({ name: 'deaf', spec: { priority: 0, terminationGracePeriodSeconds: 60 } });
  node.apply({ name: 'proxy', spec: { priority: CRITICAL + 1000 } });
  node.runUntil('100s');
  node.machine.shutDown(node.simulation);
  node.runUntil('200s');
  return node;
}

const failed = (node: ANode, name: string): number | undefined =>
  node.when(name, (pod) => pod.status?.phase === 'Failed', 100);

describe('a machine that is shut down', () => {
  const graceful = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' };

  it('ends ordinary pods first, then critical ones, and goes off when all are gone', () => {
    let offAt = 0;
    const node = aNode({ configuration: graceful, behaviours: { 'slow/c': stop(8), 'proxy/c': stop(3) } });
    node.runUntil('10s');
    node.apply({ name: 'slow', spec: {} });
    node.apply({ name: 'proxy', spec: { priority: CRITICAL } });
    node.runUntil('100s');
    node.machine.onPower(() => {
      offAt = node.simulation.now;
    });
    node.machine.shutDown(node.simulation);
    node.runUntil('200s');
    // 8 s, then up to 2 s until its volumes are unmounted; then 3 s and as much again: long before the 30 s.
    expect(failed(node, 'slow')).toBeGreaterThan(108);
    expect(failed(node, 'slow')).toBeLessThan(110);
    expect(failed(node, 'proxy')).toBeGreaterThan(111);
    expect(failed(node, 'proxy')).toBeLessThan(115);
    expect(offAt).toBeGreaterThan(seconds(111));
    expect(offAt).toBeLessThan(seconds(116));
  });

  it('gives a group no more than its period', () => {
    const node = shuttingDown(graceful);
    // 20 s for ordinary pods: SIGKILL at 120 s for the one that ignores SIGTERM, though it asks for 60 s.
    expect(failed(node, 'deaf')).toBeGreaterThan(120);
    expect(failed(node, 'deaf')).toBeLessThan(122);
    // The next group begins at 120 s, whether or not the first is through.
    expect(failed(node, 'proxy')).toBeGreaterThan(123);
    expect(failed(node, 'proxy')).toBeLessThan(126);
  });

  it.each(['1.37', '1.23'] as const)('tells why on pods and node (Kubernetes %s)', (kubernetesVersion) => {
    const node = shuttingDown(graceful, { kubernetesVersion });
    const { status } = node.pod('slow') ?? {};
    expect(status).toMatchObject({
      phase: 'Failed',
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    });
    const target = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    expect(target?.reason).toBe(kubernetesVersion === '1.37' ? 'TerminationByKubelet' : undefined);
    expect(ready(node)).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' });
    expect(node.events(NODE).map(({ event }) => event.reason)).toContain('Shutdown');
  });

  it('refuses pods meanwhile', () => {
    const node = aNode({ configuration: graceful, behaviours: { c: { sigterm: 'ignored' } } });
    node.runUntil('10s');
    node.apply({ name: 'web', spec: {} });
    node.runUntil('100s');
    node.machine.shutDown(node.simulation);
    node.runUntil('105s');
    node.apply({ name: 'late', spec: {} });
    node.runUntil('106s');
    expect(node.pod('late')?.status).toMatchObject({ phase: 'Failed', reason: 'NodeShutdown' });
  });

  it('is a crash where nothing is configured', () => {
    const node = shuttingDown(undefined);
    expect(node.machine.isOn).toBe(false);
    expect(node.pod('slow')?.status?.phase).toBe('Running');
    expect(node.runtime.pod(node.pod('slow')?.metadata.uid as string)?.containers[0]?.exitCode).toBe(255);
  });
});

describe('a kubelet that hangs', () => {
  const probe = { exec: { command: ['look'] }, periodSeconds: 10, failureThreshold: 3 };

  it('neither restarts what dies nor renews its Lease, and goes on where it stood', () => {
    const node = aNode();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: {} });
    node.runUntil('100s');
    const goOn = node.kubelet.hang();
    node.runUntil('110s');
    node.runtime.exit('default/web', 'c', 1);
    node.runUntil('300s');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    const lease = () => node.server.get('Lease', `kube-node-lease/${NODE}`)?.spec?.renewTime as number;
    expect(lease()).toBeLessThan(seconds(101));
    goOn();
    node.runUntil('305s');
    expect(lease()).toBeGreaterThan(seconds(300));
    expect(node.pod('web')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
  });

  it('keeps its back-offs, unlike one that restarts', () => {
    const crash = { exits: [{ after: constant(seconds(1)), code: 1 }] };
    const restarts = (pause: (node: ANode) => () => void): number => {
      const node = aNode({ behaviours: { c: crash } });
      node.runUntil('5s');
      node.apply({ name: 'web', spec: {} });
      node.runUntil('300s');
      const before = node.starts('web').length;
      const goOn = pause(node);
      node.runUntil('302s');
      goOn();
      node.runUntil('330s');
      return node.starts('web').length - before;
    };
    expect(restarts((node) => node.kubelet.hang())).toBe(0);
    expect(
      restarts(({ kubelet }) => {
        kubelet.stop();
        return () => kubelet.start();
      }),
    ).toBeGreaterThanOrEqual(2);
  });

  it('makes no probe meanwhile: one that failed only then is never seen to fail', () => {
    const node = aNode({
      behaviours: { c: { probes: { readiness: { failing: [{ from: seconds(100), until: seconds(200) }] } } } },
    });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', readinessProbe: probe }] } });
    node.runUntil('95s');
    const goOn = node.kubelet.hang();
    node.runUntil('250s');
    goOn();
    node.runUntil('300s');
    expect(node.when('web', (pod) => !isReady(pod), 95)).toBeUndefined();
    expect(node.events('web').map(({ event }) => event.reason)).not.toContain('Unhealthy');
  });

  it('hears afterwards what it was asked meanwhile', () => {
    const node = aNode();
    node.runUntil('5s');
    node.apply({ name: 'old', spec: {} });
    node.runUntil('60s');
    const goOn = node.kubelet.hang();
    node.delete('old');
    node.apply({ name: 'new', spec: {} });
    node.runUntil('120s');
    expect(node.goneAt('old')).toBeUndefined();
    goOn();
    node.runUntil('130s');
    expect(node.goneAt('old')).toBeLessThan(124);
    expect(isReady(node.pod('new'))).toBe(true);
  });
});

describe("a machine's clock that is wrong", () => {
  it('stamps Leases with its own time', () => {
    const node = aNode();
    node.runUntil('60s');
    node.machine.setClock(-seconds(600));
    node.runUntil('90s');
    const renewed = node.server.get('Lease', `kube-node-lease/${NODE}`)?.spec?.renewTime as number;
    expect(renewed).toBeLessThan(seconds(90 - 600));
    expect(renewed).toBeGreaterThan(seconds(90 - 600 - 11));
  });
});

describe('KubeletConfiguration', () => {
  const allocatable = (configuration: ANodeOptions['configuration']) => {
    const node = aNode({ ...(configuration && { configuration }) });
    node.runUntil('20s');
    return node.server.get('Node', NODE)?.status?.allocatable;
  };

  it('takes reservations off what pods may use', () => {
    const reserved = { kubeReserved: { cpu: '100m', memory: '1Gi' }, systemReserved: { cpu: '400m', memory: '500Mi' } };
    // 8 Gi − 1 Gi − 500 Mi − 100 Mi of evictionHard
    expect(allocatable(reserved)).toMatchObject({ cpu: '3500m', memory: '6568Mi' });
  });

  it.each([
    [{ maxPods: 20 }, '20'],
    [{ podsPerCore: 5 }, '20'],
    [{ podsPerCore: 5, maxPods: 10 }, '10'],
    [{ podsPerCore: 100 }, '110'],
  ])('limits pods by %j', (configuration, pods) => {
    expect(allocatable(configuration)?.['pods']).toBe(pods);
  });

  it('refuses the pod that is one too many', () => {
    const node = aNode({ configuration: { maxPods: 1 } });
    node.runUntil('10s');
    node.apply({ name: 'first', spec: {} });
    node.runUntil('20s');
    node.apply({ name: 'second', spec: {} });
    node.runUntil('30s');
    expect(node.pod('second')?.status).toMatchObject({ phase: 'Failed', reason: 'OutOfpods' });
  });

  it('kills in the cgroup of all pods before the machine has no memory left, where memory is reserved', () => {
    // Pods may use 8 − 4 Gi: 3 Gi and 500 Mi a second are over that after about 2 s, too fast for the eviction manager.
    const node = aNode({
      configuration: { systemReserved: { memory: '4Gi' } },
      behaviours: { c: { memory: { base: 3 * 1024 ** 3, growthPerSecond: 500 * 1024 ** 2 } } },
    });
    node.runUntil('11s');
    node.apply({ name: 'leaky', spec: {} });
    node.runUntil('15s');
    const [container] = node.pod('leaky')?.status?.containerStatuses ?? [];
    expect(container?.lastState?.terminated ?? container?.state?.terminated).toMatchObject({ reason: 'OOMKilled' });
  });

  it('turns gates of the kubelet on and off', () => {
    const probe = { exec: { command: ['look'] }, periodSeconds: 10, failureThreshold: 3 };
    const node = aNode({ configuration: { featureGates: { ChangeContainerStatusOnKubeletRestart: true } } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', readinessProbe: probe }] } });
    node.runUntil('100s');
    node.kubelet.stop();
    node.runUntil('130s');
    node.kubelet.start();
    node.runUntil('200s');
    expect(node.when('web', (pod) => !isReady(pod), 130)).toBeDefined();
  });
});
