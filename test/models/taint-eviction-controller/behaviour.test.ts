import { podCondition, type Taint, type Toleration } from '../../../models/api/index.js';
import type { TaintEviction } from '../../../models/taint-eviction-controller/index.js';
import { type SomeNodes, someNodes } from '../../helpers/some-nodes.js';

const MAINTENANCE: Taint = { key: 'maintenance', effect: 'NoExecute' };
const UPGRADE: Taint = { key: 'upgrade', effect: 'NoExecute' };

const tolerates = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

const setTaints = (cluster: SomeNodes, time: string, ...taints: readonly Taint[]): void =>
  cluster.at(time, () =>
    cluster.user.patch(
      'Node',
      'a-0',
      (node) => ({ ...node, spec: { ...node.spec, taints } }),
      () => {},
    ),
  );

const messages = (cluster: SomeNodes): readonly string[] =>
  [...cluster.server.list('Event')]
    .filter(({ reason }) => reason === 'TaintManagerEviction')
    .map(({ source, message }) => `${source?.component}: ${message}`);

describe('a NoExecute taint', () => {
  it('evicts at once what does not tolerate it, and later what tolerates it for a while', () => {
    const cluster = someNodes({ zones: { a: 1 }, record: ['evictions'] });
    cluster.addPod('now', 'a-0');
    cluster.addPod('later', 'a-0', [tolerates('maintenance', 30)]);
    cluster.addPod('never', 'a-0', [tolerates('maintenance')]);
    setTaints(cluster, '2m', MAINTENANCE);
    cluster.runUntil('10m');
    // Patch after 2 ms, watch 3 ms; read 4 ms, patch 4 ms, delete after 2 ms.
    expect(cluster.times('now', 'deleted')).toEqual([120.015]);
    expect(cluster.times('later', 'deleted')).toEqual([150.015]);
    expect(cluster.times('never', 'deleted')).toEqual([]);
    expect(cluster.sink.rows<TaintEviction>('evictions').map(({ row }) => row)).toEqual([
      {
        namespace: 'default',
        pod: 'now',
        node: 'a-0',
        outcome: 'evicted',
        taint: 'maintenance:NoExecute',
        toleration_seconds: 0,
        countdown_from: 120_005_000,
      },
      expect.objectContaining({ pod: 'later', toleration_seconds: 30, countdown_from: 120_005_000 }),
    ]);
  });

  it('in 1.37 marks the pod as target of a disruption before it is deleted, in 1.23 not', () => {
    const conditionIn = (kubernetesVersion: '1.37' | '1.23') => {
      const cluster = someNodes({ kubernetesVersion, zones: { a: 1 } });
      cluster.addPod('web', 'a-0');
      setTaints(cluster, '2m', MAINTENANCE);
      cluster.runUntil('121s');
      const pod = cluster.pod('web');
      expect(pod?.metadata.deletionTimestamp).toBeDefined();
      return pod && podCondition(pod, 'DisruptionTarget');
    };
    expect(conditionIn('1.37')).toMatchObject({ status: 'True', reason: 'DeletionByTaintManager' });
    expect(conditionIn('1.23')).toBeUndefined();
  });

  it('that goes again in time lets the pods stay, and a later one counts from zero', () => {
    const cluster = someNodes({ zones: { a: 1 }, record: ['evictions'] });
    cluster.addPod('web', 'a-0', [tolerates('maintenance', 60)]);
    setTaints(cluster, '2m', MAINTENANCE);
    setTaints(cluster, '150s');
    setTaints(cluster, '4m', MAINTENANCE);
    cluster.runUntil('10m');
    expect(cluster.times('web', 'deleted')).toEqual([300.015]);
    expect(messages(cluster)).toEqual([
      'taint-eviction-controller: Cancelling deletion of Pod default/web',
      'taint-eviction-controller: Marking for deletion Pod default/web',
    ]);
    expect(cluster.sink.rows<TaintEviction>('evictions').map(({ row }) => row.outcome)).toEqual([
      'cancelled',
      'evicted',
    ]);
  });

  it('that joins another does not shorten a countdown that runs', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    cluster.addPod('web', 'a-0', [tolerates('maintenance', 100), tolerates('upgrade', 10)]);
    setTaints(cluster, '2m', MAINTENANCE);
    setTaints(cluster, '130s', MAINTENANCE, UPGRADE);
    cluster.runUntil('10m');
    expect(cluster.times('web', 'deleted')).toEqual([220.015]);
  });

  it('goes on counting when its Node is deleted', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.addPod('web', 'a-0', [tolerates('maintenance', 20)]);
    setTaints(cluster, '2m', MAINTENANCE);
    cluster.at('125s', () => cluster.user.delete('Node', 'a-0', {}, () => {}));
    cluster.runUntil('145s');
    expect(cluster.times('web', 'deleted')).toEqual([140.015]);
  });

  it('in 1.23 is told by the taint manager under its own name', () => {
    const cluster = someNodes({ kubernetesVersion: '1.23', zones: { a: 1 } });
    cluster.addPod('web', 'a-0');
    setTaints(cluster, '2m', MAINTENANCE);
    cluster.runUntil('121s');
    expect(messages(cluster)).toEqual(['taint-controller: Marking for deletion Pod default/web']);
  });

  it('deletes no faster than the client’s limits allow: 3 requests a pod and its event, 20 a second after the first 30', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    for (let i = 0; i < 50; i++) {
      cluster.addPod(`web-${i}`, 'a-0');
    }
    setTaints(cluster, '2m', MAINTENANCE);
    cluster.runUntil('10m');
    const deleted = cluster.seen.filter(({ what }) => what === 'deleted').map(({ at }) => at / 1_000_000 - 120);
    expect(deleted).toHaveLength(50);
    // 150 requests for the pods and some of their events: 30 at once, the others 50 ms apart.
    expect(Math.max(...deleted)).toBeGreaterThan(6);
    expect(Math.max(...deleted)).toBeLessThan(11);
  });
});
