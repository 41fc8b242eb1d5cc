import { seconds } from '../../../engine/index.js';
import type { ControllerContext } from '../../../models/client-go/index.js';
import { stepAfterAdding, stepAfterDeleting, ttlOf } from '../../../models/ttl-controller/decisions.js';
import { createTtlController, ttlControllerConfiguration } from '../../../models/ttl-controller/index.js';
import type { Defaults } from '../../../models/versions/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';

const TTL = 'node.alpha.kubernetes.io/ttl';

it('annotates nodes by the size of the cluster, each when it is next written', () => {
  const cluster = aControlPlane({
    controllers: [
      (context: ControllerContext, defaults: Defaults) =>
        createTtlController(context, ttlControllerConfiguration(defaults)),
    ],
  });
  const add = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}` }, spec: {} } as const;
      cluster.user.create('Node', node, () => {});
    }
  };
  const ttl = (name: string): string | undefined => cluster.server.get('Node', name)?.metadata.annotations?.[TTL];
  add(0, 100);
  // Thirty at once, then twenty a second: the hundredth 3.5 s later.
  cluster.simulation.runUntil(seconds(1));
  expect([ttl('n0'), ttl('n99')]).toEqual(['0', undefined]);
  cluster.simulation.runUntil(seconds(5));
  expect(ttl('n99')).toBe('0');
  add(100, 101);
  cluster.simulation.runUntil(seconds(6));
  expect([ttl('n100'), ttl('n0')]).toEqual(['15', '0']);
  cluster.user.patch(
    'Node',
    'n0',
    (node) => ({ ...node, spec: { unschedulable: true } }),
    () => {},
  );
  cluster.simulation.runUntil(seconds(7));
  expect(ttl('n0')).toBe('15');
});

it.each([
  [0, 100, 0, 0],
  [0, 101, 1, 15],
  [1, 500, 1, 15],
  [1, 501, 2, 30],
  [2, 1001, 3, 60],
  [3, 2001, 4, 300],
])('at step %d, the %dth node leads to step %d: %d s', (step, nodes, expected, ttl) => {
  expect([stepAfterAdding(step, nodes), ttlOf(expected)]).toEqual([expected, ttl]);
});

it.each([
  [1, 90, 1],
  [1, 89, 0],
  [2, 450, 2],
  [2, 449, 1],
])('at step %d, %d nodes left lead to step %d', (step, nodes, expected) => {
  expect(stepAfterDeleting(step, nodes)).toBe(expected);
});
