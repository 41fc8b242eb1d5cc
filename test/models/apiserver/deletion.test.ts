import { seconds } from '../../../engine/index.js';
import type { Kind, KubeObject, Namespace, Pod } from '../../../models/api/index.js';
import type { DeleteOptions, Reply } from '../../../models/client-go/index.js';
import { type APod, aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

/** A server with one pod, whose writes are told as they happen. */
function aServerWith(pod: APod, phase = 'Running') {
  const { server, simulation } = anApiServer();
  const { registry } = server;
  registry.create('Pod', aPod('p', pod));
  registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status: { ...now.status, phase } }));
  const told: string[] = [];
  registry.store.watch('Pod', {
    added: () => told.push('added'),
    modified: ({ metadata }) =>
      told.push(`modified ${metadata.deletionTimestamp}/${metadata.deletionGracePeriodSeconds}`),
    deleted: () => told.push('deleted'),
  });
  return {
    told,
    registry,
    at: (second: number) => simulation.runUntil(seconds(second)),
    remove: (options: DeleteOptions = {}) => registry.delete('Pod', 'default/p', options),
    pod: () => server.get('Pod', 'default/p'),
  };
}

const ON_NODE: APod = { spec: { nodeName: 'n1' } };

describe('deleting a pod', () => {
  it('sets its deletionTimestamp into the future and counts a generation', () => {
    const { at, remove, pod, told } = aServerWith(ON_NODE);
    at(100);
    remove();
    expect(pod()?.metadata).toMatchObject({
      deletionTimestamp: seconds(130),
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    expect(told).toEqual(['modified 130000000/30']);
  });

  it('again can only shorten the time it has left', () => {
    const { at, remove, pod, told } = aServerWith(ON_NODE);
    at(100);
    remove();
    at(105);
    remove({ gracePeriodSeconds: 60 });
    remove();
    expect(told).toHaveLength(1);
    remove({ gracePeriodSeconds: 10 });
    // The timestamp moves by the difference: 130 − 30 + 10.
    expect(pod()?.metadata).toMatchObject({
      deletionTimestamp: seconds(110),
      deletionGracePeriodSeconds: 10,
      generation: 2,
    });
  });

  it('with grace 0, as the kubelet does in the end, changes it once more and takes it away', () => {
    const { at, remove, pod, told } = aServerWith(ON_NODE);
    at(100);
    remove();
    at(112);
    remove({ gracePeriodSeconds: 0 });
    expect(pod()).toBeUndefined();
    expect(told).toEqual(['modified 130000000/30', 'modified 100000000/0', 'deleted']);
  });

  it.each([
    ['has no node', {}, 'Pending', {}],
    ['has succeeded', ON_NODE, 'Succeeded', {}],
    ['has failed', ON_NODE, 'Failed', { gracePeriodSeconds: 20 }],
    ['is forced', ON_NODE, 'Running', { gracePeriodSeconds: 0 }],
    ['has a period of 0', { spec: { nodeName: 'n1', terminationGracePeriodSeconds: 0 } }, 'Running', {}],
  ])('takes it away at once when it %s', (_, pod: APod, phase, options: DeleteOptions) => {
    const { remove, pod: left } = aServerWith(pod, phase);
    remove(options);
    expect(left()).toBeUndefined();
  });

  it('counts a negative period as one second', () => {
    const { remove, pod } = aServerWith({ spec: { nodeName: 'n1', terminationGracePeriodSeconds: -3 } });
    remove();
    expect(pod()?.metadata.deletionGracePeriodSeconds).toBe(1);
  });

  it('that carries finalizers marks it, and takes it away with the last of them', () => {
    const { registry, remove, pod, told } = aServerWith(
      { finalizers: ['batch.kubernetes.io/job-tracking'] },
      'Pending',
    );
    remove();
    expect(pod()?.metadata).toMatchObject({ deletionTimestamp: 0, deletionGracePeriodSeconds: 0 });
    registry.patch('Pod', 'default/p', (now) => ({ ...now, metadata: { ...now.metadata, finalizers: [] } }));
    expect(pod()).toBeUndefined();
    expect(told).toEqual(['modified 0/0', 'deleted']);
  });

  it('keeps one whose finalizers are gone until its grace period is over', () => {
    const { registry, remove, pod } = aServerWith({ ...ON_NODE, finalizers: ['f'] });
    remove();
    registry.patch('Pod', 'default/p', (now) => ({ ...now, metadata: { ...now.metadata, finalizers: [] } }));
    expect(pod()).toBeDefined();
    remove({ gracePeriodSeconds: 0 });
    expect(pod()).toBeUndefined();
  });

  it('is refused for another uid or version than the caller means', () => {
    const { remove, pod } = aServerWith(ON_NODE);
    const refused = remove({ preconditions: { uid: 'other' } });
    expect(refused).toMatchObject({ ok: false, error: { reason: 'Conflict', code: 409 } });
    expect(remove({ preconditions: { resourceVersion: '1' } })).toMatchObject({
      ok: false,
      error: { reason: 'Conflict' },
    });
    const { uid, resourceVersion } = (pod() as Pod).metadata;
    expect(remove({ preconditions: { uid: uid ?? '', resourceVersion: resourceVersion ?? '' } }).ok).toBe(true);
  });
});

describe('a pod that is being deleted', () => {
  it('takes no new finalizer, and no update brings it back', () => {
    const { registry, remove, pod } = aServerWith(ON_NODE);
    remove();
    const { metadata } = pod() as Pod;
    const refused = registry.update('Pod', { ...(pod() as Pod), metadata: { ...metadata, finalizers: ['late'] } });
    expect(refused).toMatchObject({
      ok: false,
      error: {
        reason: 'Invalid',
        message:
          'Pod "p" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, ' +
          'found new finalizers []string{"late"}',
      },
    });
    registry.update('Pod', { ...(pod() as Pod), metadata: { ...metadata, deletionTimestamp: undefined } });
    expect(pod()?.metadata.deletionTimestamp).toBe(seconds(30));
  });

  it('still has its name', () => {
    const { registry, remove } = aServerWith(ON_NODE);
    remove();
    expect(registry.create('Pod', aPod('p'))).toMatchObject({
      ok: false,
      error: { reason: 'AlreadyExists', message: 'object is being deleted: pods "p" already exists' },
    });
  });
});

describe('propagation', () => {
  const finalizersAfter = (kind: Kind, options: DeleteOptions): readonly string[] | undefined => {
    const { server } = anApiServer();
    const object = { apiVersion: 'x', kind, metadata: { name: 'o', namespace: 'default' }, spec: {} };
    server.registry.create(kind, object as unknown as KubeObject);
    const reply = server.registry.delete(kind, 'default/o', options) as Reply<KubeObject>;
    expect(reply.ok).toBe(true);
    return server.get(kind, 'default/o')?.metadata.finalizers;
  };

  it('leaves the owner standing with a finalizer until the garbage collector has done its part', () => {
    expect(finalizersAfter('Deployment', { propagationPolicy: 'Foreground' })).toEqual(['foregroundDeletion']);
    expect(finalizersAfter('Deployment', { propagationPolicy: 'Orphan' })).toEqual(['orphan']);
  });

  it('is Background unless asked for, but orphans pods of Jobs and ReplicationControllers', () => {
    expect(finalizersAfter('Deployment', {})).toBeUndefined();
    expect(finalizersAfter('Job', {})).toEqual(['orphan']);
    expect(finalizersAfter('ReplicationController', {})).toEqual(['orphan']);
    expect(finalizersAfter('Job', { propagationPolicy: 'Background' })).toBeUndefined();
  });
});

describe('a collection', () => {
  it('is deleted in one request, each object by its own rules', () => {
    const { server } = anApiServer();
    for (const name of ['default', 'shop']) {
      server.registry.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
    }
    server.registry.create('Pod', aPod('b', { namespace: 'shop', finalizers: ['example.com/wait'] }));
    server.registry.create('Pod', aPod('a', { namespace: 'shop' }));
    server.registry.create('Pod', aPod('a'));
    const reply = server.registry.deleteCollection('Pod', 'shop', {});
    expect(reply.ok && reply.object.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect([...server.list('Pod')].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'shop/b',
      'default/a',
    ]);
  });
});

describe('a namespace', () => {
  it('ends in the phase Terminating and takes nothing in any more', () => {
    const { server } = anApiServer();
    server.registry.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {} });
    server.registry.delete('Namespace', 'shop', {});
    expect(server.get('Namespace', 'shop')?.status?.phase).toBe('Terminating');
    expect(server.registry.create('Pod', aPod('p', { namespace: 'shop' }))).toMatchObject({
      ok: false,
      error: {
        reason: 'Forbidden',
        code: 403,
        message: 'pods "p" is forbidden: unable to create new content in namespace shop because it is being terminated',
        causes: [{ reason: 'NamespaceTerminating' }],
      },
    });
  });

  it('has to exist', () => {
    const { server } = anApiServer();
    expect(server.registry.create('Pod', aPod('p', { namespace: 'nowhere' }))).toMatchObject({
      ok: false,
      error: { reason: 'NotFound', message: 'namespaces "nowhere" not found' },
    });
  });

  it('goes with the last of its finalizers, which no other write takes off', () => {
    const { server } = anApiServer();
    server.registry.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {} });
    server.registry.delete('Namespace', 'shop', {});
    const held = server.get('Namespace', 'shop') as Namespace;
    server.registry.update('Namespace', { ...held, spec: {} });
    server.registry.patchStatus('Namespace', 'shop', (found) => ({
      ...found,
      status: { ...found.status, conditions: [{ type: 'NamespaceContentRemaining', status: 'True' }] },
    }));
    expect(server.get('Namespace', 'shop')?.spec).toEqual({ finalizers: ['kubernetes'] });
    expect(server.registry.finalize({ ...held, spec: {} })).toMatchObject({ ok: false, error: { reason: 'Conflict' } });
    const latest = server.get('Namespace', 'shop') as Namespace;
    expect(server.registry.finalize({ ...latest, spec: {} })).toMatchObject({ ok: true });
    expect(server.get('Namespace', 'shop')).toBeUndefined();
  });

  it('of the system cannot be deleted', () => {
    const { server } = anApiServer();
    expect(server.registry.delete('Namespace', 'default', {})).toMatchObject({
      ok: false,
      error: { message: 'namespaces "default" is forbidden: this namespace may not be deleted' },
    });
  });
});
