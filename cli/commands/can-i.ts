import {
  type AnyObject,
  type ClusterRole,
  type ClusterRoleBinding,
  keyOf,
  type Role,
  type RoleBinding,
  SERVED_KINDS,
} from '../../models/api/index.js';
import {
  authorize,
  BOOTSTRAP_CLUSTER_ROLE_BINDINGS,
  BOOTSTRAP_CLUSTER_ROLES,
  type RbacPolicy,
  type RequestAttributes,
  type UserInfo,
  withAggregatedRoles,
} from '../../models/apiserver/index.js';
import { kindOfWord } from '../../scenarios/schema/reference.js';
import { nodeFiles } from '../../scenarios/sources/node-files.js';
import { loadUserObjects } from '../../scenarios/sources/user-objects.js';
import type { Surroundings } from './run.js';

export interface CanIOptions {
  readonly verb: string;
  /** "pods", "deployments.apps", "pods/NAME", or a path that begins with "/". */
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly file: readonly string[];
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
}

/** kubectl pkg/cmd/auth/cani.go isKnownResourceVerb, isKnownNonResourceVerb. */
const RESOURCE_VERBS =
  'create get list watch update patch delete deletecollection use bind impersonate approve sign escalate *'.split(' ');
const PATH_VERBS = 'get put post head options delete patch *'.split(' ');

/** kubewhen auth can-i: as kubectl's, of the roles and bindings in these files. Answers the exit code: 1 for no. */
export function canI(options: CanIOptions, { model, print }: Surroundings): number {
  const policy = policyOf(loadUserObjects(nodeFiles, options.file, model));
  const { attributes, warnings } = attributesOf(options);
  for (const warning of warnings) {
    print(`Warning: ${warning}`);
  }
  const { isAllowed, errors } = authorize(attributes, policy);
  const why = isAllowed || errors.length === 0 ? '' : ` - RBAC: ${joined(errors)}`;
  print(isAllowed ? 'yes' : `no${why}`);
  return isAllowed ? 0 : 1;
}

/** utilerrors.NewAggregate. */
const joined = (errors: readonly string[]): string =>
  errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`;

/** What the files hold, and beside it what every cluster has. */
function policyOf(objects: readonly AnyObject[]): RbacPolicy {
  const of = <T extends AnyObject>(kind: string, standing: readonly T[] = []): readonly T[] => {
    const given = objects.filter((object) => object.kind === kind) as unknown as readonly T[];
    const names = new Set(given.map(keyOf));
    return [...standing.filter((object) => !names.has(keyOf(object))), ...given];
  };
  return withAggregatedRoles({
    roles: of<Role>('Role'),
    roleBindings: of<RoleBinding>('RoleBinding'),
    clusterRoles: of<ClusterRole>('ClusterRole', BOOTSTRAP_CLUSTER_ROLES),
    clusterRoleBindings: of<ClusterRoleBinding>('ClusterRoleBinding', BOOTSTRAP_CLUSTER_ROLE_BINDINGS),
  });
}

function attributesOf(options: CanIOptions): {
  readonly attributes: RequestAttributes;
  readonly warnings: readonly string[];
} {
  const { verb, resource: asked, subresource = '', allNamespaces = false, namespace = 'default' } = options;
  const user = userOf(options);
  if (asked.startsWith('/')) {
    return { attributes: { user, verb, path: asked }, warnings: unknownVerb(verb, PATH_VERBS) };
  }
  const [word = '', name = ''] = asked.split('/');
  const warnings = unknownVerb(verb, RESOURCE_VERBS);
  const [plain, ...group] = word.split('.');
  const kind = word === '*' ? undefined : kindOfWord(word);
  if (kind === undefined && word !== '*') {
    const inGroup = group.length > 0 ? ` in group '${group.join('.')}'` : '';
    warnings.push(`the server doesn't have a resource type '${plain}'${inGroup}`);
  }
  const served = kind && SERVED_KINDS[kind];
  const found = served && {
    resource: served.plural,
    group: served.apiVersion.includes('/') ? (served.apiVersion.split('/')[0] as string) : '',
  };
  const { resource, group: apiGroup } = found ?? { resource: plain as string, group: group.join('.') };
  if (served !== undefined && !served.namespaced && !allNamespaces) {
    warnings.push(`resource '${resource}' is not namespace scoped${apiGroup ? ` in group '${apiGroup}'` : ''}`);
  }
  const attributes = {
    user,
    verb,
    resource: { group: apiGroup, resource, subresource, name, namespace: allNamespaces ? '' : namespace },
  };
  return { attributes, warnings };
}

const unknownVerb = (verb: string, known: readonly string[]): string[] =>
  known.includes(verb) ? [] : [`verb '${verb}' is not a known verb`];

/** Groups that the server adds to whom kubectl speaks for (k8s.io/apiserver pkg/endpoints/filters/impersonation.go). */
function userOf({ as: name, asGroup = [] }: CanIOptions): UserInfo {
  if (name === undefined) {
    return { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
  }
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? [];
  const own =
    namespace === undefined || asGroup.length > 0
      ? []
      : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const all = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return { name, groups: [...own, ...asGroup, all] };
}
