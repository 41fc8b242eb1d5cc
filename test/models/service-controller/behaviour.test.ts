import { constant, seconds } from '../../../engine/index.js';
import type { Service } from '../../../models/api/index.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'web' } },
} as const;

/** A cluster whose cloud takes 20 s for everything. */
const inACloud = (kubernetesVersion = '1.37'): ACluster =>
  aCluster({ kubernetesVersion, nodes: ['n0', 'n1', 'n2'], world: { loadBalancer: constant(seconds(20)) } });

const web = ({ cluster }: ACluster): Service | undefined => cluster.get('Service', 'default/web');
const ingress = (cluster: ACluster): unknown => web(cluster)?.status?.loadBalancer?.ingress;

describe('a Service of type LoadBalancer', () => {
  it('stays pending where there is no cloud', () => {
    const cluster = aCluster();
    cluster.apply(SERVICE);
    cluster.runUntil('10m');
    expect(ingress(cluster)).toBeUndefined();
    expect(web(cluster)?.spec?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  });

  it('has an address as soon as the cloud has made the balancer', () => {
    const cluster = inACloud();
    cluster.apply(SERVICE);
    // Request and watch 7 ms, a patch for the finalizer 4 ms, the cloud 20 s, the status 2 ms.
    cluster.runUntil('20s');
    expect(ingress(cluster)).toBeUndefined();
    expect(web(cluster)?.metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    cluster.runUntil('20100ms');
    expect(ingress(cluster)).toEqual([{ ip: '203.0.113.1', ipMode: 'VIP' }]);
    expect(cluster.events('web')).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
    ]);
  });

  it('is gone when the cloud has deleted the balancer, not before', () => {
    const cluster = inACloud();
    cluster.apply(SERVICE);
    cluster.runUntil('30s');
    cluster.cluster.user.delete('Service', 'default/web', {}, () => {});
    cluster.runUntil('50s');
    expect(web(cluster)?.metadata.deletionTimestamp).toBeDefined();
    cluster.runUntil('50100ms');
    expect(web(cluster)).toBeUndefined();
    expect(cluster.events('web').slice(2)).toEqual([
      'DeletingLoadBalancer: Deleting load balancer',
      'DeletedLoadBalancer: Deleted load balancer',
    ]);
  });

  it('that becomes a ClusterIP loses its balancer', () => {
    const cluster = inACloud();
    cluster.apply(SERVICE);
    cluster.runUntil('30s');
    cluster.cluster.user.patch(
      'Service',
      'default/web',
      (service) => ({ ...service, spec: { ...service.spec, type: 'ClusterIP' } }),
      () => {},
    );
    cluster.runUntil('51s');
    expect(web(cluster)?.metadata.finalizers).toBeUndefined();
    expect(ingress(cluster)).toBeUndefined();
  });

  it('of another class is left alone', () => {
    const cluster = inACloud();
    cluster.apply({ ...SERVICE, spec: { ...SERVICE.spec, loadBalancerClass: 'example.org/own' } });
    cluster.runUntil('1m');
    expect(ingress(cluster)).toBeUndefined();
  });

  it.each([
    // StableLoadBalancerNodeSet: readiness does not count, the balancer's health checks see to it.
    ['1.37', 0],
    // Unready after 40 to 45 s, then 20 s in the cloud.
    ['1.23', 1],
  ])('is pointed at other nodes when one dies: in %s %i times', (version, count) => {
    const cluster = inACloud(version);
    cluster.apply(SERVICE);
    cluster.runUntil('1m');
    cluster.cluster.node('n1')?.machine.powerOff();
    cluster.runUntil('3m');
    const updates = cluster.events('web').filter((event) => event.startsWith('UpdatedLoadBalancer'));
    expect(updates).toHaveLength(count);
  });

  it.each(['1.37', '1.23'])('is pointed at other nodes when one is deleted (%s)', (version) => {
    const cluster = inACloud(version);
    cluster.apply(SERVICE);
    cluster.runUntil('1m');
    cluster.cluster.node('n1')?.machine.powerOff();
    cluster.cluster.user.delete('Node', 'n1', {}, () => {});
    cluster.runUntil('2m');
    expect(cluster.events('web')).toContain('UpdatedLoadBalancer: Updated load balancer with new hosts');
  });
});
