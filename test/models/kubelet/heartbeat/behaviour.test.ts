import { conditionOf } from '../../../../models/api/index.js';
import { type SomeNodes, someNodes } from '../../../helpers/some-nodes.js';

/** Seconds at which the Lease was written, or would have been. */
function renewals(cluster: SomeNodes): readonly number[] {
  const times: number[] = [];
  const tell = ({ spec }: { spec: { renewTime?: number | undefined } }): void => {
    times.push((spec.renewTime ?? 0) / 1_000_000);
  };
  cluster.server.registry.store.watch('Lease', { added: tell, modified: tell, deleted: () => {} });
  return times;
}

const eventsOf = (cluster: SomeNodes, name: string): readonly string[] =>
  [...cluster.server.list('Event')].filter((e) => e.involvedObject.name === name).map(({ reason }) => reason ?? '');

describe('a kubelet that starts', () => {
  it('registers its Node 0.1 s later, and admission’s taint goes once it is seen to be ready', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    cluster.runUntil('1s');
    // 100 ms of sleep, then half a call.
    expect(cluster.times('a-0', 'added')).toEqual([0.102]);
    expect(cluster.times('a-0', '-not-ready:NoSchedule')[0]).toBeLessThan(0.13);
    expect(cluster.get('a-0').metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'a-0',
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/zone': 'a',
    });
  });

  it('has no Lease before its second try, for the first one found no Node to own it', () => {
    const cluster = someNodes({ zones: { a: 1 }, elideQuietEvents: false });
    const times = renewals(cluster);
    cluster.runUntil('12s');
    expect(times).toHaveLength(1);
    // Read of the Lease, read of the Node, a pause of 10 to 10.4 s, and the two reads again.
    expect(times[0]).toBeGreaterThan(10);
    expect(times[0]).toBeLessThan(10.42);
    const lease = cluster.server.get('Lease', 'kube-node-lease/a-0');
    expect(lease?.spec).toMatchObject({ holderIdentity: 'a-0', leaseDurationSeconds: 40 });
    expect(lease?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', name: 'a-0' });
  });

  it('keeps trying while the server cannot be reached, up to 7 s apart', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    const heal = cluster.node('a-0').cutOff();
    cluster.at('60s', heal);
    cluster.runUntil('2m');
    const [added] = cluster.times('a-0', 'added') as [number];
    expect(added).toBeGreaterThan(60);
    expect(added).toBeLessThan(80);
  });
});

describe('a healthy kubelet', () => {
  it('renews its Lease every 10 to 10.4 s', () => {
    const cluster = someNodes({ zones: { a: 1 }, elideQuietEvents: false });
    const times = renewals(cluster);
    cluster.runUntil('10m');
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
    expect(gaps.length).toBeGreaterThan(55);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
    // 10.4 s, and the 4 ms of the call before.
    expect(Math.max(...gaps)).toBeLessThan(10.41);
  });

  it('shows at any instant the renewal that was the last one then, although it sends none', () => {
    const read = (elideQuietEvents: boolean): readonly unknown[] => {
      const cluster = someNodes({ zones: { a: 1 }, elideQuietEvents });
      return Array.from({ length: 30 }, (_, i) => {
        cluster.runUntil(`${60 + i * 7.3}s`);
        return cluster.server.get('Lease', 'kube-node-lease/a-0')?.spec.renewTime;
      });
    };
    expect(read(true)).toEqual(read(false));
  });

  it('reports an unchanged status after 2.5 to 7.5 min in 1.37, then every 5 min; in 1.23 always every 5 min', () => {
    const reports = (kubernetesVersion: '1.37' | '1.23', seed: number): readonly number[] => {
      const cluster = someNodes({ kubernetesVersion, seed, zones: { a: 1 }, elideQuietEvents: false });
      const times: number[] = [];
      cluster.server.registry.store.watch('Node', {
        added: () => {},
        modified: (node, before) => {
          const beat = (n: typeof node) => conditionOf(n.status?.conditions, 'Ready')?.lastHeartbeatTime;
          if (beat(node) !== beat(before)) {
            times.push(cluster.simulation.now / 1_000_000);
          }
        },
        deleted: () => {},
      });
      cluster.runUntil('25m');
      return times;
    };
    for (const seed of [1, 2, 3]) {
      const [first, second, third] = reports('1.37', seed) as [number, number, number];
      // The first tick of 10.4 s at most after the delay is over.
      expect(first).toBeGreaterThan(150);
      expect(first).toBeLessThan(461);
      expect(second - first).toBeGreaterThan(300);
      expect(second - first).toBeLessThan(311);
      expect(third - second).toBeLessThan(311);
    }
    const [first] = reports('1.23', 1) as [number];
    expect(first).toBeGreaterThan(300);
    expect(first).toBeLessThan(311);
  });

  it('reports a change at the next tick', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    cluster.at('2m', () => cluster.node('a-0').report('runtime is down'));
    cluster.runUntil('5m');
    const [notReady] = cluster.times('a-0', 'Ready False') as [number];
    expect(notReady).toBeGreaterThan(120);
    expect(notReady).toBeLessThan(130.5);
    expect(eventsOf(cluster, 'a-0')).toContain('NodeNotReady');
  });
});

describe('a kubelet that comes back', () => {
  it('posts its status at once, and tells of a reboot', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.at('2m', () => cluster.node('a-0').stop());
    cluster.at('4m', () => {
      cluster.node('a-0').reboot();
      cluster.node('a-0').start();
    });
    cluster.runUntil('5m');
    expect(cluster.times('a-0', 'Ready True')[0]).toBeLessThan(240.2);
    expect(eventsOf(cluster, 'a-0')).toContain('Rebooted');
  });

  it('registers a Node that was deleted meanwhile, which a running one does not', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.at('2m', () => cluster.user.delete('Node', 'a-0', {}, () => {}));
    cluster.at('5m', () => cluster.node('a-0').stop());
    cluster.at('6m', () => cluster.node('a-0').start());
    cluster.runUntil('359s');
    expect(cluster.times('a-0', 'added')).toEqual([0.102]);
    cluster.runUntil('7m');
    expect(cluster.times('a-0', 'added')).toEqual([0.102, 360.102]);
  });

  it('puts a Lease back that was deleted, at its next renewal', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.at('2m', () => cluster.user.delete('Lease', 'kube-node-lease/a-0', {}, () => {}));
    cluster.runUntil('131s');
    expect(cluster.server.get('Lease', 'kube-node-lease/a-0')?.spec.renewTime).toBeGreaterThan(120_000_000);
  });
});
