import { seconds } from '../../../engine/index.js';
import type { Node, Pod } from '../../../models/api/index.js';
import {
  failed,
  isTerminated,
  isUnscheduledTerminating,
  orphaned,
  podsOutOfService,
  podsOverThreshold,
  Quarantine,
} from '../../../models/pod-garbage-collector/decisions.js';

const pod = (
  name: string,
  parts: { age?: number; phase?: string; reason?: string; deleted?: boolean; node?: string } = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    creationTimestamp: seconds(-(parts.age ?? 0)),
    ...(parts.deleted && { deletionTimestamp: 0 }),
  },
  spec: { containers: [], ...(parts.node && { nodeName: parts.node }) },
  status: { phase: parts.phase ?? 'Running', ...(parts.reason && { reason: parts.reason }) },
});

const names = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.name);

describe('terminated pods over the threshold', () => {
  const pods = [
    pod('young', { age: 1, phase: 'Succeeded' }),
    pod('old', { age: 9, phase: 'Failed' }),
    pod('evicted', { age: 2, phase: 'Failed', reason: 'Evicted' }),
    pod('b', { age: 5, phase: 'Succeeded' }),
    pod('a', { age: 5, phase: 'Succeeded' }),
  ];
  const over = (terminatedPodGCThreshold: number, deletesEvictedFirst = true): readonly string[] =>
    names(podsOverThreshold(pods, { terminatedPodGCThreshold, deletesEvictedFirst }));

  it('are the oldest, by name where they are of one age; in 1.37 evicted ones go before all', () => {
    expect(over(1)).toEqual(['evicted', 'old', 'a', 'b']);
    expect(over(1, false)).toEqual(['old', 'a', 'b', 'evicted']);
  });

  it('are none up to the threshold, nor without one', () => {
    expect(over(5)).toEqual([]);
    expect(over(0)).toEqual([]);
  });

  it.each(['Pending', 'Running', 'Unknown'])('count only those that have ended: %s has not', (phase) => {
    expect(isTerminated(pod('p', { phase }))).toBe(false);
  });
});

describe('pods that are terminating', () => {
  const node = (ready: string, ...keys: readonly string[]): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints: keys.map((key) => ({ key, effect: 'NoExecute' })) },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });

  it.each([
    ['Unknown', ['node.kubernetes.io/out-of-service'], ['p']],
    ['True', ['node.kubernetes.io/out-of-service'], []],
    ['Unknown', ['node.kubernetes.io/unreachable'], []],
  ])('on a node that is %s and tainted %j: %j are out of service', (ready, keys, expected) => {
    const stuck = pod('p', { deleted: true, node: 'n' });
    expect(names(podsOutOfService([stuck], () => node(ready, ...keys)))).toEqual(expected);
  });

  it('without a node are nobody else’s to delete', () => {
    expect(isUnscheduledTerminating(pod('p', { deleted: true }))).toBe(true);
    expect(isUnscheduledTerminating(pod('p', { deleted: true, node: 'n' }))).toBe(false);
    expect(isUnscheduledTerminating(pod('p'))).toBe(false);
  });
});

describe('a pod that is given up', () => {
  it('is Failed before it is deleted, as an orphan with the reason', () => {
    const given = failed(pod('p'), orphaned(pod('p'), seconds(3.5)));
    expect(given.status?.phase).toBe('Failed');
    expect(given.status?.conditions).toEqual([
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByPodGC', lastTransitionTime: seconds(3) }),
    ]);
  });

  it('keeps a phase that is an end already', () => {
    const ended = pod('p', { phase: 'Succeeded' });
    expect(failed(ended, undefined)).toBe(ended);
  });
});

describe('the quarantine', () => {
  it('of a node is not prolonged by missing it again', () => {
    const quarantine = new Quarantine();
    quarantine.miss('n', seconds(40));
    quarantine.miss('n', seconds(60));
    expect(quarantine.release(seconds(39))).toEqual([]);
    expect(quarantine.release(seconds(40))).toEqual(['n']);
    expect(quarantine.release(seconds(80))).toEqual([]);
  });
});
