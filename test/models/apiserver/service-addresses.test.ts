import type { Service, ServiceSpec } from '../../../models/api/index.js';
import { createApiServer, hooksFor } from '../../../models/apiserver/index.js';
import type { Draft, Reply } from '../../../models/client-go/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const aService = (name: string, spec: ServiceSpec): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec,
});
const PORTS = [{ port: 80 }];

/** An API server that defaults and validates; of 1.37 unless said otherwise. */
function aRegistry(version = '1.37') {
  const defaults = defaultsFor(version) as Defaults;
  return anApiServer({ kubernetesVersion: version, hooks: hooksFor(defaults) }).server.registry;
}
type Registry = ReturnType<typeof createApiServer>['registry'];

function created(registry: Registry, name: string, spec: ServiceSpec): ServiceSpec {
  const reply = registry.create('Service', aService(name, spec));
  if (!reply.ok) {
    throw new Error(reply.error.message);
  }
  return reply.object.spec as ServiceSpec;
}

const refusal = (reply: Reply<Service>): string | undefined =>
  reply.ok ? undefined : `${reply.error.code} ${reply.error.message}`;

const refused = (registry: Registry, name: string, spec: ServiceSpec): string | undefined =>
  refusal(registry.create('Service', aService(name, spec)));

/** `kubectl patch` of the spec. */
function patched(registry: Registry, name: string, change: Partial<ServiceSpec>): Reply<Service> {
  return registry.patch('Service', `default/${name}`, (service) => ({
    ...service,
    spec: { ...service.spec, ...change },
  }));
}

describe('a Service', () => {
  it('gets an address above the first 256 of the range', () => {
    // 10.96.0.0/12 ends with 10.111.255.255; of its 2^20 addresses min(max(16, 2^20/16), 256) are kept for those that people choose.
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ports } = created(aRegistry(), 'a', { ports: PORTS });
    expect(clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    expect(clusterIPs).toEqual([clusterIP]);
    expect([ipFamilies, ipFamilyPolicy]).toEqual([['IPv4'], 'SingleStack']);
    expect(ports?.[0]?.nodePort).toBeUndefined();
  });

  it('gets ports of the node above the first 86 of 30000-32767 when it asks for them, and keeps the ones it names', () => {
    const registry = aRegistry();
    // 2,768 ports: min(max(16, 2768/32), 128) = 86 are kept, so 30086 is the first that is drawn (gate ServiceNodePortStaticSubrange).
    for (let i = 0; i < 50; i++) {
      const { ports } = created(registry, `s${i}`, { type: 'NodePort', ports: PORTS });
      expect(ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_086);
      expect(ports?.[0]?.nodePort).toBeLessThanOrEqual(32_767);
    }
    const chosen = created(registry, 'chosen', { type: 'NodePort', ports: [{ port: 443, nodePort: 30_001 }] });
    expect(chosen.ports?.[0]?.nodePort).toBe(30_001);
  });

  it('shares one port of the node between the protocols of one port', () => {
    const ports = [
      { name: 'tcp', port: 53, protocol: 'TCP' },
      { name: 'udp', port: 53, protocol: 'UDP' },
    ];
    const spec = created(aRegistry(), 'dns', { type: 'NodePort', ports });
    expect(spec.ports?.[0]?.nodePort).toBe(spec.ports?.[1]?.nodePort);
  });

  it('keeps what it came with: no address, or one that was chosen', () => {
    const registry = aRegistry();
    expect(created(registry, 'a', { clusterIP: 'None', selector: { app: 'a' } })).toMatchObject({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect(created(registry, 'b', { type: 'ExternalName', externalName: 'example.org' }).clusterIP).toBeUndefined();
    expect(created(registry, 'c', { clusterIP: '10.96.0.10', ports: PORTS }).clusterIP).toBe('10.96.0.10');
  });

  it('is of both families when it is headless and has no selector, whatever the cluster serves', () => {
    expect(created(aRegistry(), 'a', { clusterIP: 'None' })).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    });
  });

  it('of type LoadBalancer gets a port for health checks when it keeps traffic local', () => {
    const registry = aRegistry();
    const spec = created(registry, 'a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: PORTS });
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_086);
    expect(spec.healthCheckNodePort).not.toBe(spec.ports?.[0]?.nodePort);
    const closed = created(registry, 'b', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: PORTS });
    expect(closed.ports?.[0]?.nodePort).toBeUndefined();
  });
});

