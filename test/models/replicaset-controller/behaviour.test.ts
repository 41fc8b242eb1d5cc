import { milliseconds, seconds } from '../../../engine/index.js';
import type { Event, Pod, ReplicaSet } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const controller = (context: ControllerContext, defaults: Defaults) =>
  createReplicaSetController(context, replicaSetControllerConfiguration(defaults));

const aCluster = (nodes?: readonly string[]): AnApiServer =>
  aControlPlane({ controllers: [controller], ...(nodes && { nodes }) });

const replicaSet = (replicas: number, spec: Partial<ReplicaSet['spec']> = {}): Draft<ReplicaSet> => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { name: '', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
    },
    ...spec,
  },
});

const pods = (cluster: AnApiServer): Pod[] => [...cluster.server.list('Pod')];
const web = (cluster: AnApiServer): ReplicaSet | undefined => cluster.server.get('ReplicaSet', 'default/web');
const messages = (cluster: AnApiServer): (string | undefined)[] =>
  [...cluster.server.list('Event')].map((event: Event) => event.message);
const scale = (cluster: AnApiServer, replicas: number): void =>
  cluster.user.patch(
    'ReplicaSet',
    'default/web',
    (it) => ({ ...it, spec: { ...it.spec, replicas } }),
    () => {},
  );

describe('a ReplicaSet', () => {
  it('gets its pods in batches of 1, 2, 4 …: the next begins when the one before was answered', () => {
    const cluster = aCluster();
    const created: number[] = [];
    const counts = [1, 3, 7, 10];
    cluster.user.create('ReplicaSet', replicaSet(10), () => {});
    // POST arrives at 2 ms, is seen at 5 ms; each batch takes one call of 4 ms, half of it until the server has it.
    for (const at of [7, 11, 15, 19]) {
      cluster.simulation.runUntil(milliseconds(at));
      created.push(pods(cluster).length);
    }
    expect(created).toEqual(counts);
  });

  it('names its pods after itself and shares one spec among them', () => {
    const cluster = aCluster();
    cluster.user.create('ReplicaSet', replicaSet(2), () => {});
    cluster.simulation.runUntil(seconds(1));
    const [first, second] = pods(cluster) as [Pod, Pod];
    expect(first.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(first.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: web(cluster)?.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(second.spec).toBe(first.spec);
  });

  it('of 100 replicas is held back by 20 requests a second, events among them', () => {
    const cluster = aCluster();
    cluster.user.create('ReplicaSet', replicaSet(100), () => {});
    // 30 tokens at once, then 20 a second: 100 creations alone take 3.5 s. With at most 25 events (then the spam filter drops
    // them) and two status writes among them, at most (127 - 30) / 20 = 4.85 s.
    cluster.simulation.runUntil(seconds(3.5));
    expect(pods(cluster).length).toBeLessThan(100);
    cluster.simulation.runUntil(seconds(4.9));
    expect(pods(cluster).length).toBe(100);
  });

  it('tells how many replicas it has, and that it cannot create more', () => {
    const cluster = aCluster(['n1', 'n2']);
    cluster.user.create('ReplicaSet', replicaSet(3), () => {});
    cluster.simulation.runUntil(seconds(3));
    expect(web(cluster)?.status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    expect(messages(cluster).filter((message) => message?.startsWith('Created pod: web-'))).toHaveLength(3);
  });

  it('replaces a pod as soon as its deletion is asked for, not when it is gone', () => {
    const cluster = aCluster(['n1']);
    cluster.user.create('ReplicaSet', replicaSet(1), () => {});
    cluster.simulation.runUntil(seconds(5));
    const [old] = pods(cluster) as [Pod];
    cluster.user.delete('Pod', `default/${old.metadata.name}`, {}, () => {});
    cluster.simulation.runUntil(seconds(5.5));
    expect(pods(cluster)).toHaveLength(2);
    expect(web(cluster)?.status?.terminatingReplicas).toBe(1);
    cluster.simulation.runUntil(seconds(7));
    expect(pods(cluster).map((pod) => pod.metadata.name)).not.toContain(old.metadata.name);
    expect(web(cluster)?.status?.terminatingReplicas).toBe(0);
  });

  it('deletes pods without a node first when it shrinks', () => {
    const cluster = aCluster();
    cluster.user.create('ReplicaSet', replicaSet(3), () => {});
    cluster.simulation.runUntil(seconds(1));
    const [kept] = pods(cluster) as [Pod];
    cluster.user.bind(`default/${kept.metadata.name}`, kept.metadata.uid as string, 'n1', () => {});
    cluster.simulation.runUntil(seconds(2));
    scale(cluster, 1);
    cluster.simulation.runUntil(seconds(3));
    expect(pods(cluster).map((pod) => pod.metadata.name)).toEqual([kept.metadata.name]);
    expect(messages(cluster).filter((message) => message?.startsWith('Deleted pod: web-'))).toHaveLength(2);
  });

  it('calls a pod available minReadySeconds after the whole second in which it became ready', () => {
    const cluster = aCluster(['n1']);
    cluster.simulation.runUntil(seconds(0.4));
    cluster.user.create('ReplicaSet', replicaSet(1, { minReadySeconds: 3 }), () => {});
    // Bound at about 0.41 s, Ready at 1.4 s with lastTransitionTime 1 s: available at 4 s, not at 4.4 s.
    cluster.simulation.runUntil(seconds(3.99));
    expect(web(cluster)?.status?.availableReplicas).toBeUndefined();
    cluster.simulation.runUntil(seconds(4.02));
    expect(web(cluster)?.status?.availableReplicas).toBe(1);
  });

  it('adopts an orphan that its selector matches, and lets go of a pod whose labels changed', () => {
    const cluster = aCluster();
    const orphan = {
      metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [] },
    };
    cluster.user.create('Pod', { apiVersion: 'v1', kind: 'Pod', ...orphan }, () => {});
    cluster.simulation.runUntil(seconds(1));
    cluster.user.create('ReplicaSet', replicaSet(1), () => {});
    cluster.simulation.runUntil(seconds(2));
    expect(pods(cluster).map((pod) => pod.metadata.ownerReferences?.[0]?.name)).toEqual(['web']);
    const relabel = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, labels: { app: 'debug' } } });
    cluster.user.patch('Pod', 'default/orphan', relabel, () => {});
    cluster.simulation.runUntil(seconds(3));
    expect(cluster.server.get('Pod', 'default/orphan')?.metadata.ownerReferences ?? []).toEqual([]);
    expect(pods(cluster)).toHaveLength(2);
  });
});
