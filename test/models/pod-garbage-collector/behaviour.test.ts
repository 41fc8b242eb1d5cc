import { isBeingDeleted, podCondition } from '../../../models/api/index.js';
import { someNodes } from '../../helpers/some-nodes.js';

describe('pods of a node that is deleted', () => {
  it('are forced out 40 to 60 s later: missed by one pass, and gone for good by the third', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => {
      cluster.node('a-0').stop();
      cluster.user.delete('Node', 'a-0', {}, () => {});
    });
    cluster.runUntil('5m');
    const [removed] = cluster.times('web', 'removed') as [number];
    expect(removed).toBeGreaterThan(160);
    expect(removed).toBeLessThan(181);
  });

  it('in 1.37 are marked Failed, as targets of a disruption, before they go', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.addPod('web', 'a-0');
    const seen: unknown[] = [];
    cluster.server.registry.store.watch('Pod', {
      added: () => {},
      modified: (pod) => seen.push([pod.status?.phase, podCondition(pod, 'DisruptionTarget')?.reason]),
      deleted: () => seen.push('gone'),
    });
    cluster.at('2m', () => cluster.user.delete('Node', 'a-0', {}, () => {}));
    cluster.runUntil('5m');
    expect(seen.slice(-2)).toEqual([['Failed', 'DeletionByPodGC'], 'gone']);
  });

  it('stay when the node comes back during the quarantine', () => {
    const cluster = someNodes({ zones: { a: 2 } });
    cluster.addPod('web', 'a-0');
    cluster.at('2m', () => {
      cluster.node('a-0').stop();
      cluster.user.delete('Node', 'a-0', {}, () => {});
    });
    cluster.at('145s', () => cluster.node('a-0').start());
    cluster.runUntil('10m');
    expect(cluster.times('web', 'removed')).toEqual([]);
  });
});

describe('a pod that is terminating', () => {
  it('on a dead node declared out of service goes at the next pass in 1.37, and stays in 1.23', () => {
    const removedAt = (kubernetesVersion: '1.37' | '1.23'): readonly number[] => {
      const cluster = someNodes({ kubernetesVersion, zones: { a: 3 } });
      cluster.addPod('web', 'a-0');
      cluster.at('1m', () => cluster.node('a-0').stop());
      cluster.at('3m', () => {
        const outOfService = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
        cluster.user.patch(
          'Node',
          'a-0',
          (node) => ({ ...node, spec: { ...node.spec, taints: [...(node.spec.taints ?? []), outOfService] } }),
          () => {},
        );
      });
      cluster.runUntil('10m');
      expect(cluster.times('web', 'deleted')[0]).toBeCloseTo(180, 0);
      return cluster.times('web', 'removed');
    };
    const [removed] = removedAt('1.37') as [number];
    expect(removed).toBeGreaterThan(180);
    expect(removed).toBeLessThan(201);
    expect(removedAt('1.23')).toEqual([]);
  });

  it('before it got a node goes at the next pass', () => {
    const cluster = someNodes({ zones: { a: 1 } });
    const metadata = { name: 'pending', namespace: 'default', finalizers: ['example.com/hold'] };
    const spec = { containers: [{ name: 'c', image: 'app' }] };
    cluster.user.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec }, () => {});
    cluster.at('30s', () => cluster.user.delete('Pod', 'default/pending', { gracePeriodSeconds: 30 }, () => {}));
    cluster.runUntil('29s');
    expect(cluster.pod('pending') && isBeingDeleted(cluster.pod('pending') as never)).toBe(false);
    cluster.runUntil('41s');
    // The finalizer keeps it; but it has been given up.
    expect(cluster.pod('pending')?.metadata.deletionGracePeriodSeconds).toBe(0);
  });
});

describe('terminated pods', () => {
  it('beyond the threshold go at the next pass, the oldest first', () => {
    const cluster = someNodes({ zones: { a: 1 }, flags: { 'terminated-pod-gc-threshold': '2' } });
    for (const [i, name] of ['first', 'second', 'third', 'fourth'].entries()) {
      cluster.at(`${10 + i * 2}s`, () => cluster.addPod(name, 'a-0'));
      cluster.at(`${21 + i}s`, () =>
        cluster.user.patchStatus(
          'Pod',
          `default/${name}`,
          (pod) => ({ ...pod, status: { ...pod.status, phase: 'Succeeded' } }),
          () => {},
        ),
      );
    }
    cluster.runUntil('45s');
    expect(cluster.times('first', 'removed')[0]).toBeCloseTo(40, 0);
    expect(cluster.times('second', 'removed')[0]).toBeCloseTo(40, 0);
    expect([cluster.pod('third'), cluster.pod('fourth')].every(Boolean)).toBe(true);
  });
});
