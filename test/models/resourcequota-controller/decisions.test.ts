import type { AnyObject, Kind, ResourceQuota } from '../../../models/api/index.js';
import { countedKinds, lacksUsage, quotaStatus } from '../../../models/resourcequota-controller/decisions.js';

const quota = (hard: Readonly<Record<string, string>>, status?: ResourceQuota['status']): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'n' },
  spec: { hard },
  status,
});

it.each([
  ['pods', ['Pod']],
  ['requests.nvidia.com/gpu', ['Pod']],
  ['count/pods', ['Pod']],
  ['count/deployments.apps', ['Deployment']],
  ['gold.storageclass.storage.k8s.io/requests.storage', ['PersistentVolumeClaim']],
  ['services.nodeports', ['Service']],
  ['count/nodes', []],
  ['count/events', []],
  ['unheard-of', []],
])('counts %s in %j', (name, kinds) => {
  expect(countedKinds(quota({ [name]: '1' }))).toEqual(kinds);
});

it('adds up all kinds, in the largest unit that is exact', () => {
  const objects: Readonly<Record<string, readonly object[]>> = {
    Pod: [
      { spec: { containers: [{ name: 'a', resources: { requests: { memory: '512Mi' } } }] } },
      { spec: { containers: [{ name: 'a', resources: { requests: { memory: '1536Mi' } } }] } },
    ],
    Service: [{ spec: { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 81 }] } }],
    Secret: [],
  };
  const objectsOf = (kind: Kind): readonly AnyObject[] =>
    (objects[kind] ?? []).map((object) => ({ apiVersion: '', kind, metadata: { name: 'x' }, ...object }));
  const hard = {
    'requests.memory': '4Gi',
    'services.nodeports': '3',
    'services.loadbalancers': '1',
    secrets: '1',
    other: '9',
  };
  expect(quotaStatus(quota(hard, { used: { other: '4', gone: '1' } }), objectsOf, 0)).toEqual({
    hard,
    used: {
      other: '4',
      'requests.memory': '2Gi',
      secrets: '0',
      'services.loadbalancers': '1',
      'services.nodeports': '2',
    },
  });
});

it.each([
  ['never counted', quota({ pods: '1' }), true],
  [
    'with another limit than it was counted for',
    quota({ pods: '2' }, { hard: { pods: '1' }, used: { pods: '0' } }),
    true,
  ],
  ['without the usage of one resource', quota({ pods: '1' }, { hard: { pods: '1' } }), true],
  ['counted', quota({ pods: '1' }, { hard: { pods: '1' }, used: { pods: '0' } }), false],
])('a quota %s is urgent: %#', (_, it, urgent) => {
  expect(lacksUsage(it)).toBe(urgent);
});
