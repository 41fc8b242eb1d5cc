import type { Pod } from '../../../../models/api/index.js';
import { podOperation } from '../../../../models/kubelet/sync-loop/decisions.js';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' }, resourceVersion: '1' },
  spec: { containers: [{ name: 'c', image: 'app:v1' }] },
  status: { phase: 'Running' },
};

describe('a pod that changed in the API', () => {
  it.each([
    ['the same in other words', { ...pod, metadata: { ...pod.metadata, resourceVersion: '2' } }, 'none'],
    ['another status', { ...pod, status: { phase: 'Failed' } }, 'reconcile'],
    ['another spec', { ...pod, spec: { containers: [{ name: 'c', image: 'app:v2' }] } }, 'update'],
    ['a deletion', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: 1 } }, 'update'],
    ['a shorter deletion', { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 1 } }, 'update'],
    ['other labels', { ...pod, metadata: { ...pod.metadata, labels: {} } }, 'update'],
    ['an annotation', { ...pod, metadata: { ...pod.metadata, annotations: { a: 'b' } } }, 'update'],
  ] as const)('%s → %s', (_, after, expected) => {
    expect(podOperation(pod, after)).toBe(expected);
  });
});
