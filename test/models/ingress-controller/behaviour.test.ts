import { seconds } from '../../../engine/index.js';
import type { Ingress } from '../../../models/api/index.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

const INGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'default' },
  spec: {
    rules: [
      {
        host: 'shop.example.org',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
} as const;

const addressOf = ({ cluster }: ACluster): string | undefined =>
  (cluster.get('Ingress', 'default/shop') as Ingress | undefined)?.status?.loadBalancer?.ingress?.[0]?.ip;

describe('an Ingress', () => {
  it('has no address where there is no ingress controller', () => {
    const cluster = aCluster();
    cluster.apply(INGRESS);
    cluster.runUntil('10m');
    expect(addressOf(cluster)).toBeUndefined();
  });

  it('gets one at the next minute of the controller', () => {
    const cluster = aCluster({ world: { ingressStatusInterval: seconds(60) } });
    cluster.runUntil('40s');
    cluster.apply(INGRESS);
    // The controller started at -30 s: its passes are at 30 s, 90 s, …
    cluster.runUntil('90s');
    expect(addressOf(cluster)).toBeUndefined();
    cluster.runUntil('91s');
    expect(addressOf(cluster)).toBe('203.0.113.254');
    expect(cluster.events('shop')).toEqual(['Sync: Scheduled for sync']);
  });

  it('of a class of somebody else gets none', () => {
    const cluster = aCluster({ world: { ingressStatusInterval: seconds(60) } });
    cluster.apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'alb' },
      spec: { controller: 'ingress.k8s.aws/alb' },
    });
    cluster.apply({ ...INGRESS, spec: { ...INGRESS.spec, ingressClassName: 'alb' } });
    cluster.runUntil('5m');
    expect(addressOf(cluster)).toBeUndefined();
  });

  it('serves what runs behind it, and nothing while nobody does', () => {
    const cluster = aCluster({ looksAtTraffic: true });
    const isServed = (url: string): boolean => cluster.cluster.surroundings.serves(url);
    cluster.apply(INGRESS);
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    cluster.runUntil('10s');
    expect(isServed('shop.example.org/cart')).toBe(false);
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'app:v1', ports: [{ containerPort: 8080 }] }] },
    });
    cluster.runUntil('30s');
    expect(isServed('shop.example.org/cart')).toBe(true);
    expect(isServed('blog.example.org/')).toBe(false);
    const pod = cluster.cluster.get('Pod', 'default/web');
    cluster.cluster.node(pod?.spec.nodeName ?? '')?.machine.powerOff();
    expect(isServed('shop.example.org/cart')).toBe(false);
  });
});
