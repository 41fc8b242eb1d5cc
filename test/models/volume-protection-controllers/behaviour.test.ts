import { aClaim, aPodWith, at, aVolume, claimNamed, someStorage } from '../../helpers/some-storage.js';

describe('a claim that is deleted', () => {
  it('stays until the last pod that uses it on a node is gone', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolumeClaim', aClaim('data'), () => {});
    cluster.user.create('Pod', aPodWith('one', 'data', 'n1'), () => {});
    cluster.user.create('Pod', aPodWith('two', 'data', 'n1'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.delete('PersistentVolumeClaim', 'default/data', {}, () => {});
    cluster.simulation.runUntil(at(2));
    expect(claimNamed(cluster, 'data')?.metadata.deletionTimestamp).toBeDefined();
    cluster.user.delete('Pod', 'default/one', { gracePeriodSeconds: 0 }, () => {});
    cluster.simulation.runUntil(at(3));
    expect(claimNamed(cluster, 'data')).toBeDefined();
    cluster.user.delete('Pod', 'default/two', { gracePeriodSeconds: 0 }, () => {});
    // 3.002 s gone, 3.005 s heard; the server is asked for pods (4 ms), then the finalizer goes (2 ms).
    cluster.simulation.runUntil(at(3.012));
    expect(claimNamed(cluster, 'data')).toBeUndefined();
  });

  it('does not wait for a pod without a node', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolumeClaim', aClaim('data'), () => {});
    cluster.user.create('Pod', aPodWith('one', 'data'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.delete('PersistentVolumeClaim', 'default/data', {}, () => {});
    cluster.simulation.runUntil(at(1.1));
    expect(claimNamed(cluster, 'data')).toBeUndefined();
  });
});

it('protects what was made before there was protection', () => {
  const cluster = someStorage();
  cluster.user.create(
    'PersistentVolumeClaim',
    { ...aClaim('data'), metadata: { name: 'data', namespace: 'default' } },
    () => {},
  );
  cluster.user.create('PersistentVolume', { ...aVolume('mine'), metadata: { name: 'mine' } }, () => {});
  cluster.simulation.runUntil(at(1));
  expect(claimNamed(cluster, 'data')?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  expect(cluster.server.get('PersistentVolume', 'mine')?.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
});
