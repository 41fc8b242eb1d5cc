import { seconds } from '../../../engine/index.js';
import type { Pod, StatefulSet } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createStatefulSetController,
  statefulSetControllerConfiguration,
} from '../../../models/statefulset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (kubernetesVersion = '1.37'): AnApiServer =>
  aControlPlane({
    kubernetesVersion,
    nodes: ['n1', 'n2'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createStatefulSetController(context, statefulSetControllerConfiguration(defaults)),
    ],
  });

const template = (image: string, readyAfter = '3') => ({
  metadata: { name: '', labels: { app: 'db' }, annotations: { 'sim/ready-after': readyAfter } },
  spec: { containers: [{ name: 'c', image }], terminationGracePeriodSeconds: 30 },
});

/** Each pod is ready 3 s after it was bound, and gone 1 s after it was deleted. */
const statefulSet = (spec: Partial<StatefulSet['spec']> = {}): Draft<StatefulSet> => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: template('app:v1'),
    ...spec,
  },
});

const change = (cluster: AnApiServer, spec: Partial<StatefulSet['spec']>): void =>
  cluster.user.patch(
    'StatefulSet',
    'default/db',
    (it) => ({ ...it, spec: { ...it.spec, ...spec } }),
    () => {},
  );

const db = (cluster: AnApiServer): StatefulSet => cluster.server.get('StatefulSet', 'default/db') as StatefulSet;
const podNamed = (cluster: AnApiServer, name: string): Pod | undefined => cluster.server.get('Pod', `default/${name}`);

/** "db-0 app:v1", with "-" for pods that are being deleted. */
const pods = (cluster: AnApiServer): string[] =>
  [...cluster.server.list('Pod')]
    .map(
      ({ metadata, spec }) => `${metadata.deletionTimestamp ? '-' : ''}${metadata.name} ${spec.containers[0]?.image}`,
    )
    .sort();

