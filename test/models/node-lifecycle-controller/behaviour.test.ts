import type { Toleration } from '../../../models/api/index.js';
import { conditionOf } from '../../../models/api/index.js';
import type { DetectionMark, ZoneChange } from '../../../models/node-lifecycle-controller/index.js';
import { someNodes } from '../../helpers/some-nodes.js';

const UNREACHABLE = '+unreachable:NoExecute';

/** From the pass on that saw the last renewal, whatever its phase; renewals are 10 to 10.4 s apart. */
const timeline = (kubernetesVersion: '1.37' | '1.23') => {
  const cluster = someNodes({ kubernetesVersion, zones: { a: 4 }, record: ['detection'] });
  cluster.addPod('web', 'a-0');
  cluster.at('2m', () => cluster.node('a-0').stop());
  cluster.runUntil('10m');
  const lastSeen = cluster.sink
    .rows<DetectionMark>('detection')
    .find(({ row }) => row.node === 'a-0' && row.mark === 'lastSeen')?.row.instant as number;
  const since = (name: string, what: string): number => (cluster.times(name, what)[0] as number) - lastSeen / 1_000_000;
  return { cluster, since };
};

describe('a node that dies', () => {
  it('in 1.37: Unknown 50 s after it was last seen, tainted at the next tick, its pods deleted 300 s later', () => {
    const { cluster, since } = timeline('1.37');
    // The tenth pass after the one that saw the last renewal is 10 × 5.001 s later: a hair more than 50 s. Asking for the
    // Lease and writing the status take 4 ms + 2 ms.
    expect(since('a-0', 'Ready Unknown')).toBeCloseTo(50.016, 3);
    // Watch 3 ms; two reads and writes at most for a swap of one taint: read 4 ms, write after 2 ms.
    expect(since('a-0', '+unreachable:NoSchedule')).toBeCloseTo(50.025, 3);
    // The next tick of 0.1 s that finds it queued.
    expect(since('a-0', UNREACHABLE)).toBeLessThan(50.15);
    expect(since('web', 'Ready False')).toBeLessThan(50.03);
    expect(
      (cluster.times('web', 'deleted')[0] as number) - (cluster.times('a-0', UNREACHABLE)[0] as number),
    ).toBeCloseTo(
      // Watch 3 ms, 300 s, read 4 ms, patch 4 ms, delete after 2 ms.
      300.013,
      3,
    );
  });

  it('in 1.23: Unknown after 40 s, queued by the pass after that one', () => {
    const { since } = timeline('1.23');
    expect(since('a-0', 'Ready Unknown')).toBeCloseTo(40.01, 3);
    expect(since('a-0', '+unreachable:NoSchedule')).toBeLessThan(40.03);
    // The next pass begins 5 s after the end of that one.
    expect(since('a-0', UNREACHABLE)).toBeGreaterThan(45);
    expect(since('a-0', UNREACHABLE)).toBeLessThan(45.2);
  });

  it('and comes back before the countdown ends loses no pod', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => cluster.node('a-0').stop());
    cluster.at('5m', () => cluster.node('a-0').start());
    cluster.runUntil('20m');
    expect(cluster.times('web', 'deleted')).toEqual([]);
    const [ready] = cluster.times('a-0', 'Ready True') as [number];
    expect(cluster.times('a-0', '-unreachable:NoSchedule')[0]).toBeLessThan(ready + 0.02);
    // NoExecute goes at the next pass.
    expect(cluster.times('a-0', '-unreachable:NoExecute')[0]).toBeLessThan(ready + 5.1);
  });

  it('keeps a DaemonSet’s pod, which tolerates both taints for ever', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    const forEver = (key: string): Toleration => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
    });
    cluster.addPod('agent', 'a-0', [forEver('not-ready'), forEver('unreachable')]);
    cluster.at('2m', () => cluster.node('a-0').stop());
    cluster.runUntil('20m');
    expect(cluster.times('agent', 'Ready False')).toHaveLength(1);
    expect(cluster.times('agent', 'deleted')).toEqual([]);
  });

  it('that is cut off and renews its lease again is not ready by that: it needs a status', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    let heal = () => {};
    cluster.at('2m', () => {
      heal = cluster.node('a-0').cutOff();
    });
    cluster.at('4m', () => heal());
    cluster.runUntil('10m');
    const [ready] = cluster.times('a-0', 'Ready True') as [number];
    // The status loop runs every 10.4 s at most; what was lost on the way is sent again by TCP or given up and tried anew.
    expect(ready).toBeGreaterThan(240);
    expect(ready).toBeLessThan(240 + 30);
  });
});

