import type { EndpointSlice, Service, ServiceSpec } from '../../../models/api/index.js';
import { answerTo, type DnsView, searchNames } from '../../../models/coredns/decisions.js';

const service = (name: string, spec: ServiceSpec): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec }) as Service;

const SERVICES = [
  service('web', { clusterIP: '10.96.1.1' }),
  service('cart', { clusterIP: 'None' }),
  service('empty', { clusterIP: 'None' }),
  service('pay', { type: 'ExternalName', externalName: 'pay.example.org.' }),
];

const ENDPOINTS = [
  { addresses: ['10.244.0.2'], hostname: 'cart-0', conditions: { ready: true } },
  { addresses: ['10.244.1.2'], conditions: { ready: true } },
  { addresses: ['10.244.1.3'], hostname: 'cart-2', conditions: { ready: false } },
];

const VIEW: DnsView = {
  hasNamespace: (namespace) => namespace === 'shop' || namespace === 'default',
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  slices: (_, name) =>
    name === 'cart'
      ? [{ addressType: 'IPv4', endpoints: ENDPOINTS, metadata: { name: 'cart-1' } } as unknown as EndpointSlice]
      : [],
};

describe('CoreDNS', () => {
  it.each([
    ['web.shop.svc.cluster.local', ['10.96.1.1']],
    ['cart.shop.svc.cluster.local', ['10.244.0.2', '10.244.1.2']],
    ['cart-0.cart.shop.svc.cluster.local', ['10.244.0.2']],
    ['10-244-1-2.cart.shop.svc.cluster.local', ['10.244.1.2']],
    ['10-244-9-9.shop.pod.cluster.local', ['10.244.9.9']],
  ])('answers for %s with %j', (name, addresses) => {
    expect(answerTo(name, VIEW)).toEqual({ rcode: 'NOERROR', addresses });
  });

  it.each([
    ['a Service that is not there', 'db.shop.svc.cluster.local'],
    ['a headless Service without ready endpoints', 'empty.shop.svc.cluster.local'],
    ['an endpoint that is not ready', 'cart-2.cart.shop.svc.cluster.local'],
    ['a namespace that is not there', 'web.else.svc.cluster.local'],
    ['a pod that is no address', 'cart-0.shop.pod.cluster.local'],
    ['something that is neither Service nor pod', 'web.shop.cluster.local'],
    ['a name without a dot', 'web'],
  ])('says NXDOMAIN to %s', (_, name) => {
    expect(answerTo(name, VIEW)).toEqual({ rcode: 'NXDOMAIN', addresses: [] });
  });

  it('leaves other names to others, and those that ExternalName Services stand for', () => {
    expect(answerTo('example.org', VIEW)).toMatchObject({ rcode: 'NOERROR', outside: 'example.org' });
    expect(answerTo('pay.shop.svc.cluster.local', VIEW)).toMatchObject({ outside: 'pay.example.org' });
  });

  it('has nothing to say of what only other names stand below', () => {
    expect(answerTo('shop.svc.cluster.local', VIEW)).toEqual({ rcode: 'NOERROR', addresses: [] });
  });
});

describe('a resolver in a pod', () => {
  it('asks for short names in its own namespace first', () => {
    expect(searchNames('web', 'shop')).toEqual([
      'web.shop.svc.cluster.local',
      'web.svc.cluster.local',
      'web.cluster.local',
      'web',
    ]);
  });

  it('asks for names with five dots or more as they are first, and for those with a dot at the end only so', () => {
    expect(searchNames('a.b.c.d.e.f', 'shop')[0]).toBe('a.b.c.d.e.f');
    expect(searchNames('web.shop.svc.cluster.local', 'shop')[0]).toBe(
      'web.shop.svc.cluster.local.shop.svc.cluster.local',
    );
    expect(searchNames('web.shop.svc.cluster.local.', 'shop')).toEqual(['web.shop.svc.cluster.local']);
  });
});
