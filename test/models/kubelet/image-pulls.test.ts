import { constant, milliseconds, seconds, toSeconds } from '../../../engine/index.js';
import type { ImagePullRow } from '../../../models/kubelet/timelines.js';
import { type ANode, aNode, type PodDraft } from '../../helpers/a-node.js';

const image = (name: string, imagePullPolicy = 'IfNotPresent'): PodDraft['spec'] => ({
  containers: [{ name: 'c', image: name, imagePullPolicy }],
});

const waiting = (node: ANode, name: string): readonly (readonly [number, string])[] =>
  node.history(name).flatMap(({ at, pod }) => {
    const reason = pod.status?.containerStatuses?.[0]?.state?.waiting?.reason;
    return reason === undefined ? [] : [[toSeconds(at), reason] as const];
  });

/** When each pull ended, seconds. */
const pulls = (node: ANode): readonly number[] => node.sink.rows('image-pulls').map(({ at }) => toSeconds(at));

describe('pulling an image', () => {
  it('takes size ÷ bandwidth, and the container waits for it', () => {
    const node = aNode({ settings: { pullBandwidth: 10 * 1024 * 1024 } });
    node.registry.describe('big:v1', { bytes: 200 * 1024 * 1024 });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: image('big:v1') });
    node.runUntil('60s');
    const running = node.when('web', (pod) => pod.status?.phase === 'Running') as number;
    expect(running - 5).toBeGreaterThan(20.3);
    expect(running - 5).toBeLessThan(20.8);
    const pulled = node.events('web').find(({ event }) => event.reason === 'Pulled')?.event.message;
    expect(pulled).toBe(
      'Successfully pulled image "big:v1" in 20s (20s including waiting). Image size: 209715200 bytes.',
    );
  });

  it('is done one at a time; the second waits for the first', () => {
    const node = aNode({ settings: { pullBandwidth: 20 * 1024 * 1024 } });
    node.runUntil('5s');
    node.apply({ name: 'a', spec: image('one:v1') });
    node.apply({ name: 'b', spec: image('two:v1') });
    node.runUntil('60s');
    const running = (name: string): number => node.when(name, (pod) => pod.status?.phase === 'Running') as number;
    expect(running('a') - 5).toBeLessThan(11);
    // 10 s each: the second is there 20 s after both were asked for.
    expect(running('b') - 5).toBeGreaterThan(20.3);
    const pulled = node.events('b').find(({ event }) => event.reason === 'Pulled')?.event.message;
    expect(pulled).toMatch(/ in 10s \((19\.9|20)\S*s including waiting\)/);
  });

  it('is done several at a time when so configured', () => {
    const node = aNode({
      settings: { pullBandwidth: 20 * 1024 * 1024 },
      configuration: { serializeImagePulls: false },
    });
    node.runUntil('5s');
    node.apply({ name: 'a', spec: image('one:v1') });
    node.apply({ name: 'b', spec: image('two:v1') });
    node.runUntil('60s');
    expect(node.when('b', (pod) => pod.status?.phase === 'Running')).toBeLessThan(16.5);
  });
});

describe.each(['1.37', '1.23'] as const)('an image that is missing [%s]', (kubernetesVersion) => {
  const run = (until: string, seed = 1): ANode => {
    const node = aNode({ kubernetesVersion, seed, record: ['image-pulls'] });
    node.registry.describe('missing:v1', { exists: false });
    node.runUntil('5s');
    node.apply({ name: 'web', spec: image('missing:v1') });
    node.runUntil(until);
    return node;
  };

  // The pod is looked at every 10 to 15 s (+1 s tick, +1 s relist [23]); a pull is tried at the first look after the back-off.
  it('is tried again after 10, 20, 40, 80 and 160 s, each up to a look later', () => {
    for (const seed of [1, 2, 3]) {
      const tried = pulls(run('420s', seed));
      [10, 20, 40, 80, 160].forEach((backOff, i) => {
        const gap = (tried[i + 1] as number) - (tried[i] as number);
        expect(gap).toBeGreaterThanOrEqual(backOff);
        expect(gap).toBeLessThan(backOff + 17.1);
      });
    }
  });

  it('shows ErrImagePull and ImagePullBackOff by turns, one sync late', () => {
    const reasons = waiting(run('100s'), 'web').map(([, reason]) => reason);
    expect([...new Set(reasons)]).toEqual(['ContainerCreating', 'ErrImagePull', 'ImagePullBackOff']);
    expect(run('100s').pod('web')?.status?.phase).toBe('Pending');
  });
});

