import type { NetworkPolicySpec } from '../../../models/api/index.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

/** A client and a server behind a Service in the namespace default. */
function aShop(): ACluster {
  const cluster = aCluster({ looksAtTraffic: true });
  for (const name of ['client', 'db']) {
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: {
        containers: [
          {
            name,
            image: 'app:v1',
            ports: [{ containerPort: 5432 }],
            readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 5 },
          },
        ],
      },
    });
  }
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'default' },
    spec: { selector: { app: 'db' }, ports: [{ port: 80, targetPort: 5432 }] },
  });
  cluster.runUntil('30s');
  return cluster;
}

const apply = (cluster: ACluster, name: string, spec: NetworkPolicySpec): void =>
  cluster.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'default' },
    spec,
  });

/** What the client finds: "name" if the Service resolves, "answer" if it is reached. */
function found({ cluster }: ACluster): string {
  const from = { pod: 'default/client', node: cluster.get('Pod', 'default/client')?.spec.nodeName ?? '' };
  const resolves = cluster.surroundings.isMet(from, { resolves: 'db' });
  const reaches = cluster.surroundings.isMet(from, { reaches: 'db:80' });
  return [resolves && 'name', reaches && 'answer'].filter(Boolean).join(' ');
}

it('a policy that denies all ingress leaves the name and takes the answer; one that allows the client gives it back', () => {
  const cluster = aShop();
  expect(found(cluster)).toBe('name answer');
  apply(cluster, 'deny', { podSelector: {}, policyTypes: ['Ingress'] });
  cluster.runUntil('31s');
  expect(found(cluster)).toBe('name');
  const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
  // The pod's port, not the Service's.
  apply(cluster, 'allow', {
    podSelector: { matchLabels: { app: 'db' } },
    ingress: [{ from, ports: [{ port: 5432 }] }],
  });
  cluster.runUntil('32s');
  expect(found(cluster)).toBe('name answer');
});

it('a policy that denies all egress takes the name too, until DNS is allowed', () => {
  const cluster = aShop();
  apply(cluster, 'deny', { podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Egress'] });
  cluster.runUntil('31s');
  expect(found(cluster)).toBe('');
  const to = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }];
  const ports = [{ port: 53, protocol: 'UDP' }];
  apply(cluster, 'dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] });
  cluster.runUntil('32s');
  expect(found(cluster)).toBe('name');
});

it('probes pass whatever policies say', () => {
  const cluster = aShop();
  apply(cluster, 'deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  cluster.runUntil('5m');
  const conditions = cluster.cluster.get('Pod', 'default/db')?.status?.conditions;
  expect(conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
});
