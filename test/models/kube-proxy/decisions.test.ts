import type { EndpointSlice, Service, ServiceSpec } from '../../../models/api/index.js';
import { type RoutingFeatures, routeTo, rulesOf } from '../../../models/kube-proxy/decisions.js';

const NOW: RoutingFeatures = { usesTerminating: true, usesZoneHints: true, usesNodeHints: true };
const BEFORE: RoutingFeatures = { usesTerminating: false, usesZoneHints: false, usesNodeHints: false };
const HERE = { node: 'n1', zone: 'a' };

/** "n1", "n2 not-ready", "n1 ending" (serves, terminates), "n1 ended" (terminates only), "n2 @b" (hint for zone b), "n2 @b @n2" (and for node n2). */
function slice(...texts: readonly string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default' },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: texts.map((text, i) => {
      const [nodeName = '', ...marks] = text.split(' ');
      const hints = marks.filter((mark) => mark.startsWith('@')).map((mark) => ({ name: mark.slice(1) }));
      const terminating = marks.includes('ending') || marks.includes('ended');
      return {
        addresses: [`10.0.0.${i + 1}`],
        nodeName,
        conditions: {
          ready: !terminating && !marks.includes('not-ready'),
          serving: !marks.includes('ended') && !marks.includes('not-ready'),
          terminating,
        },
        ...(hints.length > 0 && { hints: { forZones: hints.slice(0, 1), forNodes: hints.slice(1) } }),
      };
    }),
  } as EndpointSlice;
}

/** Last numbers of the addresses used, or what becomes of connections without one. */
function used(texts: readonly string[], spec: ServiceSpec = {}, features = NOW, from: 'inside' | 'outside' = 'inside') {
  const service = { metadata: { name: 'web', namespace: 'default' }, spec } as Service;
  const { endpoints, otherwise } = routeTo(rulesOf(service, [slice(...texts)]), '', HERE, from, features);
  return endpoints.length > 0 ? endpoints.map(({ address }) => Number(address.split('.')[3])) : otherwise;
}

describe('connections to a Service go', () => {
  it.each([
    ['to ready endpoints', ['n1', 'n2', 'n3 not-ready', 'n1 ending'], [1, 2]],
    ['to those that end and still serve when none is ready', ['n1 ending', 'n2 not-ready', 'n3 ended'], [1]],
    ['nowhere when none serves: refused', ['n1 not-ready', 'n2 ended'], 'refused'],
    ['nowhere without endpoints: refused', [], 'refused'],
  ])('%s', (_, texts, expected) => {
    expect(used(texts)).toEqual(expected);
  });

  it('to no terminating endpoint in 1.23', () => {
    expect(used(['n1 ending', 'n2 not-ready'], {}, BEFORE)).toBe('refused');
  });

  it.each([
    ['to the ready ones of the node', ['n1', 'n2', 'n1 ending'], [1]],
    ['to ending ones of the node before ready ones elsewhere', ['n1 ending', 'n2'], [1]],
    ['nowhere when all are elsewhere: dropped', ['n2', 'n3'], 'timeout'],
    ['nowhere when there is none at all: refused', ['n1 not-ready'], 'refused'],
  ])('with internalTrafficPolicy Local %s', (_, texts, expected) => {
    expect(used(texts, { internalTrafficPolicy: 'Local' })).toEqual(expected);
  });

  it('by the policy for where they come from', () => {
    const spec = { internalTrafficPolicy: 'Cluster', externalTrafficPolicy: 'Local' };
    expect(used(['n1', 'n2'], spec, NOW, 'inside')).toEqual([1, 2]);
    expect(used(['n1', 'n2'], spec, NOW, 'outside')).toEqual([1]);
  });

  it.each([
    ['to the zone when every ready endpoint has a hint and one is for it', ['n1 @a', 'n2 @b', 'n3 @a'], [1, 3]],
    ['everywhere when a ready endpoint has no hint', ['n1 @a', 'n2 @b', 'n3'], [1, 2, 3]],
    ['everywhere when no hint is for the zone', ['n2 @b', 'n3 @c'], [1, 2]],
    ['to the zone whatever endpoints without a hint that are not ready', ['n1 @a', 'n2 not-ready', 'n3 @b'], [1]],
    ['to the node when every ready endpoint has a hint for one, and one is for it', ['n1 @a @n1', 'n2 @a @n2'], [1]],
    ['to the zone when no hint is for the node', ['n2 @a @n2', 'n3 @b @n3'], [1]],
  ])('with hints %s', (_, texts, expected) => {
    expect(used(texts)).toEqual(expected);
  });

  it('past all hints in 1.23', () => {
    expect(used(['n1 @a', 'n2 @b'], {}, BEFORE)).toEqual([1, 2]);
  });
});
