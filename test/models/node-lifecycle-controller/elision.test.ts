import fc from 'fast-check';
import { type SomeNodes, someNodes } from '../../helpers/some-nodes.js';

/** Something that happens to a node, from a time on and for a while. */
interface Mishap {
  readonly kind:
    | 'stop'
    | 'cut'
    | 'not ready'
    | 'late pod'
    | 'cordon'
    | 'lease deleted'
    | 'node deleted'
    | 'controllers down';
  readonly node: number;
  readonly at: number;
  readonly lasting: number;
}

interface Story {
  readonly kubernetesVersion: '1.37' | '1.23';
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly mishaps: readonly Mishap[];
}

const RECORD = ['detection', 'evictions', 'zones'] as const;
const MICROSECONDS = 1_000_000;

const mishap: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constantFrom(
    'stop',
    'stop',
    'cut',
    'cut',
    'not ready',
    'late pod',
    'cordon',
    'lease deleted',
    'node deleted',
    'controllers down',
  ),
  node: fc.nat(7),
  at: fc.integer({ min: 20 * MICROSECONDS, max: 500 * MICROSECONDS }),
  lasting: fc.integer({ min: 1, max: 200 * MICROSECONDS }),
});

const story: fc.Arbitrary<Story> = fc.record({
  kubernetesVersion: fc.constantFrom('1.37' as const, '1.23' as const),
  seed: fc.nat(1_000_000),
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
  mishaps: fc.array(mishap, { minLength: 1, maxLength: 8 }),
});

/** Everything that can be seen of the story: changes with their times, timelines, events, and what is stored in the end. */
function tell({ kubernetesVersion, seed, sizes, mishaps }: Story, elideQuietEvents: boolean): readonly string[] {
  const zones = Object.fromEntries(sizes.map((size, i) => [`z${i}`, size]));
  const cluster = someNodes({ kubernetesVersion, seed, zones, elideQuietEvents, record: RECORD });
  const names = sizes.flatMap((size, i) => Array.from({ length: size }, (_, k) => `z${i}-${k}`));
  for (const name of names) {
    cluster.addPod(`on-${name}`, name);
  }
  for (const [i, { node, ...rest }] of mishaps.entries()) {
    befall(cluster, names[node % names.length] as string, { node, ...rest }, i);
  }
  cluster.runUntil('700s');
  const { server, sink } = cluster;
  return [
    ...cluster.seen.map((seen) => JSON.stringify(seen)),
    ...RECORD.flatMap((name) => sink.rows(name).map((row) => `${name} ${JSON.stringify(row)}`)),
    ...[...server.list('Event')]
      .map(({ involvedObject, reason, message, count, lastTimestamp }) =>
        [involvedObject.name, reason, message, count, lastTimestamp].join(' '),
      )
      .sort(),
    ...[...server.list('Lease')].map(({ metadata, spec }) => `${metadata.name} renewed ${spec.renewTime}`).sort(),
    ...[...server.list('Node')].map(({ metadata, spec, status }) =>
      JSON.stringify([metadata.name, spec.taints, status?.conditions]),
    ),
  ];
}

function befall(cluster: SomeNodes, name: string, { kind, at, lasting }: Mishap, ordinal: number): void {
  const from = `${at / MICROSECONDS}s`;
  const until = `${(at + lasting) / MICROSECONDS}s`;
  const node = cluster.node(name);
  const between = (begin: () => void, end: () => void): void => {
    cluster.at(from, begin);
    cluster.at(until, end);
  };
  let heal = () => {};
  switch (kind) {
    case 'stop':
      return between(
        () => node.stop(),
        () => node.start(),
      );
    case 'cut':
      return between(
        () => {
          heal = node.cutOff();
        },
        () => heal(),
      );
    case 'not ready':
      return between(
        () => node.report('cni plugin not initialized'),
        () => node.report(),
      );
    case 'late pod':
      return cluster.at(from, () => cluster.addPod(`late-${ordinal}`, name));
    case 'cordon': {
      const set = (unschedulable: boolean) => () =>
        cluster.user.patch(
          'Node',
          name,
          (found) => ({ ...found, spec: { ...found.spec, unschedulable } }),
          () => {},
        );
      return between(set(true), set(false));
    }
    case 'lease deleted':
      return cluster.at(from, () => cluster.user.delete('Lease', `kube-node-lease/${name}`, {}, () => {}));
    case 'node deleted':
      return cluster.at(from, () => cluster.user.delete('Node', name, {}, () => {}));
    case 'controllers down':
      return between(
        () => cluster.controllerManager.stop(),
        () => cluster.controllerManager.start(),
      );
  }
}

describe('heartbeats and passes that are left out', () => {
  it('leave every story as it is: the same changes at the same microseconds', () => {
    fc.assert(
      fc.property(story, (told) => {
        expect(tell(told, true)).toEqual(tell(told, false));
      }),
      { numRuns: 12, seed: 20_260_101 },
    );
  });

  it('cost no event while all nodes are well', () => {
    const cluster = someNodes({ zones: { a: 20 } });
    cluster.runUntil('5m');
    const before = cluster.simulation.eventCount;
    cluster.runUntil('55m');
    // The pod garbage collector's passes, every 20 s.
    expect(cluster.simulation.eventCount - before).toBe(150);
  });
});
