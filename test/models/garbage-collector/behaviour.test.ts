import { seconds } from '../../../engine/index.js';
import type { ConfigMap, Deployment, ObjectMeta, OwnerReference, Pod } from '../../../models/api/index.js';
import type { ControllerContext, DeleteOptions, Draft } from '../../../models/client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
} from '../../../models/deployment-controller/index.js';
import { createGarbageCollector, garbageCollectorConfiguration } from '../../../models/garbage-collector/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (): AnApiServer =>
  aControlPlane({
    nodes: ['n1'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createDeploymentController(context, deploymentControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createGarbageCollector(context, garbageCollectorConfiguration(defaults)),
    ],
  });

const deployment: Draft<Deployment> = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { name: '', labels: { app: 'web' }, annotations: { 'sim/term-after': '3' } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
    },
  },
};

/** Three pods run since some time; the Deployment is deleted at 10 s. */
function deletedAt10(propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>): AnApiServer {
  const cluster = aCluster();
  cluster.user.create('Deployment', deployment, () => {});
  cluster.simulation.runUntil(seconds(10));
  cluster.user.delete('Deployment', 'default/web', { propagationPolicy }, () => {});
  return cluster;
}

/** How many Deployments, ReplicaSets, pods, and pods that are being deleted there are. */
const counts = ({ server }: AnApiServer): number[] => {
  const pods = [...server.list('Pod')];
  const leaving = pods.filter((pod: Pod) => pod.metadata.deletionTimestamp !== undefined);
  return [[...server.list('Deployment')].length, [...server.list('ReplicaSet')].length, pods.length, leaving.length];
};

describe('a Deployment that is deleted', () => {
  it('in the background is gone at once, its ReplicaSet and pods follow; pods take their time to end', () => {
    const cluster = deletedAt10('Background');
    cluster.simulation.runUntil(seconds(10.01));
    expect(counts(cluster)).toEqual([0, 1, 3, 0]);
    // Each generation: a watch event, a look at it, a look at its owner, a deletion: some 15 ms.
    cluster.simulation.runUntil(seconds(10.1));
    expect(counts(cluster)).toEqual([0, 0, 3, 3]);
    cluster.simulation.runUntil(seconds(13.5));
    expect(counts(cluster)).toEqual([0, 0, 0, 0]);
  });

  it('in the foreground stays until its ReplicaSet is gone, which stays until its pods are', () => {
    const cluster = deletedAt10('Foreground');
    cluster.simulation.runUntil(seconds(13));
    expect(counts(cluster)).toEqual([1, 1, 3, 3]);
    expect(cluster.server.get('Deployment', 'default/web')?.metadata.finalizers).toEqual(['foregroundDeletion']);
    cluster.simulation.runUntil(seconds(13.5));
    expect(counts(cluster)).toEqual([0, 0, 0, 0]);
  });

  it('but shall orphan its dependents leaves ReplicaSet and pods alone', () => {
    const cluster = deletedAt10('Orphan');
    cluster.simulation.runUntil(seconds(20));
    expect(counts(cluster)).toEqual([0, 1, 3, 0]);
    const [replicaSet] = [...cluster.server.list('ReplicaSet')];
    expect(replicaSet?.metadata.ownerReferences ?? []).toEqual([]);
  });
});

const configMap = (name: string, metadata: Partial<ObjectMeta> = {}): Draft<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...metadata },
});

const owner = (name: string, uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid });

describe('an object', () => {
  const exists = (cluster: AnApiServer, name: string): boolean =>
    cluster.server.get('ConfigMap', `default/${name}`) !== undefined;

  it('whose owner has never been there is deleted', () => {
    const cluster = aCluster();
    cluster.user.create('ConfigMap', configMap('lost', { ownerReferences: [owner('nobody', 'u-1')] }), () => {});
    cluster.simulation.runUntil(seconds(1));
    expect(exists(cluster, 'lost')).toBe(false);
  });

  it('whose owner was replaced by another of its name is deleted', () => {
    const cluster = aCluster();
    cluster.user.create('ConfigMap', configMap('parent'), () => {});
    cluster.simulation.runUntil(seconds(1));
    cluster.user.create('ConfigMap', configMap('child', { ownerReferences: [owner('parent', 'u-1')] }), () => {});
    cluster.simulation.runUntil(seconds(2));
    expect(exists(cluster, 'child')).toBe(false);
    expect(exists(cluster, 'parent')).toBe(true);
  });

  it('with one owner left stays, without the reference to the other', () => {
    const cluster = aCluster();
    const uids: string[] = [];
    for (const name of ['a', 'b']) {
      cluster.user.create('ConfigMap', configMap(name), (reply) => {
        uids.push(reply.ok ? (reply.object.metadata.uid as string) : '');
      });
    }
    cluster.simulation.runUntil(seconds(1));
    const [a, b] = uids as [string, string];
    const ownerReferences = [owner('a', a), owner('b', b)];
    cluster.user.create('ConfigMap', configMap('child', { ownerReferences }), () => {});
    cluster.simulation.runUntil(seconds(2));
    cluster.user.delete('ConfigMap', 'default/a', {}, () => {});
    cluster.simulation.runUntil(seconds(3));
    expect(cluster.server.get('ConfigMap', 'default/child')?.metadata.ownerReferences).toEqual([owner('b', b)]);
    cluster.user.delete('ConfigMap', 'default/b', {}, () => {});
    cluster.simulation.runUntil(seconds(4));
    expect(exists(cluster, 'child')).toBe(false);
  });

  it('whose owner stands in another namespace is deleted, and an event says so', () => {
    const cluster = aCluster();
    let uid = '';
    cluster.user.create('ConfigMap', configMap('parent', { namespace: 'kube-system' }), (reply) => {
      uid = reply.ok ? (reply.object.metadata.uid as string) : '';
    });
    cluster.simulation.runUntil(seconds(1));
    const sibling = configMap('sibling', { namespace: 'kube-system', ownerReferences: [owner('parent', uid)] });
    cluster.user.create('ConfigMap', sibling, () => {});
    cluster.simulation.runUntil(seconds(2));
    cluster.user.create('ConfigMap', configMap('child', { ownerReferences: [owner('parent', uid)] }), () => {});
    cluster.simulation.runUntil(seconds(3));
    expect(exists(cluster, 'child')).toBe(false);
    const [event] = [...cluster.server.list('Event')].filter(({ reason }) => reason === 'OwnerRefInvalidNamespace');
    expect(event?.message).toBe(
      `ownerRef [v1/ConfigMap, namespace: default, name: parent, uid: ${uid}] does not exist in namespace "default"`,
    );
  });
});
