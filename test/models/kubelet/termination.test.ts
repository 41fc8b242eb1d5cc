import { constant, type Seconds, seconds } from '../../../engine/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ANode, type ANodeOptions, aNode, type PodDraft } from '../../helpers/a-node.js';

const exitsAfter = (after: Seconds, exitCode = 0): ContainerBehaviour => ({
  sigterm: { exitsAfter: constant(seconds(after)), exitCode },
});

/** A pod that runs since about 5 s and is deleted at 20 s; how long until its object is gone, in seconds. */
function deletion(spec: PodDraft['spec'], behaviours: ANodeOptions['behaviours'], options: ANodeOptions = {}) {
  const node = aNode({ ...options, behaviours: behaviours ?? {} });
  node.runUntil('5s');
  node.apply({ name: 'web', spec });
  node.runUntil('20s');
  node.delete('web');
  node.runUntil('150s');
  return { node, took: (node.goneAt('web') ?? Number.POSITIVE_INFINITY) - 20 };
}

const preStop = (command: string) => ({
  containers: [{ name: 'c', image: 'app:v1', lifecycle: { preStop: { exec: { command: ['sh', '-c', command] } } } }],
});

const killed = (node: ANode) => node.history('web').at(-1)?.pod.status?.containerStatuses?.[0]?.state?.terminated;

describe.each(['1.37', '1.23'] as const)('deleting a pod [%s]', (kubernetesVersion) => {
  // SIGTERM at once, exit 0.2 s later; then one relist for the worker to go on, and the volume's unmount.
  it('takes 1 to 3 s where the container answers SIGTERM', () => {
    const { took } = deletion({}, { c: exitsAfter(0.2) }, { kubernetesVersion });
    expect(took).toBeGreaterThan(0.2);
    expect(took).toBeLessThan(3);
  });

  it('kills after the grace period where SIGTERM is ignored', () => {
    const { node, took } = deletion({}, { c: { sigterm: 'ignored' } }, { kubernetesVersion });
    expect(took).toBeGreaterThan(30);
    expect(took).toBeLessThan(33);
    expect(killed(node)?.exitCode).toBe(137);
  });

  it('gives at least 2 s', () => {
    const spec = { terminationGracePeriodSeconds: 1 };
    const { took } = deletion(spec, { c: { sigterm: 'ignored' } }, { kubernetesVersion });
    // [23] takes the override as it is: the second that the pod has.
    const least = kubernetesVersion === '1.37' ? 2 : 1;
    expect(took).toBeGreaterThan(least);
    expect(took).toBeLessThan(least + 3);
  });
});

describe('preStop and the grace period of 30 s', () => {
  const ignored = { c: { sigterm: 'ignored' } } as const;

  it('preStop of 20 s leaves 10 s for SIGTERM [37], 30 s [23]', () => {
    const spec = preStop('sleep 20');
    expect(deletion(spec, ignored).took).toBeGreaterThan(30);
    expect(deletion(spec, ignored).took).toBeLessThan(33);
    const old = deletion(spec, ignored, { kubernetesVersion: '1.23' }).took;
    expect(old).toBeGreaterThan(50);
    expect(old).toBeLessThan(53);
  });

  it('preStop without end is broken off: 32 s in all [37], 60 s [23]', () => {
    const spec = preStop('sleep 3600');
    const { took } = deletion(spec, ignored);
    expect(took).toBeGreaterThan(32);
    expect(took).toBeLessThan(35);
    const old = deletion(spec, ignored, { kubernetesVersion: '1.23' }).took;
    expect(old).toBeGreaterThan(60);
    expect(old).toBeLessThan(63);
  });
});

