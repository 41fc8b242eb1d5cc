import type { PersistentVolume } from '../../../models/api/index.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';
import {
  aClaim,
  aPodWith,
  aReadyNode,
  aStorageClass,
  at,
  aVolume,
  claimNamed,
  DRIVER,
  someStorage,
  told,
} from '../../helpers/some-storage.js';

const volumeNamed = (cluster: AnApiServer, name: string): PersistentVolume | undefined =>
  cluster.server.get('PersistentVolume', name);

const volumes = (cluster: AnApiServer): string[] =>
  [...cluster.server.list('PersistentVolume')].map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);

describe('a claim without a class', () => {
  it('is bound to the smallest volume that is large enough, the volume first', () => {
    const cluster = someStorage();
    for (const [name, storage] of [
      ['large', '10Gi'],
      ['medium', '5Gi'],
      ['small', '1Gi'],
    ] as const) {
      cluster.user.create('PersistentVolume', aVolume(name, { capacity: { storage } }), () => {});
    }
    cluster.simulation.runUntil(at(1));
    expect(volumes(cluster)).toEqual(['large Available', 'medium Available', 'small Available']);
    cluster.user.create('PersistentVolumeClaim', aClaim('data'), () => {});
    // 1.002 s created, 1.005 s seen; then four writes of 4 ms each: claimRef, phase, volumeName, phase.
    cluster.simulation.runUntil(at(1.008));
    expect(volumeNamed(cluster, 'medium')?.spec.claimRef?.name).toBe('data');
    expect(claimNamed(cluster, 'data')?.spec.volumeName).toBeUndefined();
    cluster.simulation.runUntil(at(1.016));
    expect(claimNamed(cluster, 'data')?.spec.volumeName).toBe('medium');
    cluster.simulation.runUntil(at(1.03));
    expect(claimNamed(cluster, 'data')?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
    });
    expect(volumes(cluster)).toEqual(['large Available', 'medium Bound', 'small Available']);
  });

  it('waits for a volume, and finds one that comes later at the next tick of 15 s', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolumeClaim', aClaim('data'), () => {});
    cluster.simulation.runUntil(at(20));
    expect(claimNamed(cluster, 'data')?.status?.phase).toBe('Pending');
    expect(told(cluster)).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
    cluster.user.create('PersistentVolume', aVolume('late'), () => {});
    // The caches were filled 4 ms after the start: ticks at 15.004 s, 30.004 s.
    cluster.simulation.runUntil(at(30));
    expect(claimNamed(cluster, 'data')?.status?.phase).toBe('Pending');
    cluster.simulation.runUntil(at(30.1));
    expect(claimNamed(cluster, 'data')?.status?.phase).toBe('Bound');
  });

  it('gets the default class that is made after it, since 1.26', () => {
    const phases = ['1.37', '1.23'].map((kubernetesVersion) => {
      const cluster = someStorage({ kubernetesVersion });
      cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: undefined }), () => {});
      const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
      const metadata = { name: 'fast', annotations };
      cluster.simulation.runUntil(at(1));
      cluster.user.create('StorageClass', aStorageClass({ metadata }), () => {});
      cluster.simulation.runUntil(at(20));
      return claimNamed(cluster, 'data')?.status?.phase;
    });
    expect(phases).toEqual(['Bound', 'Pending']);
  });
});

describe('a claim that names a volume', () => {
  it.each([
    [{ capacity: { storage: '1Gi' } }, 'requested PV is too small'],
    [{ accessModes: ['ReadOnlyMany'] }, 'incompatible accessMode'],
    [{ volumeMode: 'Block' }, 'incompatible volumeMode'],
    [{ storageClassName: 'slow' }, 'storageClassName does not match'],
  ])('is told why %j does not fit', (spec, why) => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolume', aVolume('mine', spec), () => {});
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { volumeName: 'mine' }), () => {});
    cluster.simulation.runUntil(at(1));
    expect(told(cluster)).toEqual([`VolumeMismatch: Cannot bind to requested volume "mine": ${why}`]);
    expect(claimNamed(cluster, 'data')?.status?.phase).toBe('Pending');
  });

  it('loses it for good when that is deleted', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolume', aVolume('mine'), () => {});
    cluster.simulation.runUntil(at(0.5));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { volumeName: 'mine' }), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.delete('PersistentVolume', 'mine', {}, () => {});
    cluster.simulation.runUntil(at(2));
    // pv-protection: it stays as long as it is bound.
    expect(volumeNamed(cluster, 'mine')?.metadata.deletionTimestamp).toBeDefined();
    const free = (volume: PersistentVolume): PersistentVolume => ({
      ...volume,
      metadata: { ...volume.metadata, finalizers: [] },
    });
    cluster.user.patch('PersistentVolume', 'mine', free, () => {});
    cluster.simulation.runUntil(at(3));
    expect(claimNamed(cluster, 'data')?.status?.phase).toBe('Lost');
    expect(told(cluster)).toEqual([
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  });
});

