import type { PersistentVolume } from '../../../models/api/index.js';
import {
  aClaim,
  aPodWith,
  aReadyNode,
  aStorageClass,
  at,
  claimNamed,
  DRIVER,
  someStorage,
  told,
} from '../../helpers/some-storage.js';

const theVolume = (cluster: ReturnType<typeof someStorage>): PersistentVolume | undefined =>
  [...cluster.server.list('PersistentVolume')][0];

describe('a provisioned volume', () => {
  it('is held by finalizers of provisioner and attacher, and says who made it', () => {
    const cluster = someStorage();
    cluster.user.create('StorageClass', aStorageClass({ reclaimPolicy: 'Retain' }), () => {});
    cluster.user.create('Node', aReadyNode('n1'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
    cluster.simulation.runUntil(at(5));
    cluster.user.create('Pod', aPodWith('db-0', 'data', 'n1'), () => {});
    cluster.simulation.runUntil(at(20));
    const { metadata, spec } = theVolume(cluster) as PersistentVolume;
    expect(metadata.annotations).toEqual({
      'pv.kubernetes.io/provisioned-by': DRIVER,
    });
    expect([...(metadata.finalizers ?? [])].sort()).toEqual([
      'external-attacher/disk-csi-example',
      'external-provisioner.volume.kubernetes.io/finalizer',
      'kubernetes.io/pv-protection',
    ]);
    expect(spec).toMatchObject({
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '4Gi' },
      csi: { driver: DRIVER, volumeHandle: metadata.name },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'fast',
      claimRef: { name: 'data', namespace: 'default', uid: claimNamed(cluster, 'data')?.metadata.uid },
    });
  });

  it('is not deleted while it is attached: its driver tries again after 1, 2, 4 s', () => {
    const cluster = someStorage();
    cluster.user.create('StorageClass', aStorageClass(), () => {});
    cluster.user.create('Node', aReadyNode('n1'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
    cluster.simulation.runUntil(at(5));
    cluster.user.create('Pod', aPodWith('db-0', 'data', 'n1'), () => {});
    cluster.simulation.runUntil(at(20));
    const name = theVolume(cluster)?.metadata.name;
    cluster.user.delete('Pod', 'default/db-0', { gracePeriodSeconds: 0 }, () => {});
    cluster.user.delete('PersistentVolumeClaim', 'default/data', {}, () => {});
    // The detach takes 4 s from 20.1 s on. Tried at 20.03, 21.03, 23.03 and 27.03 s; deleted a second later.
    cluster.simulation.runUntil(at(27.9));
    expect(theVolume(cluster)?.status?.phase).toBe('Released');
    expect(told(cluster)).toContain(`VolumeFailedDelete: persistentvolume ${name} is still attached to node n1`);
    cluster.simulation.runUntil(at(28.2));
    expect(theVolume(cluster)).toBeUndefined();
  });
});

it('deletes a volume whose claim was deleted while it was made', () => {
  const cluster = someStorage();
  cluster.user.create('StorageClass', aStorageClass(), () => {});
  cluster.simulation.runUntil(at(1));
  cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
  cluster.simulation.runUntil(at(2));
  cluster.user.delete('PersistentVolumeClaim', 'default/data', {}, () => {});
  // Made at 3.01 s and found without its claim; a second later it is deleted.
  cluster.simulation.runUntil(at(3.1));
  expect(theVolume(cluster)?.status?.phase).toBe('Released');
  cluster.simulation.runUntil(at(4.2));
  expect(theVolume(cluster)).toBeUndefined();
});