describe('a StatefulSet', () => {
  it('creates its pods one after the other, each when the one before is ready', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    // Created within 20 ms, bound within 10 ms more, Ready 3 s later, seen a few ms after that.
    for (const [at, count] of [
      [0.1, 1],
      [2.9, 1],
      [3.1, 2],
      [6, 2],
      [6.2, 3],
    ] as const) {
      cluster.simulation.runUntil(seconds(at));
      expect([at, pods(cluster).length]).toEqual([at, count]);
    }
    const { metadata, spec } = podNamed(cluster, 'db-1') as Pod;
    expect(metadata.labels).toEqual({
      app: 'db',
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'controller-revision-hash': db(cluster).status?.updateRevision,
    });
    expect([spec.hostname, spec.subdomain]).toEqual(['db-1', 'db']);
  });

  it('replaces a deleted pod under its name when the old one is gone, not before', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    cluster.simulation.runUntil(seconds(20));
    const old = podNamed(cluster, 'db-1')?.metadata.uid;
    cluster.user.delete('Pod', 'default/db-1', {}, () => {});
    cluster.simulation.runUntil(seconds(21));
    expect(podNamed(cluster, 'db-1')?.metadata.uid).toBe(old);
    cluster.simulation.runUntil(seconds(21.1));
    expect(podNamed(cluster, 'db-1')?.metadata.uid).not.toBe(old);
  });

  it('updates from the top, one pod at a time: a second to end and three to start for each', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    cluster.simulation.runUntil(seconds(20));
    change(cluster, { template: template('app:v2') });
    for (const [at, expected] of [
      [20.1, ['-db-2 app:v1', 'db-0 app:v1', 'db-1 app:v1']],
      [21.2, ['db-0 app:v1', 'db-1 app:v1', 'db-2 app:v2']],
      [24.2, ['-db-1 app:v1', 'db-0 app:v1', 'db-2 app:v2']],
      [28.4, ['-db-0 app:v1', 'db-1 app:v2', 'db-2 app:v2']],
      [33, ['db-0 app:v2', 'db-1 app:v2', 'db-2 app:v2']],
    ] as const) {
      cluster.simulation.runUntil(seconds(at));
      expect([at, pods(cluster)]).toEqual([at, expected]);
    }
    const { status } = db(cluster);
    expect(status?.currentRevision).toBe(status?.updateRevision);
    expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
  });

  it('shrinks from the top, each pod after the one above is gone', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    cluster.simulation.runUntil(seconds(20));
    change(cluster, { replicas: 1 });
    cluster.simulation.runUntil(seconds(20.9));
    expect(pods(cluster)).toEqual(['-db-2 app:v1', 'db-0 app:v1', 'db-1 app:v1']);
    cluster.simulation.runUntil(seconds(21.2));
    expect(pods(cluster)).toEqual(['-db-1 app:v1', 'db-0 app:v1']);
    cluster.simulation.runUntil(seconds(22.3));
    expect(pods(cluster)).toEqual(['db-0 app:v1']);
  });

  it('leaves pods below the partition alone, and brings them back as they were', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    cluster.simulation.runUntil(seconds(20));
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    change(cluster, { updateStrategy, template: template('app:v2') });
    cluster.simulation.runUntil(seconds(30));
    cluster.user.delete('Pod', 'default/db-0', {}, () => {});
    cluster.simulation.runUntil(seconds(40));
    expect(pods(cluster)).toEqual(['db-0 app:v1', 'db-1 app:v1', 'db-2 app:v2']);
  });

  it('does not recover by itself from an update that never becomes ready', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet(), () => {});
    cluster.simulation.runUntil(seconds(20));
    const first = db(cluster).status?.updateRevision;
    change(cluster, { template: template('app:v2', 'never') });
    cluster.simulation.runUntil(seconds(40));
    change(cluster, { template: template('app:v1') });
    cluster.simulation.runUntil(seconds(60));
    expect(pods(cluster)).toEqual(['db-0 app:v1', 'db-1 app:v1', 'db-2 app:v2']);
    expect(db(cluster).status?.updateRevision).toBe(first);
    cluster.user.delete('Pod', 'default/db-2', {}, () => {});
    cluster.simulation.runUntil(seconds(70));
    expect(pods(cluster)).toEqual(['db-0 app:v1', 'db-1 app:v1', 'db-2 app:v1']);
  });

  it('that is Parallel creates and deletes at once, but updates within maxUnavailable', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet({ replicas: 5, podManagementPolicy: 'Parallel' }), () => {});
    cluster.simulation.runUntil(seconds(0.1));
    expect(pods(cluster)).toHaveLength(5);
    cluster.simulation.runUntil(seconds(10));
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '40%' } };
    change(cluster, { updateStrategy, template: template('app:v2') });
    cluster.simulation.runUntil(seconds(10.5));
    expect(pods(cluster).filter((row) => row.startsWith('-'))).toEqual(['-db-3 app:v1', '-db-4 app:v1']);
    cluster.simulation.runUntil(seconds(30));
    change(cluster, { replicas: 1 });
    cluster.simulation.runUntil(seconds(30.5));
    expect(pods(cluster).filter((row) => row.startsWith('-'))).toHaveLength(4);
  });

  it('updates one pod at a time in 1.23, whatever maxUnavailable says', () => {
    const cluster = aCluster('1.23');
    cluster.user.create('StatefulSet', statefulSet({ replicas: 5, podManagementPolicy: 'Parallel' }), () => {});
    cluster.simulation.runUntil(seconds(10));
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '40%' } };
    change(cluster, { updateStrategy, template: template('app:v2') });
    cluster.simulation.runUntil(seconds(10.5));
    expect(pods(cluster).filter((row) => row.startsWith('-'))).toEqual(['-db-4 app:v1']);
    expect(podNamed(cluster, 'db-0')?.metadata.labels).not.toHaveProperty(['apps.kubernetes.io/pod-index']);
  });

  it('keeps the claims of pods that are scaled away, or hands them to those pods', () => {
    const claims = [
      {
        apiVersion: 'v1' as const,
        kind: 'PersistentVolumeClaim' as const,
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ];
    const ownersAfterScaling = (whenScaled: string): (string | undefined)[] => {
      const cluster = aCluster();
      const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled };
      const draft = statefulSet({ replicas: 2, volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy });
      cluster.user.create('StatefulSet', draft, () => {});
      cluster.simulation.runUntil(seconds(10));
      const { spec } = podNamed(cluster, 'db-1') as Pod;
      expect(spec.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }]);
      change(cluster, { replicas: 1 });
      cluster.simulation.runUntil(seconds(10.5));
      return [...cluster.server.list('PersistentVolumeClaim')].map(
        ({ metadata }) => metadata.ownerReferences?.[0]?.name,
      );
    };
    expect(ownersAfterScaling('Retain')).toEqual([undefined, undefined]);
    expect(ownersAfterScaling('Delete')).toEqual([undefined, 'db-1']);
  });

  it('tells what it did', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet({ replicas: 1 }), () => {});
    cluster.simulation.runUntil(seconds(5));
    change(cluster, { replicas: 0 });
    cluster.simulation.runUntil(seconds(10));
    expect([...cluster.server.list('Event')].map(({ reason, message }) => [reason, message])).toEqual([
      ['SuccessfulCreate', 'Create Pod db-0 in StatefulSet db successful'],
      ['SuccessfulDelete', 'Delete Pod db-0 in StatefulSet db successful'],
    ]);
  });

  it('keeps ten old revisions', () => {
    const cluster = aCluster();
    cluster.user.create('StatefulSet', statefulSet({ replicas: 0 }), () => {});
    for (let version = 2; version < 20; version++) {
      cluster.simulation.runUntil(seconds(version));
      change(cluster, { template: template(`app:v${version}`) });
    }
    cluster.simulation.runUntil(seconds(30));
    const revisions = [...cluster.server.list('ControllerRevision')];
    // Ten that nothing refers to, and the one in force.
    expect(revisions.map((one) => one.revision)).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(revisions.at(-1)?.metadata.name).toBe(db(cluster).status?.updateRevision);
  });
});