describe('the last status of a deleted pod', () => {
  it('is Succeeded or Failed [37]', () => {
    const good = deletion({}, { c: exitsAfter(0.2, 0) }).node;
    expect(good.history('web').at(-1)?.pod.status?.phase).toBe('Succeeded');
    const bad = deletion({}, { c: exitsAfter(0.2, 143) }).node;
    expect(bad.history('web').at(-1)?.pod.status?.phase).toBe('Failed');
  });

  it('stays Running [23]', () => {
    const { node } = deletion({}, { c: exitsAfter(0.2, 0) }, { kubernetesVersion: '1.23' });
    expect(node.history('web').at(-1)?.pod.status?.phase).toBe('Running');
  });
});

describe('sidecars', () => {
  const spec: PodDraft['spec'] = {
    initContainers: [
      { name: 'proxy', image: 'app:v1', restartPolicy: 'Always' },
      { name: 'logs', image: 'app:v1', restartPolicy: 'Always' },
    ],
  };
  const killingOrder = (node: ANode): readonly string[] =>
    (node.history('web').at(-1)?.pod.status?.initContainerStatuses ?? [])
      .concat(node.history('web').at(-1)?.pod.status?.containerStatuses ?? [])
      .map(({ name, state }) => ({ name, at: state?.terminated?.finishedAt ?? 0 }))
      .sort((a, b) => a.at - b.at)
      .map(({ name }) => name);

  // Each takes 2 s to stop: c from 20 to 22, then logs, then proxy, one after the other.
  it('stop after the regular containers, the last one first [37]', () => {
    const each = exitsAfter(2);
    const { node, took } = deletion(spec, { c: each, logs: each, proxy: each });
    expect(killingOrder(node)).toEqual(['c', 'logs', 'proxy']);
    expect(took).toBeGreaterThan(6);
    expect(took).toBeLessThan(9);
  });

  it('get 2 s each when the grace period is used up', () => {
    const { took } = deletion(
      { ...spec, terminationGracePeriodSeconds: 5 },
      { c: { sigterm: 'ignored' }, logs: { sigterm: 'ignored' }, proxy: { sigterm: 'ignored' } },
    );
    // c is killed after 5 s; both sidecars have waited until then and get 2 s at the same time.
    expect(took).toBeGreaterThan(7);
    expect(took).toBeLessThan(10);
  });
});

describe.each([
  // The API server writes deletionGracePeriodSeconds: 0 before it removes the object. [37] takes it for 1 s, and the window between
  // SIGTERM and SIGKILL is 2 s; [23] takes it for none and goes by the spec.
  ['1.37', 2],
  ['1.23', 10],
] as const)('force deletion [%s]', (kubernetesVersion, grace) => {
  it(`takes the object away at once; containers get ${grace} s`, () => {
    const node = aNode({ kubernetesVersion, behaviours: { c: { sigterm: 'ignored' } } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { terminationGracePeriodSeconds: 10 } });
    node.runUntil('20s');
    const uid = node.pod('web')?.metadata.uid as string;
    const isRunning = (): boolean => node.runtime.pod(uid)?.containers[0]?.state === 'running';
    node.delete('web', 0);
    node.runUntil('21s');
    expect(node.pod('web')).toBeUndefined();
    node.runUntil(`${20 + grace - 0.1}s`);
    expect(isRunning()).toBe(true);
    node.runUntil(`${20 + grace + 1.1}s`);
    expect(isRunning()).toBe(false);
    node.runUntil('120s');
    // Nothing is left on the machine.
    expect(node.runtime.pod(uid)).toBeUndefined();
  });
});

describe('activeDeadlineSeconds', () => {
  it('fails the pod and kills its containers, and leaves the object', () => {
    const node = aNode({ behaviours: { c: exitsAfter(0.2) } });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: { activeDeadlineSeconds: 60 } });
    node.runUntil('120s');
    // startTime is the first sync, at 5 s; looked at each second.
    const failed = node.when('web', (pod) => pod.status?.phase === 'Failed') as number;
    expect(failed).toBeGreaterThan(65);
    expect(failed).toBeLessThan(69);
    expect(node.pod('web')?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(node.events('web').map(({ event }) => event.reason)).toContain('DeadlineExceeded');
  });
});
