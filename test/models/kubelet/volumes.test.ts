import { toSeconds } from '../../../engine/index.js';
import type { ConfigMap, PersistentVolumeClaim, Pod, Volume } from '../../../models/api/index.js';
import type { VolumeRow } from '../../../models/kubelet/timelines.js';
import { type ANode, type ANodeOptions, aNode, NODE, type PodDraft } from '../../helpers/a-node.js';

const configMap = (data: Record<string, string>, name = 'settings'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

const mounting = (...volumes: readonly Volume[]): PodDraft['spec'] => ({
  containers: [
    { name: 'c', image: 'app:v1', volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) },
  ],
  volumes,
});

const SETTINGS: Volume = { name: 'config', configMap: { name: 'settings' } };

/** A pod bound at 5 s. */
function bound(spec: PodDraft['spec'], options: ANodeOptions = {}): ANode {
  const node = aNode(options);
  node.runUntil('5s');
  node.apply({ name: 'web', spec });
  return node;
}

const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running';

/** Messages of the pod's FailedMount events, and when each was written. */
const failedMounts = (node: ANode): readonly (readonly [number, string])[] =>
  node
    .events('web')
    .filter(({ event }) => event.reason === 'FailedMount')
    .map(({ at, event }) => [toSeconds(at), event.message ?? '']);

const waitingReason = (pod: Pod | undefined): string | undefined =>
  pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason;

describe('a pod whose ConfigMap is missing', () => {
  it('stays in ContainerCreating, its mount tried after 0.5, 1, 2, 4 … s', () => {
    const node = bound(mounting(SETTINGS));
    node.runUntil('60s');
    expect(waitingReason(node.pod('web'))).toBe('ContainerCreating');
    const told = failedMounts(node);
    expect(new Set(told.map(([, message]) => message))).toEqual(
      new Set(['MountVolume.SetUp failed for volume "config" : configmap "settings" not found']),
    );
    // Seen by one pass of 0.1 s, tried by the next; then each back-off, rounded up to a pass.
    const times = told.map(([at]) => at);
    expect(times[0]).toBeGreaterThan(5.1);
    expect(times[0]).toBeLessThan(5.22);
    expect(times.slice(1).map((at, i) => Math.round((at - (times[i] as number)) * 10) / 10)).toEqual([
      0.6, 1.1, 2.1, 4.1, 8.1, 16.1,
    ]);
  });

  it('runs once the back-off after its creation is over', () => {
    const node = bound(mounting(SETTINGS));
    node.runUntil('10s');
    node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
    node.runUntil('60s');
    // Tried 0.15, 0.75, 1.85, 3.95 and 8.05 s after the binding; there since 5 s.
    const at = node.when('web', isRunning) as number;
    expect(at).toBeGreaterThan(13);
    expect(at).toBeLessThan(13.6);
  });

  it('ends the sync after 2m3s, without a word [37]', () => {
    const node = bound(mounting(SETTINGS));
    node.runUntil('200s');
    expect(failedMounts(node).every(([, message]) => message.startsWith('MountVolume.SetUp failed'))).toBe(true);
  });

  it('ends the sync after 2m3s, and says so [23]', () => {
    const node = bound(mounting(SETTINGS), { kubernetesVersion: '1.23' });
    node.runUntil('200s');
    const text =
      'Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[config]: timed out waiting for the condition';
    const [at] = failedMounts(node).find(([, message]) => message === text) ?? [];
    expect(at).toBeGreaterThan(128);
    expect(at).toBeLessThan(128.1);
  });

  it('runs without it where it is optional', () => {
    const node = bound(mounting({ name: 'config', configMap: { name: 'settings', optional: true } }));
    node.runUntil('10s');
    expect(node.when('web', isRunning)).toBeLessThan(6);
  });

  it('does not wait for a volume that no container mounts', () => {
    const node = bound({ volumes: [SETTINGS] });
    node.runUntil('10s');
    expect(node.when('web', isRunning)).toBeLessThan(6);
  });
});

describe('what a mount says is missing', () => {
  const first = (volume: Volume): string | undefined => {
    const node = bound(mounting(volume));
    node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
    node.runUntil('6s');
    return failedMounts(node)[0]?.[1];
  };

  it.each<readonly [string, Volume, string]>([
    ['a Secret', { name: 'v', secret: { secretName: 'keys' } }, 'secret "keys" not found'],
    [
      'a key of a ConfigMap',
      { name: 'v', configMap: { name: 'settings', items: [{ key: 'b', path: 'b' }] } },
      'configmap references non-existent config key: b',
    ],
    [
      'several sources of a projected volume',
      { name: 'v', projected: { sources: [{ configMap: { name: 'x' } }, { secret: { name: 'y' } }] } },
      '[configmap "x" not found, secret "y" not found]',
    ],
  ])('%s', (_, volume, error) => {
    expect(first(volume)).toBe(`MountVolume.SetUp failed for volume "v" : ${error}`);
  });

  it('the service account of a token', () => {
    const volume: Volume = { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } };
    const node = bound({ ...mounting(volume), serviceAccountName: 'robot' });
    node.runUntil('6s');
    expect(failedMounts(node)[0]?.[1]).toBe(
      'MountVolume.SetUp failed for volume "v" : failed to fetch token: serviceaccounts "robot" not found',
    );
  });
});