describe('pull policies', () => {
  it('Never refuses an image that is not there', () => {
    const node = aNode();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: image('absent:v1', 'Never') });
    node.runUntil('30s');
    expect(waiting(node, 'web').at(-1)?.[1]).toBe('ErrImageNeverPull');
  });

  it('Always asks the registry, and fails with it', () => {
    const node = aNode();
    const heal = node.registry.outage();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: image('app:v1', 'Always') });
    node.apply({ name: 'cached', spec: image('app:v1') });
    node.runUntil('30s');
    expect(node.pod('cached')?.status?.phase).toBe('Running');
    expect(node.pod('web')?.status?.phase).toBe('Pending');
    heal();
    node.runUntil('90s');
    expect(node.pod('web')?.status?.phase).toBe('Running');
  });

  it('waits 30 s for a registry that does not answer, and so does every pull behind it', () => {
    const node = aNode({ record: ['image-pulls'] });
    node.registry.outage('dead.example');
    node.runUntil('5s');
    node.apply({ name: 'a', spec: image('dead.example/a:v1') });
    node.runUntil('6s');
    node.apply({ name: 'b', spec: image('alive.example/b:v1') });
    node.runUntil('60s');
    // Asked at 5.3 s, given up at 35.3 s; then 200 MiB at 50 MiB/s.
    const at = node.when('b', (pod) => pod.status?.phase === 'Running') as number;
    expect(at).toBeGreaterThan(39.3);
    expect(at).toBeLessThan(39.8);
    expect(node.events('a').some(({ event }) => event.message?.endsWith('dial tcp: i/o timeout'))).toBe(true);
  });

  it('transfers only layers that the machine does not have', () => {
    const node = aNode({ record: ['image-pulls'], settings: { pullBandwidth: 10 * 1024 } });
    node.registry.describe('one:v1', { layers: { base: 50 * 1024, one: 10 * 1024 } });
    node.registry.describe('two:v1', { layers: { base: 50 * 1024, two: 20 * 1024 } });
    node.runUntil('5s');
    node.apply({ name: 'a', spec: image('one:v1') });
    node.runUntil('20s');
    node.apply({ name: 'b', spec: image('two:v1') });
    node.runUntil('40s');
    const took = node.sink.rows<ImagePullRow>('image-pulls').map(({ row }) => row.took_s);
    expect(took).toEqual([seconds(6), seconds(2)]);
    expect(node.runtime.images.find('two:v1')?.bytes).toBe(70 * 1024);
  });

  it('an image name that is none is never pulled', () => {
    const node = aNode();
    node.runUntil('5s');
    node.apply({ name: 'web', spec: image('No Image!') });
    node.runUntil('30s');
    expect(waiting(node, 'web').at(-1)?.[1]).toBe('InvalidImageName');
  });

  it('over the limit a pull fails instead of waiting', () => {
    const node = aNode({
      configuration: { registryPullQPS: 1, registryBurst: 1, serializeImagePulls: false },
      settings: { registryCall: constant(milliseconds(10)), imageBytes: 1024 },
    });
    node.runUntil('5s');
    node.apply({ name: 'a', spec: image('one:v1') });
    node.apply({ name: 'b', spec: image('two:v1') });
    node.runUntil('8s');
    const failures = node.events('b').filter(({ event }) => event.message?.includes('pull QPS exceeded'));
    expect(failures.length).toBeGreaterThan(0);
    node.runUntil('40s');
    expect(node.pod('b')?.status?.phase).toBe('Running');
  });
});
