import { milliseconds, seconds } from '../../../engine/index.js';
import type { EndpointSlice, Pod, Service } from '../../../models/api/index.js';
import type { ControllerContext, Draft } from '../../../models/client-go/index.js';
import {
  createEndpointSliceController,
  endpointSliceControllerConfiguration,
} from '../../../models/endpointslice-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const aCluster = (flags: Record<string, string> = {}): AnApiServer =>
  aControlPlane({
    nodes: ['n1', 'n2'],
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createEndpointSliceController(context, endpointSliceControllerConfiguration(defaults, flags)),
    ],
  });

const service = (spec: Partial<Service['spec']> = {}): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels: { team: 'shop' } },
  spec: { clusterIP: '10.96.0.1', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

const pod = (name: string, annotations: Record<string, string> = {}): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' }, annotations },
  spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
});

const slices = (cluster: AnApiServer): EndpointSlice[] => [...cluster.server.list('EndpointSlice')];

/** "name ready serving terminating" of every endpoint, as the recorded traces write it. */
const endpoints = (cluster: AnApiServer): string[] =>
  slices(cluster)
    .flatMap((slice) => slice.endpoints ?? [])
    .map(({ targetRef, conditions }) => {
      const flag = (on: boolean | undefined): number => Number(on ?? false);
      return `${targetRef?.name} r${flag(conditions?.ready)}s${flag(conditions?.serving)}t${flag(conditions?.terminating)}`;
    })
    .sort();

describe('the EndpointSlices of a Service', () => {
  it('are one empty slice as long as no pod is there', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service(), () => {});
    cluster.simulation.runUntil(seconds(1));
    const [slice, ...others] = slices(cluster) as [EndpointSlice];
    expect(others).toEqual([]);
    expect(slice.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(slice.metadata.labels).toEqual({
      team: 'shop',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    expect(slice.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Service', name: 'web', controller: true });
    expect(slice.endpoints ?? []).toEqual([]);
  });

  it('follow a pod from not ready to ready, terminating, and gone', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service(), () => {});
    cluster.user.create('Pod', pod('a', { 'sim/ready-after': '5', 'sim/term-after': '3' }), () => {});
    // Running (with an address) 1 s after the binding, Ready 5 s after it; a few calls and watch events of 3 to 4 ms in between.
    cluster.simulation.runUntil(seconds(0.9));
    expect(endpoints(cluster)).toEqual([]);
    cluster.simulation.runUntil(seconds(1.1));
    expect(endpoints(cluster)).toEqual(['a r0s0t0']);
    cluster.simulation.runUntil(seconds(5.1));
    expect(endpoints(cluster)).toEqual(['a r1s1t0']);
    cluster.user.delete('Pod', 'default/a', {}, () => {});
    cluster.simulation.runUntil(seconds(5.2));
    expect(endpoints(cluster)).toEqual(['a r0s1t1']);
    cluster.simulation.runUntil(seconds(8.3));
    expect(endpoints(cluster)).toEqual([]);
    expect(slices(cluster)).toHaveLength(1);
  });

  it('call pods ready that are not, if the Service says so', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service({ publishNotReadyAddresses: true, clusterIP: 'None' }), () => {});
    cluster.user.create('Pod', pod('a', { 'sim/ready-after': 'never' }), () => {});
    cluster.simulation.runUntil(seconds(2));
    expect(endpoints(cluster)).toEqual(['a r1s0t0']);
    expect(slices(cluster)[0]?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  });

  it('hold a hundred endpoints each, and as few slices as possible are written', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service(), () => {});
    for (let i = 0; i < 150; i++) {
      cluster.user.create('Pod', pod(`p${String(i).padStart(3, '0')}`), () => {});
    }
    cluster.simulation.runUntil(seconds(5));
    const sizes = (): number[] =>
      slices(cluster)
        .map((slice) => slice.endpoints?.length ?? 0)
        .sort((a, b) => b - a);
    expect(sizes()).toEqual([100, 50]);
    const before = slices(cluster);
    cluster.user.delete('Pod', 'default/p149', { gracePeriodSeconds: 0 }, () => {});
    cluster.simulation.runUntil(seconds(8));
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(149);
    expect(slices(cluster).filter((slice) => before.includes(slice))).toHaveLength(1);
  });

  it('are left alone for a Service without selector', () => {
    const cluster = aCluster();
    const { selector: _, ...spec } = service().spec ?? {};
    cluster.user.create('Service', { ...service(), spec }, () => {});
    cluster.user.create('Pod', pod('a'), () => {});
    cluster.simulation.runUntil(seconds(3));
    expect(slices(cluster)).toEqual([]);
  });

  it('are put right a second after somebody else changed them', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service(), () => {});
    cluster.user.create('Pod', pod('a'), () => {});
    cluster.simulation.runUntil(seconds(10));
    const key = `default/${slices(cluster)[0]?.metadata.name}`;
    cluster.user.patch(
      'EndpointSlice',
      key,
      (slice) => ({ ...slice, endpoints: [] }),
      () => {},
    );
    // Patched at 10.002 s, seen at 10.005 s: 1 s later, not before.
    cluster.simulation.runUntil(seconds(11));
    expect(endpoints(cluster)).toEqual([]);
    cluster.simulation.runUntil(seconds(11.05));
    expect(endpoints(cluster)).toEqual(['a r1s1t0']);
  });

  it('wait for more changes when a batch period is set', () => {
    const cluster = aCluster({ 'endpointslice-updates-batch-period': '500ms' });
    cluster.user.create('Service', service(), () => {});
    cluster.simulation.runUntil(seconds(10));
    cluster.user.create('Pod', pod('a'), () => {});
    // Created at 10.002 s, bound and running 1 s later at about 11.02 s.
    cluster.simulation.runUntil(seconds(11.5));
    expect(endpoints(cluster)).toEqual([]);
    cluster.simulation.runUntil(seconds(11.53) + milliseconds(5));
    expect(endpoints(cluster)).toEqual(['a r1s1t0']);
  });
});
