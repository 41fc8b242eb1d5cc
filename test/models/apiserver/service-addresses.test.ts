import type { Service } from '../../../models/api/index.js';
import type { Draft } from '../../../models/client-go/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const aService = (name: string, spec: NonNullable<Service['spec']>): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec,
});

function created(...services: Draft<Service>[]) {
  const { registry } = anApiServer().server;
  return services.map((service) => {
    const reply = registry.create('Service', service);
    return reply.ok ? reply.object.spec : undefined;
  });
}

describe('a Service', () => {
  it('gets an address above the first 256 of the range, and ports of the node when it asks for them', () => {
    const ports = [{ port: 80 }, { port: 443, nodePort: 30443 }];
    const [plain, open] = created(aService('a', { ports }), aService('b', { type: 'NodePort', ports }));
    // 10.96.0.0/12 ends with 10.111.255.255; 10.96.0.1 to 10.96.1.0 are kept for addresses that people choose.
    expect(plain?.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    expect(plain).toMatchObject({
      clusterIPs: [plain?.clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect(plain?.ports?.[0]?.nodePort).toBeUndefined();
    expect(open?.clusterIP).not.toBe(plain?.clusterIP);
    expect(open?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30000);
    expect(open?.ports?.[0]?.nodePort).toBeLessThanOrEqual(32767);
    expect(open?.ports?.[1]?.nodePort).toBe(30443);
  });

  it('keeps what it came with: no address, or one that was chosen', () => {
    const [headless, external, chosen] = created(
      aService('a', { clusterIP: 'None' }),
      aService('b', { type: 'ExternalName', externalName: 'example.org' }),
      aService('c', { clusterIP: '10.96.0.10' }),
    );
    expect(headless?.clusterIPs).toEqual(['None']);
    expect(external?.clusterIP).toBeUndefined();
    expect(chosen?.clusterIP).toBe('10.96.0.10');
  });

  it('keeps its address when it is applied again without one', () => {
    const { registry } = anApiServer().server;
    const service = aService('a', { ports: [{ port: 80 }] });
    registry.create('Service', service);
    const before = registry.get('Service', 'default/a');
    const update = { ...service, spec: { ports: [{ port: 8080 }] } } as unknown as Service;
    registry.update('Service', update);
    expect(registry.get('Service', 'default/a')?.spec).toMatchObject({
      clusterIP: before?.spec?.clusterIP,
      ports: [{ port: 8080 }],
    });
  });
});