describe('a kubelet that says not ready itself', () => {
  it('is tainted at the next pass; its pods keep their readiness until they are deleted', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => cluster.node('a-0').report('cni plugin not initialized'));
    cluster.runUntil('10m');
    const [notReady] = cluster.times('a-0', 'Ready False') as [number];
    // Reported by the next tick of the status loop.
    expect(notReady).toBeLessThan(130.5);
    expect(cluster.times('a-0', '+not-ready:NoSchedule')[0]).toBeLessThan(notReady + 0.02);
    const [tainted] = cluster.times('a-0', '+not-ready:NoExecute') as [number];
    expect(tainted).toBeLessThan(notReady + 5.2);
    expect(cluster.times('web', 'Ready False')).toEqual([]);
    expect(cluster.times('web', 'deleted')[0]).toBeCloseTo(tainted + 300, 0);
  });

  it('and then falls silent has its taints swapped, outside the rate limit, and the countdown goes on', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => cluster.node('a-0').report('cni plugin not initialized'));
    cluster.at('3m', () => cluster.node('a-0').stop());
    cluster.runUntil('10m');
    const [unknown] = cluster.times('a-0', 'Ready Unknown') as [number];
    const [added] = cluster.times('a-0', UNREACHABLE) as [number];
    const [removed] = cluster.times('a-0', '-not-ready:NoExecute') as [number];
    expect(added).toBeGreaterThan(unknown);
    expect(removed).toBeGreaterThan(added);
    expect(removed).toBeLessThan(unknown + 0.05);
    const [tainted] = cluster.times('a-0', '+not-ready:NoExecute') as [number];
    expect(cluster.times('web', 'deleted')[0]).toBeCloseTo(tainted + 300, 0);
  });
});

describe('nodes of a zone that die together', () => {
  const stop = (cluster: ReturnType<typeof someNodes>, count: number) =>
    cluster.at('2m', () => {
      for (let i = 0; i < count; i++) {
        cluster.node(`a-${i}`).stop();
      }
    });
  const tainted = (cluster: ReturnType<typeof someNodes>): readonly number[] =>
    cluster.seen.filter(({ what }) => what === UNREACHABLE).map(({ at }) => at / 1_000_000);

  it('three of 20: tainted at T, T + 10 s and T + 20 s', () => {
    const cluster = someNodes({ zones: { a: 20 } });
    stop(cluster, 3);
    cluster.runUntil('5m');
    const [first, second, third] = tainted(cluster) as [number, number, number];
    expect(second - first).toBeCloseTo(10, 0);
    expect(third - second).toBeCloseTo(10, 0);
  });

  it('12 of 20, 0.6 of a small zone: at most two are tainted before the zone counts as disrupted, and none after', () => {
    const cluster = someNodes({ zones: { a: 20 } });
    stop(cluster, 12);
    cluster.runUntil('20m');
    expect(tainted(cluster).length).toBeLessThanOrEqual(2);
    expect(cluster.seen.filter(({ what }) => what === '+unreachable:NoSchedule')).toHaveLength(12);
  });

  it('36 of 60, 0.6 of a large zone: one in 100 s once it counts as disrupted', () => {
    const cluster = someNodes({ zones: { a: 60 }, record: ['zones'] });
    stop(cluster, 36);
    cluster.runUntil('10m');
    const changes = cluster.sink.rows<ZoneChange>('zones');
    const disrupted = changes.find(({ row }) => row.state === 'PartialDisruption');
    expect(disrupted?.row.eviction_rate).toBe(0.01);
    const after = tainted(cluster).filter((time) => time > (disrupted?.at ?? 0) / 1_000_000 + 1);
    const gaps = after.slice(1).map((time, i) => Math.round((time - (after[i] as number)) * 10) / 10);
    expect(after.length).toBeGreaterThanOrEqual(4);
    for (const gap of gaps) {
      // 100.0000022 s by float32, rounded up to the tick, and the ticks drift by the writes' own time.
      expect(gap).toBeGreaterThanOrEqual(100);
      expect(gap).toBeLessThan(100.5);
    }
  });

  it('all of the only zone: nobody is left tainted NoExecute, and nobody is evicted', () => {
    const cluster = someNodes({ zones: { a: 4 }, record: ['zones'] });
    cluster.addPod('web', 'a-0');
    stop(cluster, 4);
    cluster.runUntil('20m');
    expect(cluster.sink.rows<ZoneChange>('zones').at(-1)?.row.master_disruption).toBe('enters');
    const left = [0, 1, 2, 3].flatMap((i) => cluster.get(`a-${i}`).spec.taints ?? []);
    expect(left.map(({ effect }) => effect)).not.toContain('NoExecute');
    expect(cluster.times('web', 'deleted')).toEqual([]);
  });
});

