import { seconds } from '../../../engine/index.js';
import type { ConfigMap, Deployment, Pod } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createDeploymentController,
  deploymentControllerConfiguration,
} from '../../../models/deployment-controller/index.js';
import { createGarbageCollector, garbageCollectorConfiguration } from '../../../models/garbage-collector/index.js';
import {
  createNamespaceController,
  namespaceControllerConfiguration,
} from '../../../models/namespace-controller/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const NAMESPACE = 'shop';

/** A cluster with an empty namespace. */
function aCluster(kubernetesVersion = '1.37'): AnApiServer {
  const cluster = aControlPlane({
    kubernetesVersion,
    nodes: ['n1'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createDeploymentController(context, deploymentControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createGarbageCollector(context, garbageCollectorConfiguration(defaults)),
      (context: ControllerContext, defaults: Defaults) =>
        createNamespaceController(context, namespaceControllerConfiguration(defaults)),
    ],
  });
  cluster.user.create(
    'Namespace',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE }, spec: {} },
    () => {},
  );
  return cluster;
}

/** Pods that take so many seconds to end, out of a grace period of 30. */
const deploymentOf = (termAfter: number): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: NAMESPACE },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { name: '', labels: { app: 'web' }, annotations: { 'sim/term-after': String(termAfter) } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
    },
  },
});

const settings: Draft<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: NAMESPACE },
};

/** The namespace is deleted at 10 s; times are from then. */
function deletedAt10(cluster: AnApiServer, termAfter: number): AnApiServer {
  cluster.user.create('ConfigMap', settings, () => {});
  cluster.user.create('Deployment', deploymentOf(termAfter), () => {});
  cluster.simulation.runUntil(seconds(10));
  cluster.user.delete('Namespace', NAMESPACE, {}, () => {});
  return cluster;
}

const until = (cluster: AnApiServer, afterDeletion: number): void =>
  cluster.simulation.runUntil(seconds(10 + afterDeletion));

/** Pods, and pods that are being deleted, Deployments, ConfigMaps; whether the namespace is still there. */
const counts = ({ server }: AnApiServer): unknown[] => {
  const pods = [...server.list('Pod')];
  const leaving = pods.filter((pod: Pod) => pod.metadata.deletionTimestamp !== undefined);
  const others = [...server.list('Deployment')].length + [...server.list('ConfigMap')].length;
  return [pods.length, leaving.length, others, server.get('Namespace', NAMESPACE) !== undefined];
};

const conditions = ({ server }: AnApiServer): string[] =>
  (server.get('Namespace', NAMESPACE)?.status?.conditions ?? []).map(
    ({ type, status, reason }) => `${type}=${status}/${reason}`,
  );

describe('a namespace that is deleted', () => {
  it('is looked at five seconds later, pods first; its conditions bring it up again after five more', () => {
    const cluster = deletedAt10(aCluster(), 3);
    until(cluster, 4.9);
    expect(counts(cluster)).toEqual([3, 0, 2, true]);
    until(cluster, 6);
    expect(counts(cluster)).toEqual([3, 3, 2, true]);
    // kubernetes/kubernetes#138208: while pods hold the rest up, nothing is said to remain.
    expect(conditions(cluster)).toEqual([
      'NamespaceDeletionDiscoveryFailure=False/ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure=False/ParsedGroupVersions',
      'NamespaceDeletionContentFailure=False/ContentDeleted',
      'NamespaceContentRemaining=False/ContentRemoved',
      'NamespaceFinalizersRemaining=False/ContentHasNoFinalizers',
    ]);
    until(cluster, 10);
    expect(counts(cluster)).toEqual([0, 0, 2, true]);
    until(cluster, 11);
    expect(counts(cluster)).toEqual([0, 0, 0, false]);
  });

  it('waits for pods by half of their grace period and a second', () => {
    const cluster = deletedAt10(aCluster(), 28);
    // Looks at 5, 10 and 10 + 16 s; the pods end at 33 s, and the next look is at 42 s.
    until(cluster, 41.9);
    expect(counts(cluster)).toEqual([0, 0, 2, true]);
    until(cluster, 43);
    expect(counts(cluster)).toEqual([0, 0, 0, false]);
  });

  it('is gone at the first look when it is empty', () => {
    const cluster = aCluster();
    cluster.simulation.runUntil(seconds(10));
    cluster.user.delete('Namespace', NAMESPACE, {}, () => {});
    until(cluster, 4.9);
    expect(counts(cluster)).toEqual([0, 0, 0, true]);
    until(cluster, 6);
    expect(counts(cluster)).toEqual([0, 0, 0, false]);
  });

  it('tells what holds it up and tries again every eight seconds while something carries a finalizer', () => {
    const cluster = aCluster();
    cluster.user.create(
      'ConfigMap',
      { ...settings, metadata: { ...settings.metadata, finalizers: ['example.com/wait'] } },
      () => {},
    );
    cluster.simulation.runUntil(seconds(10));
    cluster.user.delete('Namespace', NAMESPACE, {}, () => {});
    until(cluster, 6);
    expect(conditions(cluster).slice(3)).toEqual([
      'NamespaceContentRemaining=True/SomeResourcesRemain',
      'NamespaceFinalizersRemaining=True/SomeFinalizersRemain',
    ]);
    const [content, finalizers] = cluster.server.get('Namespace', NAMESPACE)?.status?.conditions?.slice(3) ?? [];
    expect(content?.message).toBe('Some resources are remaining: configmaps. has 1 resource instances');
    expect(finalizers?.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances',
    );
    until(cluster, 12);
    cluster.user.patch(
      'ConfigMap',
      `${NAMESPACE}/settings`,
      (found) => ({ ...found, metadata: { ...found.metadata, finalizers: [] } }),
      () => {},
    );
    until(cluster, 18);
    expect(counts(cluster)).toEqual([0, 0, 0, true]);
    until(cluster, 19);
    expect(counts(cluster)).toEqual([0, 0, 0, false]);
  });

  it('loses everything at once in 1.23, and says how many pods are left', () => {
    const cluster = deletedAt10(aCluster('1.23'), 3);
    until(cluster, 6);
    expect(counts(cluster)).toEqual([3, 3, 0, true]);
    expect(conditions(cluster)[3]).toBe('NamespaceContentRemaining=True/SomeResourcesRemain');
    until(cluster, 11);
    expect(counts(cluster)).toEqual([0, 0, 0, false]);
  });
});
