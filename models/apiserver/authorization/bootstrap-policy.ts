import type { ClusterRole, ClusterRoleBinding, PolicyRule, V1Subject } from '../../api/index.js';

// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go: the roles that people bind. What components have for themselves is left out.

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const READ_WRITE = [...WRITE, ...READ];

const rule = (group: string, resources: string, verbs: readonly string[]): PolicyRule => ({
  apiGroups: [group],
  resources: resources.split(' '),
  verbs,
});

const WORKLOADS_SCALED = 'deployments/scale replicasets/scale';

const VIEW: readonly PolicyRule[] = [
  rule(
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    READ,
  ),
  rule(
    '',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    READ,
  ),
  rule('', 'namespaces', READ),
  rule('discovery.k8s.io', 'endpointslices', READ),
  rule(
    'apps',
    `controllerrevisions daemonsets daemonsets/status deployments deployments/status replicasets replicasets/status statefulsets statefulsets/scale statefulsets/status ${WORKLOADS_SCALED}`,
    READ,
  ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', READ),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', READ),
  rule(
    'extensions',
    `daemonsets daemonsets/status deployments deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/status replicationcontrollers/scale ${WORKLOADS_SCALED}`,
    READ,
  ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', READ),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', READ),
];

const EDIT: readonly PolicyRule[] = [
  rule('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', READ),
  rule('', 'serviceaccounts', ['impersonate']),
  rule('', 'pods pods/attach pods/exec pods/portforward pods/proxy', WRITE),
  rule('', 'pods/eviction', ['create']),
  rule(
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    WRITE,
  ),
  rule('', 'serviceaccounts/token', ['create']),
  rule(
    'apps',
    `daemonsets deployments deployments/rollback replicasets statefulsets statefulsets/scale ${WORKLOADS_SCALED}`,
    WRITE,
  ),
  rule('autoscaling', 'horizontalpodautoscalers', WRITE),
  rule('batch', 'cronjobs jobs', WRITE),
  rule(
    'extensions',
    `daemonsets deployments deployments/rollback ingresses networkpolicies replicasets replicationcontrollers/scale ${WORKLOADS_SCALED}`,
    WRITE,
  ),
  rule('policy', 'poddisruptionbudgets', WRITE),
  rule('networking.k8s.io', 'ingresses networkpolicies', WRITE),
  rule('coordination.k8s.io', 'leases', READ_WRITE),
];

const ADMIN: readonly PolicyRule[] = [
  rule('authorization.k8s.io', 'localsubjectaccessreviews', ['create']),
  rule('rbac.authorization.k8s.io', 'rolebindings roles', READ_WRITE),
];

const EVERYTHING: readonly PolicyRule[] = [rule('*', '*', ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }];

const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...HEALTH];

const AGGREGATE_TO = 'rbac.authorization.k8s.io/aggregate-to-';

interface RoleDraft {
  readonly rules?: readonly PolicyRule[];
  /** Into which role its rules go. */
  readonly to?: string;
  /** Whether it is made of the others' rules. */
  readonly isAggregated?: boolean;
}

const clusterRole = (name: string, { rules = [], to, isAggregated = false }: RoleDraft): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, ...(to !== undefined && { labels: { [`${AGGREGATE_TO}${to}`]: 'true' } }) },
  rules,
  ...(isAggregated && {
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${AGGREGATE_TO}${name}`]: 'true' } }] },
  }),
});

/** Roles that every cluster has. */
export const BOOTSTRAP_CLUSTER_ROLES: readonly ClusterRole[] = [
  clusterRole('admin', { isAggregated: true }),
  clusterRole('cluster-admin', { rules: EVERYTHING }),
  clusterRole('edit', { isAggregated: true, to: 'admin' }),
  clusterRole('system:aggregate-to-admin', { rules: ADMIN, to: 'admin' }),
  clusterRole('system:aggregate-to-edit', { rules: EDIT, to: 'edit' }),
  clusterRole('system:aggregate-to-view', { rules: VIEW, to: 'view' }),
  clusterRole('system:basic-user', {
    rules: [
      rule('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', ['create']),
      rule('authentication.k8s.io', 'selfsubjectreviews', ['create']),
    ],
  }),
  clusterRole('system:discovery', { rules: [{ nonResourceURLs: DISCOVERY, verbs: ['get'] }] }),
  clusterRole('system:public-info-viewer', { rules: [{ nonResourceURLs: HEALTH, verbs: ['get'] }] }),
  clusterRole('view', { isAggregated: true, to: 'edit' }),
];

const clusterRoleBinding = (name: string, groups: readonly string[]): ClusterRoleBinding => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: groups.map((group): V1Subject => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
});

/** Bindings that every cluster has. */
export const BOOTSTRAP_CLUSTER_ROLE_BINDINGS: readonly ClusterRoleBinding[] = [
  clusterRoleBinding('cluster-admin', ['system:masters']),
  clusterRoleBinding('system:basic-user', ['system:authenticated']),
  clusterRoleBinding('system:discovery', ['system:authenticated']),
  clusterRoleBinding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
];
