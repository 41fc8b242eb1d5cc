import { seconds } from '../../../engine/index.js';
import type { Onlooker } from '../../../models/world/index.js';
import { type ACluster, aCluster } from '../../helpers/a-cluster.js';

const FROM: Onlooker = { pod: 'default/client', node: 'n0' };

const aWatched = (kubernetesVersion = '1.37'): ACluster => aCluster({ kubernetesVersion, looksAtTraffic: true });

const web = (cluster: ACluster, name = 'web'): void =>
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  });

/** Seconds at which somebody who looks every 2 s from the 10th second on finds the name; the Service is created at `created`. */
function found(cluster: ACluster, created: string, others: readonly number[] = []): number | undefined {
  const { simulation, surroundings } = cluster.cluster;
  let at: number | undefined;
  cluster.runUntil('10s');
  surroundings.waitFor(FROM, { resolves: 'web' }, seconds(2), () => {
    at = simulation.now / 1_000_000;
  });
  for (const other of others) {
    simulation.after(seconds(other - 10), () => surroundings.isMet(FROM, { resolves: 'web' }));
  }
  cluster.runUntil(created);
  web(cluster);
  cluster.runUntil('10m');
  return at;
}

describe('a name', () => {
  it('resolves a watch event after its Service is created', () => {
    const cluster = aWatched();
    const { simulation, surroundings } = cluster.cluster;
    expect(surroundings.isMet(FROM, { resolves: 'web' })).toBe(false);
    web(cluster);
    // The server acts 2 ms after the request, which is when the answer is on its way; 3 ms later CoreDNS knows, 1 ms after the answer.
    simulation.runUntil(simulation.now + 900);
    expect(surroundings.isMet(FROM, { resolves: 'web' })).toBe(false);
    simulation.runUntil(simulation.now + 200);
    expect(surroundings.isMet(FROM, { resolves: 'web' })).toBe(true);
    expect(surroundings.isMet({ pod: 'kube-system/client', node: 'n0' }, { resolves: 'web' })).toBe(false);
    expect(surroundings.isMet({ pod: 'kube-system/client', node: 'n0' }, { resolves: 'web.default' })).toBe(true);
  });

  it('is found at the next look, in 1.37', () => {
    // Looks at 10, 12, … s; the Service is there from 33.005 s on.
    expect(found(aWatched(), '33s')).toBe(34);
  });

  it('stays unknown in 1.23 as long as CoreDNS keeps the NXDOMAIN of an earlier look', () => {
    // Asked at 10 s, kept until 40 s; asked at 40 s, kept until 70 s. Created at 43 s, it is found at 70 s.
    expect(found(aWatched('1.23'), '33s')).toBe(40);
    expect(found(aWatched('1.23'), '43s')).toBe(70);
    expect(found(aWatched('1.23'), '5m')).toBe(310);
  });

  it('is kept for all who ask, in 1.23', () => {
    // Somebody else asked at 41 s, which the looks at 40 s and before had kept until 70 s; nothing changes.
    expect(found(aWatched('1.23'), '43s', [41])).toBe(70);
  });

  it('is looked for in the cache of 1.23 as if every look had happened', () => {
    // A look every 7 s: 10, 17, … 38, 45. Kept from 10 to 40 s, then from 45 to 75 s, then from 80 s (the first look after 75) to 110 s.
    const cluster = aWatched('1.23');
    const { simulation, surroundings } = cluster.cluster;
    cluster.runUntil('10s');
    let at = 0;
    surroundings.waitFor(FROM, { resolves: 'web' }, seconds(7), () => {
      at = simulation.now / 1_000_000;
    });
    cluster.runUntil('90s');
    web(cluster);
    cluster.runUntil('5m');
    // The first look from 110 s on: 10 + 15 · 7 = 115 s.
    expect(at).toBe(115);
  });
});

it('asks nothing while nothing can change', () => {
  const waiting = aWatched();
  waiting.cluster.surroundings.waitFor(FROM, { resolves: 'web' }, seconds(2), () => {});
  waiting.runUntil('1h');
  const alone = aWatched();
  alone.runUntil('1h');
  // Two endings of a look apart, an hour with 1,800 looks is as an hour without.
  expect(waiting.cluster.simulation.eventCount - alone.cluster.simulation.eventCount).toBeLessThan(5);
});
