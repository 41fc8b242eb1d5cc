import type { ClusterRole, PolicyRule, V1Subject } from '../../../models/api/index.js';
import {
  authorize,
  BOOTSTRAP_CLUSTER_ROLE_BINDINGS,
  BOOTSTRAP_CLUSTER_ROLES,
  type RbacPolicy,
  type RequestAttributes,
  withAggregatedRoles,
} from '../../../models/apiserver/index.js';

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' } as const;
const JANE = { name: 'jane', groups: ['system:authenticated', 'ops'] };

const empty: RbacPolicy = { roles: [], roleBindings: [], clusterRoles: [], clusterRoleBindings: [] };

const clusterRole = (name: string, rules: readonly PolicyRule[], more: Partial<ClusterRole> = {}): ClusterRole => ({
  ...RBAC,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
  ...more,
});

/** Jane may do in every namespace what one rule says. */
const granted = (rule: PolicyRule, subject: V1Subject = { kind: 'User', name: 'jane' }): RbacPolicy => ({
  ...empty,
  clusterRoles: [clusterRole('r', [rule])],
  clusterRoleBindings: [
    {
      ...RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'b' },
      roleRef: { kind: 'ClusterRole', name: 'r' },
      subjects: [subject],
    },
  ],
});

/** "get pods/log x" in namespace n of group ''. */
function asks(text: string, group = '', user: RequestAttributes['user'] = JANE, namespace = 'n'): RequestAttributes {
  const [verb = '', what = '', name = ''] = text.split(' ');
  if (what.startsWith('/')) {
    return { user, verb, path: what };
  }
  const [resource = '', subresource = ''] = what.split('/');
  return { user, verb, resource: { group, resource, subresource, name, namespace } };
}

const pods = (more: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: [''],
  resources: ['pods'],
  verbs: ['get'],
  ...more,
});

describe('a rule', () => {
  it.each([
    ['allows what it names', pods(), 'get pods', '', true],
    ['not another verb', pods(), 'list pods', '', false],
    ['not another resource', pods(), 'get secrets', '', false],
    ['not another group', pods(), 'get pods', 'metrics.k8s.io', false],
    ['not a subresource of it', pods(), 'get pods/log', '', false],
    ['with a subresource allows that', pods({ resources: ['pods/log'] }), 'get pods/log', '', true],
    ['and not the resource', pods({ resources: ['pods/log'] }), 'get pods', '', false],
    ['with */scale allows any scale', pods({ resources: ['*/scale'] }), 'get deployments/scale', '', true],
    ['and nothing else', pods({ resources: ['*/scale'] }), 'get deployments', '', false],
    ['with * allows subresources too', pods({ resources: ['*'] }), 'get pods/exec', '', true],
    ['pods/* is no wildcard', pods({ resources: ['pods/*'] }), 'get pods/log', '', false],
    ['with every verb', pods({ verbs: ['*'] }), 'frobnicate pods', '', true],
    ['with every group', pods({ apiGroups: ['*'] }), 'get pods', 'metrics.k8s.io', true],
    ['with names allows these', pods({ resourceNames: ['a'] }), 'get pods a', '', true],
    ['not others', pods({ resourceNames: ['a'] }), 'get pods b', '', false],
    ['not all of them', pods({ resourceNames: ['a'] }), 'get pods', '', false],
    ['a star is no name', pods({ resourceNames: ['*'] }), 'get pods a', '', false],
    ['about paths', { nonResourceURLs: ['/metrics'], verbs: ['get'] }, 'get /metrics', '', true],
    ['about paths below', { nonResourceURLs: ['/debug/*'], verbs: ['get'] }, 'get /debug/pprof/heap', '', true],
    ['a star stands only at the end', { nonResourceURLs: ['/*/heap'], verbs: ['get'] }, 'get /debug/heap', '', false],
    ['about resources says nothing of paths', pods({ resources: ['*'], apiGroups: ['*'] }), 'get /metrics', '', false],
  ] as const)('%s', (_, rule, text, group, expected) => {
    expect(authorize(asks(text, group), granted(rule)).isAllowed).toBe(expected);
  });
});

