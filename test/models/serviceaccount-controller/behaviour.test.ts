import { milliseconds, seconds, toSeconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import { hooksFor } from '../../../models/apiserver/admission/index.js';
import type { Draft, Reply } from '../../../models/client-go/index.js';
import { createServiceAccountControllers } from '../../../models/serviceaccount-controller/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../helpers/an-api-server.js';

const defaults = defaultsFor('1.37') as Defaults;

function aCluster(): AnApiServer & { readonly startControllers: () => void } {
  const cluster = anApiServer({ hooks: hooksFor(defaults), apiCall: milliseconds(4), watchDelivery: milliseconds(3) });
  const controllers = createServiceAccountControllers(cluster.context, { qps: 20, burst: 30 });
  const startControllers = (): void => {
    cluster.informers.start();
    for (const controller of controllers) {
      controller.start();
    }
  };
  return { ...cluster, startControllers };
}

const createNamespace = (cluster: AnApiServer, name: string): void =>
  cluster.user.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} }, () => {});

const aPod: Draft<Pod> = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { containers: [{ name: 'c', image: 'i:v1' }] },
};

it('furnishes a new namespace, and again when somebody takes that away', () => {
  const cluster = aCluster();
  cluster.startControllers();
  cluster.simulation.runUntil(seconds(1));
  createNamespace(cluster, 'shop');
  // 1.002 s created, 1.005 s seen, 1.007 s made.
  cluster.simulation.runUntil(seconds(1.008));
  expect(cluster.server.get('ServiceAccount', 'shop/default')).toBeDefined();
  expect(cluster.server.get('ConfigMap', 'shop/kube-root-ca.crt')).toBeDefined();
  cluster.user.delete('ServiceAccount', 'shop/default', {}, () => {});
  const emptied = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace: 'shop' },
  } as const;
  cluster.user.update('ConfigMap', emptied, () => {});
  cluster.simulation.runUntil(seconds(2));
  expect(cluster.server.get('ServiceAccount', 'shop/default')).toBeDefined();
  expect(Object.keys(cluster.server.get('ConfigMap', 'shop/kube-root-ca.crt')?.data ?? {})).toEqual(['ca.crt']);
});

it('has a pod of a new namespace wait for its account inside the server', () => {
  const cluster = aCluster();
  cluster.startControllers();
  cluster.simulation.runUntil(seconds(1));
  createNamespace(cluster, 'shop');
  let answered: number | undefined;
  cluster.user.create('Pod', aPod, () => {
    answered = toSeconds(cluster.simulation.now);
  });
  cluster.simulation.runUntil(seconds(2));
  // Looked up at 1.002 s; the account is there at 1.007 s; looked up again 0.1 to 0.2 s after the first time.
  expect(answered).toBeGreaterThan(1.103);
  expect(answered).toBeLessThan(1.205);
});

it('has a pod refused after ten looks when nobody makes the account', () => {
  const cluster = aCluster();
  createNamespace(cluster, 'shop');
  let reply: Reply<Pod> | undefined;
  let answered = 0;
  cluster.simulation.runUntil(seconds(1));
  cluster.user.create('Pod', aPod, (answer) => {
    reply = answer;
    answered = toSeconds(cluster.simulation.now);
  });
  cluster.simulation.runUntil(seconds(5));
  expect(reply).toMatchObject({
    ok: false,
    error: {
      code: 403,
      message:
        'pods "p" is forbidden: error looking up service account shop/default: serviceaccount "default" not found',
    },
  });
  // Nine pauses of 0.1 to 0.2 s.
  expect(answered).toBeGreaterThan(1.9);
  expect(answered).toBeLessThan(2.81);
});

it('leaves a namespace alone that is being deleted', () => {
  const cluster = aCluster();
  cluster.startControllers();
  createNamespace(cluster, 'shop');
  cluster.simulation.runUntil(seconds(1));
  cluster.user.delete('Namespace', 'shop', {}, () => {});
  cluster.simulation.runUntil(seconds(2));
  cluster.user.delete('ServiceAccount', 'shop/default', {}, () => {});
  cluster.simulation.runUntil(seconds(3));
  expect(cluster.server.get('ServiceAccount', 'shop/default')).toBeUndefined();
});