describe('what another Service has', () => {
  it('is refused, as an address and as a port', () => {
    const registry = aRegistry();
    created(registry, 'a', { type: 'NodePort', clusterIP: '10.96.0.20', ports: [{ port: 80, nodePort: 30_080 }] });
    expect(refused(registry, 'b', { clusterIP: '10.96.0.20', ports: PORTS })).toBe(
      '422 Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.20"]: failed to allocate IP 10.96.0.20: provided IP is already allocated',
    );
    expect(refused(registry, 'c', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] })).toBe(
      '422 Service "c" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(registry.get('Service', 'default/b')).toBeUndefined();
    registry.delete('Service', 'default/a', {});
    expect(refused(registry, 'b', { clusterIP: '10.96.0.20', ports: PORTS })).toBeUndefined();
  });

  it('is told after the mistakes of the object itself', () => {
    const registry = aRegistry();
    created(registry, 'a', { clusterIP: '10.96.0.20', ports: PORTS });
    expect(refused(registry, 'b', { type: 'Node', clusterIP: '10.96.0.20', ports: PORTS })).toBe(
      '422 Service "b" is invalid: spec.type: Unsupported value: "Node": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    );
  });

  it.each([
    [
      { clusterIP: '10.0.0.1', ports: PORTS },
      'spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ],
    [
      { type: 'NodePort', ports: [{ port: 80, nodePort: 8080 }] },
      'spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [
      { ipFamilyPolicy: 'RequireDualStack', ports: PORTS },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      { ipFamilies: ['IPv6'], ports: PORTS },
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      { clusterIP: 'fd00::1', ports: PORTS },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
  ])('outside of what the cluster has is refused too: %j', (spec, why) => {
    expect(refused(aRegistry(), 'a', spec as ServiceSpec)).toBe(`422 Service "a" is invalid: ${why}`);
  });

  it('may be preferred in both families: it then has the one there is', () => {
    expect(created(aRegistry(), 'a', { ipFamilyPolicy: 'PreferDualStack', ports: PORTS })).toMatchObject({
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'PreferDualStack',
    });
  });
});

describe('a Service that changes', () => {
  it('keeps its address when it is applied again without one', () => {
    const registry = aRegistry();
    const before = created(registry, 'a', { type: 'NodePort', ports: PORTS });
    registry.update('Service', aService('a', { type: 'NodePort', ports: [{ port: 8080 }] }) as Service);
    const after = registry.get('Service', 'default/a')?.spec;
    expect(after).toMatchObject({ clusterIP: before.clusterIP, ipFamilies: ['IPv4'], ports: [{ port: 8080 }] });
    // The port is known by its name, which both leave out.
    expect(after?.ports?.[0]?.nodePort).toBe(before.ports?.[0]?.nodePort);
  });

  it('gets what its new type needs, and loses what it does not', () => {
    const registry = aRegistry();
    const { clusterIP } = created(registry, 'a', { ports: PORTS });
    patched(registry, 'a', { type: 'NodePort' });
    const open = registry.get('Service', 'default/a')?.spec;
    expect(open?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(open).toMatchObject({ clusterIP, externalTrafficPolicy: 'Cluster' });
    patched(registry, 'a', { type: 'ClusterIP' });
    const closed = registry.get('Service', 'default/a')?.spec;
    expect(closed?.clusterIP).toBe(clusterIP);
    expect(closed?.ports?.[0]?.nodePort).toBeUndefined();
    expect(closed?.externalTrafficPolicy).toBeUndefined();
    patched(registry, 'a', { type: 'ExternalName', externalName: 'example.org' });
    expect(registry.get('Service', 'default/a')?.spec?.clusterIP).toBeUndefined();
    expect(created(registry, 'b', { clusterIP: clusterIP as string, ports: PORTS }).clusterIP).toBe(clusterIP);
  });

  it('cannot take the port of another', () => {
    const registry = aRegistry();
    created(registry, 'a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });
    created(registry, 'b', { ports: PORTS });
    expect(refusal(patched(registry, 'b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }))).toBe(
      '422 Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
  });

  it('cannot change its address', () => {
    const registry = aRegistry();
    created(registry, 'a', { clusterIP: '10.96.0.20', ports: PORTS });
    expect(refusal(patched(registry, 'a', { clusterIP: '10.96.0.21', clusterIPs: ['10.96.0.21'] }))).toBe(
      '422 Service "a" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.21"]: may not change once set',
    );
  });
});

describe('a Service of 1.23', () => {
  it('is dealt addresses and ports of the whole range', () => {
    const registry = aRegistry('1.23');
    const ports = Array.from({ length: 200 }, (_, i) => created(registry, `s${i}`, { type: 'NodePort', ports: PORTS }));
    // Of 200 draws from 2,768 ports, none under 30086 would be a chance of (1 - 86/2768)^200 = 0.2 %.
    expect(ports.some((spec) => (spec.ports?.[0]?.nodePort ?? 0) < 30_086)).toBe(true);
  });
});