describe('a subject', () => {
  const robot = { name: 'system:serviceaccount:ci:robot', groups: [] };
  it.each([
    ['a user', { kind: 'User', name: 'jane' }, JANE, true],
    ['another user', { kind: 'User', name: 'joe' }, JANE, false],
    ['a group', { kind: 'Group', name: 'ops' }, JANE, true],
    ['a service account', { kind: 'ServiceAccount', name: 'robot', namespace: 'ci' }, robot, true],
    ['one of another namespace', { kind: 'ServiceAccount', name: 'robot', namespace: 'n' }, robot, false],
    ['one without a namespace', { kind: 'ServiceAccount', name: 'robot' }, robot, false],
  ])('is %s', (_, subject, user, expected) => {
    expect(authorize(asks('get pods', '', user), granted(pods(), subject)).isAllowed).toBe(expected);
  });
});

describe('a binding of a namespace', () => {
  const bound = (kind: 'Role' | 'ClusterRole'): RbacPolicy => ({
    ...empty,
    roles: [{ ...RBAC, kind: 'Role', metadata: { name: 'r', namespace: 'n' }, rules: [pods()] }],
    clusterRoles: [clusterRole('r', [pods({ resources: ['pods', 'nodes'] })])],
    roleBindings: [
      {
        ...RBAC,
        kind: 'RoleBinding',
        metadata: { name: 'b', namespace: 'n' },
        roleRef: { kind, name: 'r' },
        subjects: [{ kind: 'User', name: 'jane' }],
      },
    ],
  });

  it('counts there alone, whatever the role', () => {
    for (const kind of ['Role', 'ClusterRole'] as const) {
      expect(authorize(asks('get pods'), bound(kind)).reason).toBe(
        `RBAC: allowed by RoleBinding "b/n" of ${kind} "r" to User "jane"`,
      );
      expect(authorize(asks('get pods', '', JANE, 'other'), bound(kind)).isAllowed).toBe(false);
      expect(authorize(asks('get pods', '', JANE, ''), bound(kind)).isAllowed).toBe(false);
    }
  });

  it('says which role is not there', () => {
    expect(authorize(asks('get pods'), { ...bound('Role'), roles: [] })).toEqual({
      isAllowed: false,
      reason: '',
      errors: ['role.rbac.authorization.k8s.io "r" not found'],
    });
  });
});

describe('what every cluster has', () => {
  const policy = (name: string, more: readonly ClusterRole[] = []): RbacPolicy =>
    withAggregatedRoles({
      ...empty,
      clusterRoles: [...BOOTSTRAP_CLUSTER_ROLES, ...more],
      clusterRoleBindings: [
        ...BOOTSTRAP_CLUSTER_ROLE_BINDINGS,
        {
          ...RBAC,
          kind: 'ClusterRoleBinding',
          metadata: { name: 'mine' },
          roleRef: { kind: 'ClusterRole', name },
          subjects: [{ kind: 'User', name: 'jane' }],
        },
      ],
    });

  it.each([
    ['view', 'get pods', '', true],
    ['view', 'get secrets', '', false],
    ['view', 'get nodes', '', false],
    ['edit', 'get secrets', '', true],
    ['edit', 'patch deployments', 'apps', true],
    ['edit', 'list pods', '', true],
    ['edit', 'create roles', 'rbac.authorization.k8s.io', false],
    ['admin', 'create roles', 'rbac.authorization.k8s.io', true],
    ['admin', 'create deployments', 'apps', true],
    ['admin', 'update resourcequotas', '', false],
    ['cluster-admin', 'delete nodes', '', true],
    ['view', 'get /healthz', '', true],
    ['view', 'get /metrics', '', false],
  ])('%s: may %s%s?', (role, text, group, expected) => {
    expect(authorize(asks(text, group), policy(role)).isAllowed).toBe(expected);
  });

  it('grows by what others aggregate to it, through as many roles as there are', () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    const crd = clusterRole('crontabs', [{ apiGroups: ['stable'], resources: ['crontabs'], verbs: ['get'] }], {
      metadata: { name: 'crontabs', labels },
    });
    expect(authorize(asks('get crontabs', 'stable'), policy('admin', [crd])).isAllowed).toBe(true);
    expect(authorize(asks('get crontabs', 'stable'), policy('admin')).isAllowed).toBe(false);
  });

  it('lets system:masters do everything', () => {
    const root = { name: 'root', groups: ['system:masters'] };
    expect(authorize(asks('escalate anything', 'x', root), empty).isAllowed).toBe(true);
  });
});
