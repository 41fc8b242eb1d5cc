import { seconds } from '../../../engine/index.js';
import type { ConfigMap, Deployment, ManagedFieldsEntry, Service } from '../../../models/api/index.js';
import { hooksFor } from '../../../models/apiserver/index.js';
import type { Reply } from '../../../models/client-go/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const LABELS = { app: 'web' };

const deployment = (spec: object, containers: readonly object[]): Deployment =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers } },
      ...spec,
    },
  }) as unknown as Deployment;

const WEB = { name: 'web', image: 'web:1' };

const configMap = (data: Readonly<Record<string, string>>, metadata: object = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default', ...metadata },
  data,
});

/** An API server with defaults and admission, and verbs that answer at once. */
function aServer(kubernetesVersion = '1.37') {
  const hooks = hooksFor(defaultsFor(kubernetesVersion) as Defaults);
  const { server, simulation } = anApiServer({ hooks, kubernetesVersion });
  simulation.runUntil(seconds(60));
  const { registry } = server;
  const apply = (object: Deployment | ConfigMap | Service, fieldManager: string, force = false): Reply<unknown> =>
    registry.apply(object.kind, object as never, { fieldManager, force });
  const managers = (kind: 'Deployment' | 'ConfigMap' | 'Service', name: string): readonly ManagedFieldsEntry[] =>
    registry.get(kind, `default/${name}`)?.metadata.managedFields ?? [];
  const fieldsOf = (manager: string, kind: 'Deployment' | 'ConfigMap' | 'Service', name: string): unknown =>
    managers(kind, name).find((entry) => entry.manager === manager)?.fieldsV1;
  return { registry, apply, managers, fieldsOf };
}

const refusal = (reply: Reply<unknown>): string => (reply.ok ? 'applied' : reply.error.message);

