import { milliseconds, seconds } from '../../../engine/index.js';
import type { Pod, ReplicaSet, ResourceQuota } from '../../../models/api/index.js';
import { hooksFor } from '../../../models/apiserver/admission/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createReplicaSetController,
  replicaSetControllerConfiguration,
} from '../../../models/replicaset-controller/index.js';
import {
  createResourceQuotaController,
  resourceQuotaControllerConfiguration,
} from '../../../models/resourcequota-controller/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../helpers/an-api-server.js';

const defaults = defaultsFor('1.37') as Defaults;

/** The real server's admission, the quota and the ReplicaSet controller; nobody runs pods. */
function aCluster(): AnApiServer {
  const cluster = anApiServer({
    hooks: hooksFor(defaults),
    apiCall: milliseconds(4),
    watchDelivery: milliseconds(3),
  });
  const create = (context: ControllerContext) => [
    createResourceQuotaController(context, resourceQuotaControllerConfiguration(defaults)),
    createReplicaSetController(context, replicaSetControllerConfiguration(defaults)),
  ];
  const controllers = create(cluster.context);
  cluster.informers.start();
  for (const controller of controllers) {
    controller.start();
  }
  return cluster;
}

const aQuota = (hard: Readonly<Record<string, string>>): Draft<ResourceQuota> => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec: { hard },
});

const containers = [{ name: 'c', image: 'i:v1', resources: { requests: { cpu: '1' } } }];

const aPod = (name: string): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers, nodeName: 'n1' },
});

const used = (cluster: AnApiServer): unknown => cluster.server.get('ResourceQuota', 'default/q')?.status?.used;

it('counts a new quota at once: until then it limits nothing', () => {
  const cluster = aCluster();
  cluster.user.create('Pod', aPod('a'), () => {});
  cluster.simulation.runUntil(seconds(1));
  cluster.user.create('ResourceQuota', aQuota({ pods: '2', 'requests.cpu': '2', secrets: '5' }), () => {});
  // 1.002 s created, 1.005 s seen, 1.007 s written.
  cluster.simulation.runUntil(seconds(1.0065));
  expect(used(cluster)).toBeUndefined();
  cluster.simulation.runUntil(seconds(1.008));
  expect(used(cluster)).toEqual({ pods: '1', 'requests.cpu': '1', secrets: '0' });
});

it('releases what a pod used when it is deleted, one look later', () => {
  const cluster = aCluster();
  cluster.user.create('ResourceQuota', aQuota({ pods: '1' }), () => {});
  cluster.simulation.runUntil(seconds(1));
  cluster.user.create('Pod', aPod('a'), () => {});
  cluster.simulation.runUntil(seconds(2));
  expect(used(cluster)).toEqual({ pods: '1' });
  const errors: string[] = [];
  const tell = (reply: { ok: boolean; error?: { message: string } }): void => {
    errors.push(reply.ok ? 'created' : (reply.error as { message: string }).message);
  };
  cluster.user.delete('Pod', 'default/a', { gracePeriodSeconds: 0 }, () => {});
  cluster.user.create('Pod', aPod('b'), tell);
  cluster.simulation.runUntil(seconds(2.006));
  // The pod is gone at 2.002 s, but the status says one; it is written anew at 2.007 s.
  cluster.user.create('Pod', aPod('c'), tell);
  cluster.simulation.runUntil(seconds(3));
  expect(errors).toEqual([
    'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    'created',
  ]);
});

it('finds at the recount of every five minutes that a pod stuck in its deletion no longer counts', () => {
  const cluster = aCluster();
  cluster.user.create('ResourceQuota', aQuota({ pods: '1' }), () => {});
  cluster.simulation.runUntil(seconds(1));
  cluster.user.create('Pod', aPod('a'), () => {});
  cluster.simulation.runUntil(seconds(10));
  cluster.user.delete('Pod', 'default/a', {}, () => {});
  // Its deletion ends at 40 s and its grace period thirty seconds after that; nobody tells.
  cluster.simulation.runUntil(seconds(300));
  expect(used(cluster)).toEqual({ pods: '1' });
  cluster.simulation.runUntil(seconds(301));
  expect(used(cluster)).toEqual({ pods: '0' });
});

it('holds a ReplicaSet back, which says so and tries again ever more rarely', () => {
  const cluster = aCluster();
  cluster.user.create('ResourceQuota', aQuota({ pods: '2' }), () => {});
  cluster.simulation.runUntil(seconds(1));
  const replicaSet: Draft<ReplicaSet> = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { name: '', labels: { app: 'web' } }, spec: { containers } },
    },
  };
  cluster.user.create('ReplicaSet', replicaSet, () => {});
  cluster.simulation.runUntil(seconds(20));
  expect([...cluster.server.list('Pod')]).toHaveLength(2);
  const { status } = cluster.server.get('ReplicaSet', 'default/web') as ReplicaSet;
  expect(status?.conditions?.[0]).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  expect(status?.conditions?.[0]?.message).toContain(
    'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
  );
  cluster.user.patch(
    'ResourceQuota',
    'default/q',
    (quota) => ({ ...quota, spec: { hard: { pods: '3' } } }),
    () => {},
  );
  // Tried again after 5, 10, 20 ms … 20.48 s: at about 21.5 s and 42 s.
  cluster.simulation.runUntil(seconds(43));
  expect([...cluster.server.list('Pod')]).toHaveLength(3);
});

it('costs nothing where there is no quota', () => {
  const cluster = aCluster();
  cluster.simulation.runUntil(seconds(10));
  expect(cluster.simulation.nextAt).toBe(Number.POSITIVE_INFINITY);
});
