import { seconds } from '../../../engine/index.js';
import type { Event, Pod, ReplicationController } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createReplicaSetController,
  createReplicationControllerController,
  replicaSetControllerConfiguration,
  replicationControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (): AnApiServer =>
  aControlPlane({
    nodes: ['n1'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicationControllerController(context, replicationControllerConfiguration(defaults)),
    ],
  });

const controller: Draft<ReplicationController> = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'old', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { app: 'old' },
    template: {
      metadata: { name: '', labels: { app: 'old' } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }] },
    },
  },
};

const pods = (cluster: AnApiServer): readonly Pod[] => [...cluster.server.list('Pod')] as Pod[];
const old = (cluster: AnApiServer): ReplicationController | undefined =>
  cluster.server.get('ReplicationController', 'default/old');

describe('a ReplicationController', () => {
  it('keeps its pods as a ReplicaSet does, under its own name', () => {
    const cluster = aCluster();
    cluster.user.create('ReplicationController', controller, () => {});
    cluster.simulation.runUntil(seconds(5));
    const [first] = pods(cluster);
    expect(first?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'v1',
        kind: 'ReplicationController',
        name: 'old',
        uid: old(cluster)?.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(old(cluster)?.status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    const told = ([...cluster.server.list('Event')] as Event[]).map(({ reason, source }) => [
      reason,
      source?.component,
    ]);
    expect(told).toEqual([
      ['SuccessfulCreate', 'replication-controller'],
      ['SuccessfulCreate', 'replication-controller'],
    ]);
  });

  it('replaces a pod at its deletion, and shrinks', () => {
    const cluster = aCluster();
    cluster.user.create('ReplicationController', controller, () => {});
    cluster.simulation.runUntil(seconds(5));
    const name = pods(cluster)[0]?.metadata.name ?? '';
    cluster.user.delete('Pod', `default/${name}`, {}, () => {});
    // The pod takes a second to end; its replacement is there within milliseconds.
    cluster.simulation.runUntil(seconds(5.1));
    expect(pods(cluster)).toHaveLength(3);
    cluster.simulation.runUntil(seconds(10));
    const shrink = (it: ReplicationController): ReplicationController => ({ ...it, spec: { ...it.spec, replicas: 0 } });
    cluster.user.patch('ReplicationController', 'default/old', shrink, () => {});
    cluster.simulation.runUntil(seconds(15));
    expect([pods(cluster).length, old(cluster)?.status]).toEqual([0, { replicas: 0, observedGeneration: 2 }]);
  });

  it('adopts orphans that match, and no pods of a ReplicaSet', () => {
    const cluster = aCluster();
    const orphan: Draft<Pod> = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'orphan', namespace: 'default', labels: { app: 'old' } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }] },
    };
    cluster.user.create('Pod', orphan, () => {});
    cluster.simulation.runUntil(seconds(1));
    cluster.user.create('ReplicationController', controller, () => {});
    cluster.simulation.runUntil(seconds(5));
    expect(pods(cluster)).toHaveLength(2);
    expect(pods(cluster).map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).toEqual(['old', 'old']);
  });
});