describe('server-side apply', () => {
  it('creates what is not there, and owns what the manifest says, not what is defaulted', () => {
    const { apply, managers, registry } = aServer();
    apply(deployment({ replicas: 3 }, [{ ...WEB, ports: [{ containerPort: 80 }] }]), 'ci');
    expect(managers('Deployment', 'web')).toEqual([
      {
        manager: 'ci',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: seconds(60),
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ]);
    expect(registry.get('Deployment', 'default/web')?.spec.template.spec?.restartPolicy).toBe('Always');
  });

  it('twice the same writes nothing', () => {
    const { apply, registry } = aServer();
    apply(configMap({ a: '1' }), 'ci');
    const before = registry.get('ConfigMap', 'default/settings');
    apply(configMap({ a: '1' }), 'ci');
    expect(registry.get('ConfigMap', 'default/settings')).toBe(before);
  });

  it('takes away what its manager had and no longer wants, unless somebody else has it too', () => {
    const { apply, registry } = aServer();
    apply(configMap({ a: '1', b: '1', c: '1' }), 'ci');
    apply(configMap({ b: '1' }), 'ops');
    apply(configMap({ a: '1' }), 'ci');
    expect(registry.get('ConfigMap', 'default/settings')?.data).toEqual({ a: '1', b: '1' });
    apply(configMap({}), 'ops');
    expect(registry.get('ConfigMap', 'default/settings')?.data).toEqual({ a: '1' });
  });

  it('conflicts with whoever set another value, by name', () => {
    const { apply, registry } = aServer();
    apply(deployment({ replicas: 3 }, [WEB]), 'ci');
    registry.patch('Deployment', 'default/web', (now) => ({ ...now, spec: { ...now.spec, replicas: 5 } }), {
      manager: 'kube-controller-manager',
      subresource: 'scale',
    });
    const reply = apply(deployment({ replicas: 3 }, [WEB]), 'ci');
    expect(reply).toEqual({
      ok: false,
      error: {
        reason: 'Conflict',
        code: 409,
        message:
          'Apply failed with 1 conflict: conflict with "kube-controller-manager" with subresource "scale" using apps/v1: .spec.replicas',
        causes: [
          {
            reason: 'FieldManagerConflict',
            field: '.spec.replicas',
            message: 'conflict with "kube-controller-manager" with subresource "scale" using apps/v1',
          },
        ],
      },
    });
    expect(refusal(apply(deployment({}, [WEB]), 'ci'))).toBe('applied');
    expect(registry.get('Deployment', 'default/web')?.spec.replicas).toBe(5);
  });

  it('names all conflicts with all managers', () => {
    const { apply } = aServer();
    apply(configMap({ a: '1', b: '1' }), 'ops');
    apply(configMap({ c: '1' }), 'admin');
    expect(refusal(apply(configMap({ a: '2', b: '2', c: '2', d: '2' }), 'ci'))).toBe(
      'Apply failed with 3 conflicts: conflicts with "admin":\n- .data.c\nconflicts with "ops":\n- .data.a\n- .data.b',
    );
  });

  it('by force takes the fields over; the same value is shared without force', () => {
    const { apply, fieldsOf } = aServer();
    apply(configMap({ a: '1', b: '1' }), 'ops');
    apply(configMap({ a: '2', b: '1' }), 'ci', true);
    expect(fieldsOf('ops', 'ConfigMap', 'settings')).toEqual({ 'f:data': { 'f:b': {} } });
    expect(fieldsOf('ci', 'ConfigMap', 'settings')).toEqual({ 'f:data': { 'f:a': {}, 'f:b': {} } });
  });

  it('merges containers by name: each may have another owner', () => {
    const { apply, registry } = aServer();
    apply(deployment({}, [WEB]), 'ci');
    const mesh = deployment({}, [{ name: 'proxy', image: 'proxy:1' }]);
    apply({ ...mesh, spec: { template: { spec: mesh.spec.template.spec } } } as Deployment, 'mesh');
    const names = (): readonly string[] =>
      registry.get('Deployment', 'default/web')?.spec.template.spec?.containers.map(({ name }) => name) ?? [];
    expect(names()).toEqual(['web', 'proxy']);
    apply(deployment({}, [{ ...WEB, image: 'web:2' }]), 'ci');
    expect(names()).toEqual(['web', 'proxy']);
    expect(refusal(apply(deployment({}, [WEB, { name: 'proxy', image: 'proxy:2' }]), 'ci'))).toBe(
      'Apply failed with 1 conflict: conflict with "mesh": .spec.template.spec.containers[name="proxy"].image',
    );
  });

  it('joins sets, such as finalizers, by value', () => {
    const { apply, registry, fieldsOf } = aServer();
    apply(configMap({}, { finalizers: ['a.io/x'] }), 'ci');
    apply(configMap({}, { finalizers: ['b.io/y'] }), 'ops');
    expect(registry.get('ConfigMap', 'default/settings')?.metadata.finalizers).toEqual(['a.io/x', 'b.io/y']);
    expect(fieldsOf('ops', 'ConfigMap', 'settings')).toEqual({
      'f:data': {},
      'f:metadata': { 'f:finalizers': { 'v:"b.io/y"': {} } },
    });
  });

  it('gives an atomic value one owner: a selector of a Service changes as a whole', () => {
    const { apply } = aServer();
    const service = (selector: Readonly<Record<string, string>>): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector, ports: [{ port: 80 }] },
    });
    apply(service({ app: 'web' }), 'ops');
    expect(refusal(apply(service({ app: 'web', tier: 'x' }), 'ci'))).toBe(
      'Apply failed with 1 conflict: conflict with "ops": .spec.selector',
    );
  });

  it('of an object whose managers nobody kept, meets what stood there before', () => {
    const { apply, registry, managers } = aServer();
    registry.create('ConfigMap', configMap({ a: '1' }));
    expect(managers('ConfigMap', 'settings')).toEqual([]);
    expect(refusal(apply(configMap({ a: '2' }), 'ci'))).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    );
  });

  it('in 1.23 goes by the merge keys of strategic merge patches', () => {
    const { apply, fieldsOf } = aServer('1.23');
    apply(deployment({}, [WEB]), 'ci');
    expect(fieldsOf('ci', 'Deployment', 'web')).toMatchObject({
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } } },
    });
  });
});

describe('managedFields of an object that will be applied by the server', () => {
  it('tell what its creator wrote and was defaulted, and who wrote what since', () => {
    const { registry, managers } = aServer();
    registry.fieldManagers.keep('ConfigMap', 'default/settings');
    registry.create('ConfigMap', configMap({ a: '1' }, { labels: LABELS }), { manager: 'kubectl-create' });
    registry.patch('ConfigMap', 'default/settings', (now) => ({ ...now, data: { a: '2', b: '1' } }), {
      manager: 'kubectl-patch',
    });
    expect(
      managers('ConfigMap', 'settings').map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]),
    ).toEqual([
      ['kubectl-create', 'Update', { 'f:data': {}, 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } }],
      ['kubectl-patch', 'Update', { 'f:data': { 'f:a': {}, 'f:b': {} } }],
    ]);
  });

  it('keep status apart', () => {
    const { registry, managers } = aServer();
    registry.fieldManagers.keep('Deployment', 'default/web');
    registry.create('Deployment', deployment({ replicas: 2 }, [WEB]), { manager: 'kubectl-create' });
    registry.patchStatus('Deployment', 'default/web', (now) => ({ ...now, status: { replicas: 2 } }), {
      manager: 'kube-controller-manager',
    });
    expect(managers('Deployment', 'web').find(({ subresource }) => subresource)).toMatchObject({
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:replicas': {} } },
    });
  });

  it('are of no other object', () => {
    const { registry, managers } = aServer();
    registry.create('ConfigMap', configMap({ a: '1' }), { manager: 'kubectl-create' });
    expect(managers('ConfigMap', 'settings')).toEqual([]);
  });
});