describe('a claim of a class', () => {
  it('gets a volume of its own, 2 s after its provisioner heard of it', () => {
    const cluster = someStorage();
    cluster.user.create('StorageClass', aStorageClass(), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
    // 1.005 s seen, 1.007 s marked for the provisioner, which hears it at 1.01 s; 3.01 s made, 3.012 s in the API.
    cluster.simulation.runUntil(at(3.011));
    expect(volumes(cluster)).toEqual([]);
    cluster.simulation.runUntil(at(3.1));
    const claim = claimNamed(cluster, 'data');
    const name = `pvc-${claim?.metadata.uid}`;
    expect([claim?.status?.phase, claim?.spec.volumeName]).toEqual(['Bound', name]);
    expect(volumes(cluster)).toEqual([`${name} Bound`]);
    expect(told(cluster)).toEqual([
      `ExternalProvisioning: Waiting for a volume to be created either by the external provisioner '${DRIVER}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
      'Provisioning: External provisioner is provisioning volume for claim "default/data"',
      `ProvisioningSucceeded: Successfully provisioned volume ${name}`,
    ]);
  });

  it('that waits for its first consumer is made when the scheduler has chosen a node, and where that is', () => {
    const cluster = someStorage({ storage: { volumeTopologyKey: 'topology.kubernetes.io/zone' } });
    cluster.user.create('Node', aReadyNode('n1', { 'topology.kubernetes.io/zone': 'b' }), () => {});
    cluster.user.create('StorageClass', aStorageClass({ volumeBindingMode: 'WaitForFirstConsumer' }), () => {});
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
    cluster.simulation.runUntil(at(14));
    expect(told(cluster)).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
    cluster.user.create('Pod', aPodWith('db-0', 'data'), () => {});
    cluster.simulation.runUntil(at(16));
    expect(told(cluster)).toContain('WaitForPodScheduled: waiting for pod db-0 to be scheduled');
    cluster.user.patch(
      'PersistentVolumeClaim',
      'default/data',
      (claim) => ({
        ...claim,
        metadata: { ...claim.metadata, annotations: { 'volume.kubernetes.io/selected-node': 'n1' } },
      }),
      () => {},
    );
    cluster.simulation.runUntil(at(18.1));
    const volume = volumeNamed(cluster, claimNamed(cluster, 'data')?.spec.volumeName ?? '');
    expect(volume?.status?.phase).toBe('Bound');
    expect(volume?.spec.nodeAffinity?.required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['b'] }] },
    ]);
  });

  it.each([
    ['missing', undefined, 'storageclass.storage.k8s.io "missing" not found'],
    ['local', 'kubernetes.io/no-provisioner', 'no volume plugin matched name: kubernetes.io/no-provisioner'],
  ])('%s is told that nobody makes its volume', (name, provisioner, message) => {
    const cluster = someStorage();
    if (provisioner !== undefined) {
      cluster.user.create('StorageClass', aStorageClass({ metadata: { name }, provisioner }), () => {});
    }
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: name }), () => {});
    cluster.simulation.runUntil(at(2));
    expect(told(cluster)).toEqual([`ProvisioningFailed: ${message}`]);
  });
});

describe('a volume whose claim is deleted', () => {
  it('is deleted by its driver when it was made for the claim', () => {
    const cluster = someStorage();
    cluster.user.create('StorageClass', aStorageClass(), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.create('PersistentVolumeClaim', aClaim('data', { storageClassName: 'fast' }), () => {});
    cluster.simulation.runUntil(at(10));
    cluster.user.delete('PersistentVolumeClaim', 'default/data', {}, () => {});
    cluster.simulation.runUntil(at(10.1));
    expect(claimNamed(cluster, 'data')).toBeUndefined();
    expect(volumes(cluster).map((text) => text.split(' ')[1])).toEqual(['Released']);
    cluster.simulation.runUntil(at(11.2));
    expect(volumes(cluster)).toEqual([]);
  });

  it('stays Released when it was made by hand, and serves no other claim until its reference is cleared', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolume', aVolume('mine'), () => {});
    cluster.simulation.runUntil(at(0.5));
    cluster.user.create('PersistentVolumeClaim', aClaim('first'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.delete('PersistentVolumeClaim', 'default/first', {}, () => {});
    cluster.simulation.runUntil(at(2));
    expect(volumes(cluster)).toEqual(['mine Released']);
    cluster.user.create('PersistentVolumeClaim', aClaim('second'), () => {});
    cluster.simulation.runUntil(at(40));
    expect(claimNamed(cluster, 'second')?.status?.phase).toBe('Pending');
    cluster.user.patch(
      'PersistentVolume',
      'mine',
      (volume) => ({ ...volume, spec: { ...volume.spec, claimRef: undefined } }),
      () => {},
    );
    cluster.simulation.runUntil(at(60.1));
    expect(claimNamed(cluster, 'second')?.status?.phase).toBe('Bound');
  });

  it('fails when it was made by hand and nobody knows how to delete it', () => {
    const cluster = someStorage();
    cluster.user.create('PersistentVolume', aVolume('mine', { persistentVolumeReclaimPolicy: 'Delete' }), () => {});
    cluster.simulation.runUntil(at(0.5));
    cluster.user.create('PersistentVolumeClaim', aClaim('first'), () => {});
    cluster.simulation.runUntil(at(1));
    cluster.user.delete('PersistentVolumeClaim', 'default/first', {}, () => {});
    cluster.simulation.runUntil(at(2));
    expect(volumes(cluster)).toEqual(['mine Failed']);
    expect(told(cluster)).toEqual([
      'VolumeFailedDelete: error getting deleter volume plugin for volume "mine": no deletable volume plugin matched',
    ]);
  });
});

it('costs nothing while every claim is bound', () => {
  const cluster = someStorage();
  cluster.user.create('PersistentVolume', aVolume('mine'), () => {});
  cluster.simulation.runUntil(at(1));
  cluster.user.create('PersistentVolumeClaim', aClaim('first'), () => {});
  cluster.simulation.runUntil(at(20));
  expect(cluster.simulation.nextAt).toBe(Number.POSITIVE_INFINITY);
});
