import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CanIOptions, canI } from '../../cli/commands/can-i.js';
import { kubernetes } from '../../models/cluster.js';

const POLICY = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}
- {apiGroups: [apps], resources: [deployments], resourceNames: [cart], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}
- {kind: ServiceAccount, name: robot}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: dangling, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: nobody}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: joe}
`;

let folder: string;
let file: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'can-i-'));
  file = [join(folder, 'rbac.yaml')];
  writeFileSync(file[0] as string, POLICY);
});

afterAll(() => rmSync(folder, { recursive: true }));

function ask(options: Partial<CanIOptions> & Pick<CanIOptions, 'verb' | 'resource'>): readonly [number, string] {
  const lines: string[] = [];
  const code = canI(
    { file, as: 'jane', namespace: 'shop', ...options },
    { model: kubernetes, print: (text) => lines.push(text), isCancelled: () => false },
  );
  return [code, lines.join('\n')];
}

it.each([
  ['a verb that is there', { verb: 'list', resource: 'pods' }, [0, 'yes']],
  ['a short name', { verb: 'get', resource: 'po' }, [0, 'yes']],
  ['another verb', { verb: 'delete', resource: 'pods' }, [1, 'no']],
  ['a subresource', { verb: 'get', resource: 'pods', subresource: 'log' }, [0, 'yes']],
  ['another namespace', { verb: 'list', resource: 'pods', namespace: 'default' }, [1, 'no']],
  ['every namespace', { verb: 'list', resource: 'pods', allNamespaces: true }, [1, 'no']],
  ['one object', { verb: 'patch', resource: 'deployments.apps/cart' }, [0, 'yes']],
  ['another object', { verb: 'patch', resource: 'deploy/web' }, [1, 'no']],
  ['a service account', { verb: 'list', resource: 'pods', as: 'system:serviceaccount:shop:robot' }, [0, 'yes']],
  ['the administrator', { verb: '*', resource: '*', as: undefined }, [0, 'yes']],
  ['a path', { verb: 'get', resource: '/healthz' }, [0, 'yes']],
  [
    'a role that is not there',
    { verb: 'list', resource: 'pods', as: 'joe' },
    [1, 'no - RBAC: role.rbac.authorization.k8s.io "nobody" not found'],
  ],
  [
    'an unknown resource',
    { verb: 'get', resource: 'gizmos' },
    [1, "Warning: the server doesn't have a resource type 'gizmos'\nno"],
  ],
  ['an unknown verb', { verb: 'stroke', resource: 'pods' }, [1, "Warning: verb 'stroke' is not a known verb\nno"]],
  [
    'a resource of the cluster',
    { verb: 'get', resource: 'nodes' },
    [1, "Warning: resource 'nodes' is not namespace scoped\nno"],
  ],
] as const)('answers %s', (_, options, expected) => {
  expect(ask(options)).toEqual(expected);
});
