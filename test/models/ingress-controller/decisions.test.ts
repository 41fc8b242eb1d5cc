import type { Ingress, IngressSpec } from '../../../models/api/index.js';
import { backendOf } from '../../../models/ingress-controller/decisions.js';

const backend = (name: string) => ({ service: { name, port: { number: 80 } } });

const path = (text: string, service: string, pathType = 'Prefix') => ({
  path: text,
  pathType,
  backend: backend(service),
});

const ingress = (spec: IngressSpec): Ingress =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'i', namespace: 'shop' },
    spec,
  }) as Ingress;

const RULES = ingress({
  defaultBackend: backend('fallback'),
  rules: [
    {
      host: 'shop.example.org',
      http: { paths: [path('/', 'root'), path('/cart', 'cart'), path('/cart', 'exact', 'Exact')] },
    },
    { host: '*.example.org', http: { paths: [path('/', 'wildcard')] } },
    { http: { paths: [path('/status', 'any')] } },
  ],
});

describe('a request leads to', () => {
  it.each([
    ['the longest prefix', 'shop.example.org', '/cart/items', 'cart'],
    ['an exact path before a prefix of the same length', 'shop.example.org', '/cart', 'exact'],
    ['a prefix by whole elements only', 'shop.example.org', '/cartoon', 'root'],
    ['a wildcard of one label', 'blog.example.org', '/', 'wildcard'],
    ['not a wildcard of two', 'a.b.example.org', '/', 'fallback'],
    ['a rule without a host', 'else.test', '/status/now', 'any'],
    ['the default', 'else.test', '/', 'fallback'],
  ])('%s', (_, host, wanted, service) => {
    expect(backendOf([RULES], host, wanted)?.service).toBe(service);
  });

  it('nowhere where nothing fits', () => {
    expect(backendOf([ingress({ rules: [] })], 'shop.example.org', '/')).toBeUndefined();
  });
});
