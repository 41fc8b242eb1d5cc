import fc from 'fast-check';
import { keyOf, type Pod } from '../../../models/api/index.js';
import { InformerCache } from '../../../models/client-go/index.js';

const pod = (name: string, node: string, app: string, owner: string | undefined): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    labels: { app },
    ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner, controller: true }] }),
  },
  spec: { nodeName: node, containers: [] },
});

const names = (pods: Iterable<Pod>): readonly string[] => [...pods].map(({ metadata }) => metadata.name).sort();

describe('the cache of an informer', () => {
  it('keeps its indexes equal to a look at every object, under any sequence of events', () => {
    const event = fc.record({
      isEnd: fc.boolean(),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      node: fc.constantFrom('', 'n1', 'n2'),
      app: fc.constantFrom('x', 'y'),
      owner: fc.constantFrom(undefined, 'o1', 'o2'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const cache = new InformerCache<Pod>((_, object) => object);
        for (const { isEnd, name, node, app, owner } of events) {
          const object = pod(name, node, app, owner);
          if (isEnd) {
            cache.remove(keyOf(object), object);
          } else {
            cache.store(keyOf(object), object);
          }
          for (const n of ['n1', 'n2']) {
            const expected = [...cache.list()].filter(({ spec }) => spec.nodeName === n);
            expect(names(cache.byIndex('node', n))).toEqual(names(expected));
          }
          for (const x of ['x', 'y']) {
            const expected = [...cache.list()].filter(({ metadata }) => metadata.labels?.['app'] === x);
            expect(names(cache.byIndex('label', `default/app=${x}`))).toEqual(names(expected));
          }
          for (const o of ['', 'o1', 'o2']) {
            const expected = [...cache.list()].filter(
              ({ metadata }) => (metadata.ownerReferences?.[0]?.uid ?? '') === o,
            );
            expect(names(cache.byIndex('owner', o))).toEqual(names(expected));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