describe('a ConfigMap that changes under a running pod', () => {
  const rows = (node: ANode) => node.sink.rows<VolumeRow>('volumes');

  it.each([true, false])(
    'reaches its files with the next resync, 60 to 90 s after the last (quiet events left out: %s)',
    (elideQuietEvents) => {
      const node = aNode({ record: ['volumes'], elideQuietEvents });
      node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
      node.runUntil('5s');
      node.apply({ name: 'web', spec: mounting(SETTINGS) });
      node.runUntil('100s');
      node.user.patch(
        'ConfigMap',
        'default/settings',
        (old) => ({ ...old, data: { a: '2' } }),
        () => {},
      );
      node.runUntil('300s');
      expect(rows(node).map(({ row }) => row.outcome)).toEqual(['mounted', 'updated']);
      const at = toSeconds(rows(node)[1]?.at ?? 0);
      expect(at).toBeGreaterThan(100);
      expect(at).toBeLessThan(191);
    },
  );

  it('leaves the pod its old files when it is deleted, and is missed', () => {
    const node = aNode({ record: ['volumes'] });
    node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
    node.runUntil('5s');
    node.apply({ name: 'web', spec: mounting(SETTINGS) });
    node.runUntil('100s');
    node.user.delete('ConfigMap', 'default/settings', {}, () => {});
    node.runUntil('300s');
    expect(failedMounts(node).length).toBeGreaterThan(4);
    expect(node.pod('web')?.status?.phase).toBe('Running');
  });
});

describe('a container whose environment names what is not there', () => {
  const env = (key: string, kind: 'configMapKeyRef' | 'secretKeyRef' = 'configMapKeyRef'): PodDraft['spec'] => ({
    containers: [
      { name: 'c', image: 'app:v1', env: [{ name: 'A', valueFrom: { [kind]: { name: 'settings', key } } }] },
    ],
  });

  it('waits with CreateContainerConfigError and starts with the first sync that finds it', () => {
    const node = bound(env('a'));
    node.runUntil('30s');
    expect(waitingReason(node.pod('web'))).toBe('CreateContainerConfigError');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
      'configmap "settings" not found',
    );
    expect(node.events('web').some(({ event }) => event.message === 'Error: configmap "settings" not found')).toBe(
      true,
    );
    node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
    node.runUntil('60s');
    // Syncs that failed are repeated 10 to 15 s later.
    expect(node.when('web', isRunning)).toBeLessThan(46);
  });

  it.each([
    ['configMapKeyRef', `couldn't find key b in ConfigMap default/settings`],
    ['secretKeyRef', 'secret "settings" not found'],
  ] as const)('says what %s misses', (kind, message) => {
    const node = bound(env('b', kind));
    node.user.create('ConfigMap', configMap({ a: '1' }), () => {});
    node.runUntil('30s');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(message);
  });
});

describe('a pod with a claim', () => {
  const CLAIM: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'data' } };

  function withClaim(attachRequired: boolean): ANode {
    const node = bound(mounting(CLAIM));
    const csi = { driver: 'disk.csi', volumeHandle: 'vol-1' };
    node.user.create(
      'PersistentVolume',
      { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv-1' }, spec: { csi } },
      () => {},
    );
    node.user.create(
      'PersistentVolumeClaim',
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'default' },
        spec: { volumeName: 'pv-1' },
      },
      () => {},
    );
    const bind = (claim: PersistentVolumeClaim): PersistentVolumeClaim => ({ ...claim, status: { phase: 'Bound' } });
    node.user.patchStatus('PersistentVolumeClaim', 'default/data', bind, () => {});
    const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'disk.csi' } } as const;
    node.user.create('CSIDriver', { ...driver, spec: { attachRequired } }, () => {});
    return node;
  }

  it('starts at once where the driver needs no attaching', () => {
    const node = withClaim(false);
    node.runUntil('20s');
    expect(node.when('web', isRunning)).toBeLessThan(6.5);
    expect(node.server.get('Node', NODE)?.status?.volumesInUse).toBeUndefined();
  });

  it('reports the volume in use, and starts once its node tells that it is attached', () => {
    const node = withClaim(true);
    node.runUntil('30s');
    // Status is computed every 10 to 10.4 s.
    expect(node.server.get('Node', NODE)?.status?.volumesInUse).toEqual(['kubernetes.io/csi/disk.csi^vol-1']);
    expect(waitingReason(node.pod('web'))).toBe('ContainerCreating');
    const volumesAttached = [{ name: 'kubernetes.io/csi/disk.csi^vol-1', devicePath: '' }];
    node.user.patchStatus(
      'Node',
      NODE,
      (old) => ({ ...old, status: { ...old.status, volumesAttached } }),
      () => {},
    );
    node.runUntil('60s');
    // Looked for after 0.1, 0.7, 1.8, 3.9, 8.0, 16.1 and 32.2 s.
    expect(node.when('web', isRunning)).toBeGreaterThan(37);
    expect(node.when('web', isRunning)).toBeLessThan(38.5);
    node.delete('web', 1);
    node.runUntil('90s');
    expect(node.server.get('Node', NODE)?.status?.volumesInUse ?? []).toEqual([]);
  });

  it('fails its sync each 10 to 15 s while the claim is not there', () => {
    const node = bound(mounting(CLAIM));
    node.runUntil('12s');
    expect(failedMounts(node).map(([, message]) => message)).toEqual([
      'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: ' +
        'error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found',
    ]);
    node.runUntil('60s');
    expect(failedMounts(node).length).toBeGreaterThan(3);
  });
});
