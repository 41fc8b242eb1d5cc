import type { Pod } from '../../../models/api/index.js';
import { unreadyPods } from '../../../scenarios/run/unready-pods.js';

const pod = (
  name: string,
  fields: { readonly spec?: object; readonly status?: object; readonly metadata?: object },
): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', ...fields.metadata },
    spec: { nodeName: 'node-0', containers: [{ name: 'app', image: 'app:1' }], ...fields.spec },
    status: fields.status,
  }) as Pod;

const condition = (type: string, status: string, fields: object = {}) => ({ type, status, ...fields });

describe('Pods that are not Ready at the end of a run', () => {
  it('are told by name, with what holds them', () => {
    const message = 'Back-off pulling image "app:1"';
    const waiting = { name: 'app', state: { waiting: { reason: 'ImagePullBackOff', message } } };
    const notReady = { reason: 'ContainersNotReady', message: 'containers with unready status: [app]' };
    const found = unreadyPods([
      pod('slow', { status: { phase: 'Running', conditions: [condition('Ready', 'False', notReady)] } }),
      pod('broken', { status: { phase: 'Pending', containerStatuses: [waiting] } }),
      pod('big', {
        spec: { nodeName: undefined },
        status: { conditions: [condition('PodScheduled', 'False', { message: '0/3 nodes are available' })] },
      }),
      pod('late', {}),
    ]);
    expect(found).toEqual({
      count: 4,
      pods: [
        { pod: 'shop/big', why: 'not scheduled: 0/3 nodes are available' },
        { pod: 'shop/broken', why: 'container app ImagePullBackOff: Back-off pulling image "app:1"' },
        { pod: 'shop/late', why: 'no status from node-0' },
        { pod: 'shop/slow', why: 'ContainersNotReady: containers with unready status: [app]' },
      ],
    });
  });

  it('are those that should be Ready: none that has ended or is going', () => {
    const found = unreadyPods([
      pod('ready', { status: { phase: 'Running', conditions: [condition('Ready', 'True')] } }),
      pod('done', { status: { phase: 'Succeeded' } }),
      pod('going', { metadata: { deletionTimestamp: 5 }, status: { phase: 'Running' } }),
    ]);
    expect(found).toEqual({ count: 0, pods: [] });
  });

  it('are counted all, but the first twelve told', () => {
    const found = unreadyPods(Array.from({ length: 20 }, (_, i) => pod(`web-${String(i).padStart(2, '0')}`, {})));
    expect(found.count).toBe(20);
    expect(found.pods.at(-1)?.pod).toBe('shop/web-11');
  });
});
