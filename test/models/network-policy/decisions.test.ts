import type { NetworkPolicy, NetworkPolicySpec } from '../../../models/api/index.js';
import { isAllowed, type Party } from '../../../models/network-policy/decisions.js';

const policy = (spec: NetworkPolicySpec, namespace = 'shop'): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace },
  spec,
});

const party = (namespace: string, app: string, address = '10.244.0.2'): Party => ({
  address,
  pod: {
    namespace,
    namespaceLabels: { 'kubernetes.io/metadata.name': namespace },
    labels: { app },
    portNamed: (name) => (name === 'http' ? 8080 : undefined),
  },
});

const CART = party('shop', 'cart');
const DB = party('shop', 'db', '10.244.1.2');
const OTHER = party('else', 'cart', '10.244.2.2');
const OUTSIDE: Party = { address: '192.0.2.7' };
const HTTP = { port: 8080, protocol: 'TCP' };
const ALL = { podSelector: {} };
const TO_DB = { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] };
const NAMED_ELSE = { matchLabels: { 'kubernetes.io/metadata.name': 'else' } };

/** Of cart, a pod of another namespace, and somebody outside: who may connect to port 8080 of db. */
const whoReachesDb = (...policies: NetworkPolicySpec[]): string =>
  [
    ['cart', CART],
    ['other', OTHER],
    ['outside', OUTSIDE],
  ]
    .filter(([, from]) =>
      isAllowed(
        policies.map((spec) => policy(spec)),
        from as Party,
        DB,
        HTTP,
      ),
    )
    .map(([name]) => name)
    .join(' ');

describe('connections to a pod are allowed', () => {
  it.each([
    [
      'to all where no policy selects it',
      [{ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] }],
      'cart other outside',
    ],
    ['to nobody by a policy without rules', [{ ...ALL, policyTypes: ['Ingress'] }], ''],
    ['to all by an empty rule', [{ ...TO_DB, ingress: [{}] }], 'cart other outside'],
    [
      'to pods of its own namespace by a selector alone',
      [{ ...TO_DB, ingress: [{ from: [{ podSelector: {} }] }] }],
      'cart',
    ],
    ['to pods of a namespace', [{ ...TO_DB, ingress: [{ from: [{ namespaceSelector: NAMED_ELSE }] }] }], 'other'],
    [
      'to pods of all namespaces, not to the outside',
      [{ ...TO_DB, ingress: [{ from: [{ namespaceSelector: {} }] }] }],
      'cart other',
    ],
    [
      'to those that both selectors of one peer take in',
      [
        {
          ...TO_DB,
          ingress: [{ from: [{ namespaceSelector: NAMED_ELSE, podSelector: { matchLabels: { app: 'web' } } }] }],
        },
      ],
      '',
    ],
    ['to an address block', [{ ...TO_DB, ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] }], 'outside'],
    [
      'to an address block but for a part of it',
      [{ ...TO_DB, ingress: [{ from: [{ ipBlock: { cidr: '192.0.0.0/16', except: ['192.0.2.0/29'] } }] }] }],
      '',
    ],
    ['to the port', [{ ...TO_DB, ingress: [{ ports: [{ port: 8080 }] }] }], 'cart other outside'],
    ['by its name', [{ ...TO_DB, ingress: [{ ports: [{ port: 'http' }] }] }], 'cart other outside'],
    ['within a range', [{ ...TO_DB, ingress: [{ ports: [{ port: 8000, endPort: 8100 }] }] }], 'cart other outside'],
    ['not to another port', [{ ...TO_DB, ingress: [{ ports: [{ port: 80 }] }] }], ''],
    ['not by another protocol', [{ ...TO_DB, ingress: [{ ports: [{ port: 8080, protocol: 'UDP' }] }] }], ''],
    [
      'when one of several policies has a rule for it',
      [
        { ...ALL, policyTypes: ['Ingress'] },
        { ...TO_DB, ingress: [{ from: [{ podSelector: {} }] }] },
      ],
      'cart',
    ],
    ['whatever policies say of the other direction', [{ ...ALL, policyTypes: ['Egress'] }], 'other outside'],
  ])('%s', (_, policies, expected) => {
    expect(whoReachesDb(...(policies as NetworkPolicySpec[]))).toBe(expected);
  });

  it('in another namespace as its own policies say', () => {
    expect(isAllowed([policy({ ...ALL, policyTypes: ['Ingress'] }, 'else')], CART, DB, HTTP)).toBe(true);
  });

  it('from a pod by its egress rules', () => {
    const spec = {
      ...ALL,
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }] }],
    };
    expect(isAllowed([policy(spec)], CART, DB, HTTP)).toBe(true);
    expect(isAllowed([policy(spec)], CART, OTHER, HTTP)).toBe(false);
    expect(isAllowed([policy(spec)], CART, OUTSIDE, HTTP)).toBe(false);
  });
});
