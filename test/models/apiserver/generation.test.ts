import type { Deployment, EndpointSlice, Kind, KubeObject, ObjectMeta } from '../../../models/api/index.js';
import { aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'o', namespace: 'default' },
  spec: { selector: {}, template: { metadata: {}, spec: { containers: [] } }, replicas: 1 },
} as unknown as Deployment;

const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'o', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [],
};

/** The generation of an object after one change. */
function generationAfter<T extends KubeObject>(object: T, change: (now: T) => T, kubernetesVersion = '1.37') {
  const { registry } = anApiServer({ kubernetesVersion }).server;
  const kind = object.kind as Kind;
  registry.create(kind, object);
  registry.patch(kind, 'default/o', (now) => change(now as T));
  return registry.get(kind, 'default/o')?.metadata.generation;
}

const withMetadata =
  <T extends KubeObject>(metadata: Partial<ObjectMeta>) =>
  (now: T): T => ({ ...now, metadata: { ...now.metadata, ...metadata } });

describe('metadata.generation', () => {
  it('counts what a Deployment’s ReplicaSets are made from: its spec and its annotations', () => {
    expect(generationAfter(deployment, (now) => ({ ...now, spec: { ...now.spec, replicas: 2 } }))).toBe(2);
    expect(generationAfter(deployment, withMetadata({ annotations: { a: 'b' } }))).toBe(2);
    expect(generationAfter(deployment, withMetadata({ labels: { a: 'b' } }))).toBe(1);
  });

  it('counts what is in an EndpointSlice, and its labels', () => {
    expect(generationAfter(slice, (now) => ({ ...now, endpoints: [{ addresses: ['10.0.0.1'] }] }))).toBe(2);
    expect(generationAfter(slice, withMetadata({ labels: { a: 'b' } }))).toBe(2);
    expect(generationAfter(slice, withMetadata({ annotations: { a: 'b' } }))).toBe(1);
  });

  it('of pods is counted since 1.34', () => {
    const pod = aPod('o') as KubeObject;
    expect(generationAfter(pod, withMetadata({ labels: { a: 'b' } }))).toBe(1);
    expect(generationAfter(pod, (now) => now, '1.23')).toBeUndefined();
  });

  it('cannot be set', () => {
    expect(generationAfter(deployment, withMetadata({ generation: 7, labels: { a: 'b' } }))).toBe(1);
  });
});

describe('the status of a pod', () => {
  it('keeps the generation that a condition was observed at when a client leaves it out', () => {
    const { registry } = anApiServer().server;
    registry.create('Pod', aPod('p'));
    const ready = { type: 'Ready', status: 'True' };
    const set = (status: object) => registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status }));
    set({ observedGeneration: 1, conditions: [{ ...ready, observedGeneration: 1 }] });
    set({ conditions: [{ ...ready, status: 'False' }] });
    expect(registry.get('Pod', 'default/p')?.status).toMatchObject({
      observedGeneration: 1,
      conditions: [{ status: 'False', observedGeneration: 1 }],
    });
  });
});

// k8s 1.37 staging/src/k8s.io/api: counts without omitempty are told from the start.
it.each([
  ['ReplicaSet', 'apps/v1', { replicas: 0 }],
  ['ReplicationController', 'v1', { replicas: 0 }],
  ['StatefulSet', 'apps/v1', { availableReplicas: 0, replicas: 0 }],
  ['Deployment', 'apps/v1', {}],
] as const)('a new %s tells what there is of it', (kind, apiVersion, status) => {
  const { registry } = anApiServer().server;
  registry.create(kind, { ...deployment, kind, apiVersion } as never);
  expect(registry.get(kind, 'default/o')?.status).toEqual(status);
});
