import { seconds } from '../../../engine/index.js';
import type { EndpointSlice, Endpoints, Pod, Service } from '../../../models/api/index.js';
import type { Draft } from '../../../models/client-go/index.js';
import {
  createEndpointSliceMirroringController,
  createEndpointsController,
  endpointsControllerConfiguration,
  mirroringControllerConfiguration,
} from '../../../models/endpointslice-controller/index.js';
import { isOverCapacity, subsetsOf, truncated } from '../../../models/endpointslice-controller/legacy/decisions.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';
import type { AnApiServer } from '../../helpers/an-api-server.js';

const START_TIME = 1_767_225_600; // 2026-01-01T00:00:00Z

const aCluster = (kubernetesVersion = '1.37'): AnApiServer =>
  aControlPlane({
    kubernetesVersion,
    nodes: ['n1'],
    controllers: [
      (context, defaults) => createEndpointsController(context, endpointsControllerConfiguration(defaults, START_TIME)),
      (context, defaults) =>
        createEndpointSliceMirroringController(context, mirroringControllerConfiguration(defaults)),
    ],
  });

const service = (spec: Partial<Service['spec']> = {}): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels: { team: 'shop' } },
  spec: { clusterIP: '10.96.0.1', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

const pod = (name: string): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'app:v1' }], terminationGracePeriodSeconds: 30 },
});

const endpointsOf = (cluster: AnApiServer): Endpoints | undefined => cluster.server.get('Endpoints', 'default/web');
const shown = (cluster: AnApiServer): readonly string[] =>
  (endpointsOf(cluster)?.subsets ?? []).map(
    ({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      `${addresses.length}/${notReadyAddresses.length} ${ports.map(({ port }) => port)}`,
  );

describe('the Endpoints of a Service', () => {
  it('are there without pods, and go with the Service', () => {
    const cluster = aCluster();
    cluster.simulation.runUntil(seconds(5));
    cluster.user.create('Service', service(), () => {});
    cluster.simulation.runUntil(seconds(6));
    expect(endpointsOf(cluster)).toMatchObject({
      metadata: {
        name: 'web',
        labels: { team: 'shop', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:05Z' },
      },
    });
    expect(shown(cluster)).toEqual([]);
    cluster.user.delete('Service', 'default/web', {}, () => {});
    cluster.simulation.runUntil(seconds(7));
    expect(endpointsOf(cluster)).toBeUndefined();
  });

  it('name the pods that are ready, and without a label in 1.23', () => {
    const cluster = aCluster('1.23');
    cluster.user.create('Service', service(), () => {});
    cluster.user.create('Pod', pod('a'), () => {});
    cluster.user.create('Pod', pod('b'), () => {});
    cluster.simulation.runUntil(seconds(10));
    expect(shown(cluster)).toEqual(['2/0 8080']);
    expect(endpointsOf(cluster)?.metadata.labels).toEqual({ team: 'shop' });
    expect(endpointsOf(cluster)?.subsets?.[0]?.addresses?.[0]).toMatchObject({
      nodeName: 'n1',
      targetRef: { kind: 'Pod', name: 'a' },
    });
  });

  it('leave a pod out as soon as it is to be deleted', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service(), () => {});
    cluster.user.create('Pod', pod('a'), () => {});
    cluster.user.create('Pod', pod('b'), () => {});
    cluster.simulation.runUntil(seconds(10));
    cluster.user.delete('Pod', 'default/a', {}, () => {});
    cluster.simulation.runUntil(seconds(10) + 50_000);
    expect(shown(cluster)).toEqual(['1/0 8080']);
  });

  it('of a Service without a selector are not touched, but mirrored', () => {
    const cluster = aCluster();
    cluster.user.create('Service', service({ selector: undefined }), () => {});
    const own: Draft<Endpoints> = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'web', namespace: 'default' },
      subsets: [
        { addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 443 }] },
        { addresses: [{ ip: '2001:db8::1' }], ports: [{ port: 443 }] },
      ],
    };
    cluster.user.create('Endpoints', own, () => {});
    cluster.simulation.runUntil(seconds(1));
    const slices = (): readonly EndpointSlice[] => [...cluster.server.list('EndpointSlice')];
    expect(slices().map(({ addressType, endpoints }) => [addressType, endpoints])).toEqual([
      [
        'IPv4',
        [
          { addresses: ['192.0.2.1'], conditions: { ready: true } },
          { addresses: ['192.0.2.2'], conditions: { ready: false } },
        ],
      ],
      ['IPv6', [{ addresses: ['2001:db8::1'], conditions: { ready: true } }]],
    ]);
    expect(slices()[0]?.metadata).toMatchObject({
      labels: {
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      ownerReferences: [{ kind: 'Endpoints', name: 'web', controller: true }],
    });
    cluster.user.patch(
      'Endpoints',
      'default/web',
      (now) => ({ ...now, subsets: own.subsets?.slice(1) }),
      () => {},
    );
    cluster.simulation.runUntil(seconds(2));
    expect(slices().map(({ addressType }) => addressType)).toEqual(['IPv6']);
    cluster.user.patch(
      'Service',
      'default/web',
      (now) => ({ ...now, spec: { ...now.spec, selector: { a: 'b' } } }),
      () => {},
    );
    cluster.simulation.runUntil(seconds(3));
    expect(slices()).toEqual([]);
  });
});

const readyPod = (name: string, ip: string, isReady = true): Pod =>
  ({
    ...pod(name),
    metadata: { name, namespace: 'default', uid: name },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  }) as unknown as Pod;

describe('subsets', () => {
  const two = service({
    ports: [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ],
  }) as Service;

  it('hold addresses with the same ports, in the order of the addresses', () => {
    const pods = [readyPod('x', '10.0.0.10'), readyPod('y', '10.0.0.9'), readyPod('z', '10.0.0.3', false)];
    expect(subsetsOf(two, pods)).toEqual([
      {
        addresses: [expect.objectContaining({ ip: '10.0.0.9' }), expect.objectContaining({ ip: '10.0.0.10' })],
        notReadyAddresses: [expect.objectContaining({ ip: '10.0.0.3' })],
        ports: [
          { name: 'a', port: 1, protocol: 'TCP' },
          { name: 'b', port: 2, protocol: 'TCP' },
        ],
      },
    ]);
  });

  it('take what is not ready for ready where the Service publishes it', () => {
    const publishing = service({ publishNotReadyAddresses: true }) as Service;
    expect(subsetsOf(publishing, [readyPod('z', '10.0.0.3', false)])[0]?.addresses).toHaveLength(1);
  });

  it('are cut to 1000 addresses, the ready ones first', () => {
    const addresses = (count: number): { ip: string }[] => Array.from({ length: count }, (_, i) => ({ ip: `${i}` }));
    const subsets = [
      { addresses: addresses(600), notReadyAddresses: addresses(100) },
      { addresses: addresses(300), notReadyAddresses: addresses(300) },
    ];
    expect(isOverCapacity(subsets)).toBe(true);
    // 100 are left for 400: ceil(100/400 × 100) = 25 and ceil(300/400 × 100) = 75.
    expect(
      truncated(subsets).map(({ addresses: ready, notReadyAddresses: not }) => [ready?.length, not?.length]),
    ).toEqual([
      [600, 25],
      [300, 75],
    ]);
    const ready = [{ addresses: addresses(900) }, { addresses: addresses(600) }];
    // ceil(900/1500 × 1000) = 600, ceil(600/1500 × 1000) = 400.
    expect(truncated(ready).map(({ addresses: of }) => of?.length)).toEqual([600, 400]);
  });
});
