import { oneDisk } from '../../../models/world/index.js';
import { type ANode, type ANodeOptions, aNode } from '../../helpers/a-node.js';

const GI = 1024 ** 3;
const MI = 1024 ** 2;

/** One disk of 10 Gi, 0.2 of them for the image that is there; nobody evicts, and images are never collected. */
const aDisk = (options: ANodeOptions = {}): ANode =>
  aNode({
    disks: oneDisk(10 * GI),
    configuration: { evictionHard: { 'memory.available': '100Mi' }, imageGCHighThresholdPercent: 100 },
    ...options,
  });

const told = (node: ANode, name: string, reason: string): readonly string[] =>
  node
    .events(name)
    .filter(({ event }) => event.reason === reason)
    .map(({ event }) => event.message ?? '');

const one = (image: string) => ({ containers: [{ name: 'c', image }] });

describe('a disk that is full', () => {
  it('lets no new pod have its directories, and every sync of it fails', () => {
    const node = aDisk();
    node.runtime.fillDisk('nodefs', { base: 10 * GI });
    node.runUntil('10s');
    node.apply({ name: 'web', spec: one('app:v1') });
    node.runUntil('60s');
    expect(node.pod('web')?.status?.phase).toBe('Pending');
    const uid = node.pod('web')?.metadata.uid;
    expect(new Set(told(node, 'web', 'Failed'))).toEqual(
      new Set([`error making pod data directories: mkdir /var/lib/kubelet/pods/${uid}: no space left on device`]),
    );
  });

  it('has the pod start once there is room again', () => {
    const node = aDisk();
    const heal = node.runtime.fillDisk('nodefs', { base: 10 * GI });
    node.runUntil('10s');
    node.apply({ name: 'web', spec: one('app:v1') });
    node.runUntil('30s');
    heal();
    // Tries follow one another after 10 to 15 s.
    node.runUntil('47s');
    expect(node.pod('web')?.status?.phase).toBe('Running');
  });

  it('takes no image that does not fit: the pull ends with that', () => {
    const node = aDisk();
    node.registry.describe('big:v1', { bytes: 2 * GI });
    node.runtime.fillDisk('nodefs', { base: 8 * GI });
    node.runUntil('10s');
    node.apply({ name: 'web', spec: one('big:v1') });
    node.runUntil('100s');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toMatch(
      /^(ErrImagePull|ImagePullBackOff)$/,
    );
    expect(told(node, 'web', 'Failed')[0]).toMatch(/^Failed to pull image "big:v1": .*: no space left on device$/);
    expect(node.runtime.images.find('big:v1')).toBeUndefined();
  });

  it('ends a process that does not get over a failed write, and no container takes its place', () => {
    // 0.2 + 1 Gi and 100 Mi/s: (10 − 1.2) × 1024 / 100 = 90.1 s after its start at 10 s.
    const behaviours = { 'writer/c': { disk: { base: GI, growthPerSecond: 100 * MI }, exitsOnFullDisk: 74 } };
    const node = aDisk({ behaviours });
    node.runUntil('10s');
    node.apply({ name: 'writer', spec: one('app:v1') });
    node.runUntil('100s');
    expect(node.pod('writer')?.status?.containerStatuses?.[0]?.state?.running).toBeDefined();
    node.runUntil('103s');
    const { lastState, state } = node.pod('writer')?.status?.containerStatuses?.[0] ?? {};
    expect((state?.terminated ?? lastState?.terminated)?.exitCode).toBe(74);
    // Its layer stays with the dead container, and with it the disk is full.
    node.runUntil('200s');
    expect(node.pod('writer')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('CreateContainerError');
    expect(told(node, 'writer', 'Failed')[0]).toMatch(
      /^Error: failed to create container root directory: .*no space left on device$/,
    );
  });

  it('lets a process that does not mind run on', () => {
    const node = aDisk({ behaviours: { 'writer/c': { disk: { base: GI, growthPerSecond: 100 * MI } } } });
    node.runUntil('10s');
    node.apply({ name: 'writer', spec: one('app:v1') });
    node.runUntil('300s');
    expect(node.pod('writer')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true });
  });
});