describe('a pod that is bound to a dead node', () => {
  it('is marked not ready at once, and evicted 300 s after it was bound', () => {
    const cluster = someNodes({ zones: { a: 4 } });
    cluster.at('2m', () => cluster.node('a-0').stop());
    cluster.at('5m', () => cluster.addPod('late', 'a-0'));
    cluster.runUntil('12m');
    expect(cluster.times('late', 'deleted')[0]).toBeCloseTo(600, 0);
  });
});

describe('without taint manager (1.23)', () => {
  const flags = { 'enable-taint-manager': 'false' };

  it('pods are deleted five minutes after the node was last seen, those of the node’s taints never', () => {
    const cluster = someNodes({ kubernetesVersion: '1.23', zones: { a: 4 }, flags });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => cluster.node('a-0').stop());
    cluster.runUntil('10m');
    expect(cluster.times('a-0', UNREACHABLE)).toEqual([]);
    const [deleted] = cluster.times('web', 'deleted') as [number];
    // Last seen between 110 and 125 s; the first pass more than 300 s later, and a tick.
    expect(deleted).toBeGreaterThan(410);
    expect(deleted).toBeLessThan(431);
    expect(cluster.pod('web')?.status?.reason).toBe('NodeLost');
  });

  it('no taint evicts anybody', () => {
    const cluster = someNodes({ kubernetesVersion: '1.23', zones: { a: 4 }, flags });
    cluster.addPod('web', 'a-0', []);
    cluster.at('2m', () => {
      const taint = { key: 'mine', effect: 'NoExecute' };
      cluster.user.patch(
        'Node',
        'a-0',
        (node) => ({ ...node, spec: { ...node.spec, taints: [taint] } }),
        () => {},
      );
    });
    cluster.runUntil('10m');
    expect(cluster.times('web', 'deleted')).toEqual([]);
  });
});

describe('a node whose kubelet never posted', () => {
  it('is Unknown 60 s after its creation, never having been updated', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    const metadata = { name: 'ghost' };
    cluster.at('60s', () =>
      cluster.user.create('Node', { apiVersion: 'v1', kind: 'Node', metadata, spec: {} }, () => {}),
    );
    cluster.runUntil('3m');
    const [unknown] = cluster.times('ghost', 'Ready Unknown') as [number];
    expect(unknown).toBeGreaterThan(120);
    expect(unknown).toBeLessThan(125.1);
    expect(conditionOf(cluster.get('ghost').status?.conditions, 'Ready')?.reason).toBe('NodeStatusNeverUpdated');
  });
});
