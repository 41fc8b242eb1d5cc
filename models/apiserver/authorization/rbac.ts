import {
  aggregatedRules,
  type ClusterRole,
  type ClusterRoleBinding,
  keyFor,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type V1Subject,
} from '../../api/index.js';

// plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go, pkg/apis/rbac/v1/evaluation_helpers.go

/** Who asks. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What somebody wants to do: with a resource, or with a path that is none. */
export interface RequestAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly resource?: {
    readonly group: string;
    readonly resource: string;
    readonly subresource: string;
    /** '' for all objects. */
    readonly name: string;
    /** '' for all namespaces, and for what is in none. */
    readonly namespace: string;
  };
  readonly path?: string;
}

/** Roles and bindings in force. */
export interface RbacPolicy {
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
}

/** `reason` is why it is allowed; `errors` are roles that bindings name and that are not there. */
export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
  readonly errors: readonly string[];
}

/** Its members may do everything, whatever the bindings say (k8s.io/apiserver pkg/authorization/authorizerfactory). */
const PRIVILEGED_GROUP = 'system:masters';

/** Bindings of the cluster first, then those of the namespace; the first that allows it decides. */
export function authorize(attributes: RequestAttributes, policy: RbacPolicy): Decision {
  if (attributes.user.groups.includes(PRIVILEGED_GROUP)) {
    return { isAllowed: true, reason: '', errors: [] };
  }
  const errors: string[] = [];
  for (const grant of grantsOf(attributes, policy, errors)) {
    if (grant.rules.some((rule) => allows(rule, attributes))) {
      return { isAllowed: true, reason: `RBAC: allowed by ${grant.description}`, errors };
    }
  }
  return { isAllowed: false, reason: '', errors };
}

interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly description: string;
}

/** As VisitRulesFor: every binding that is about the user, with the rules of its role. */
function* grantsOf({ user, resource }: RequestAttributes, policy: RbacPolicy, errors: string[]): Iterable<Grant> {
  for (const { metadata, roleRef, subjects = [] } of policy.clusterRoleBindings) {
    const subject = subjects.find((candidate) => appliesTo(user, candidate, ''));
    const rules = subject && clusterRoleRules(roleRef.name, policy, errors);
    if (subject !== undefined && rules !== undefined) {
      const to = describe(subject, '');
      yield {
        rules,
        description: `ClusterRoleBinding "${metadata.name}" of ${roleRef.kind} "${roleRef.name}" to ${to}`,
      };
    }
  }
  for (const { metadata, roleRef, subjects = [] } of policy.roleBindings) {
    const namespace = metadata.namespace ?? '';
    if (resource === undefined || resource.namespace === '' || resource.namespace !== namespace) {
      continue;
    }
    const subject = subjects.find((candidate) => appliesTo(user, candidate, namespace));
    const rules =
      subject &&
      (roleRef.kind === 'Role'
        ? roleRules(namespace, roleRef.name, policy, errors)
        : clusterRoleRules(roleRef.name, policy, errors));
    if (subject !== undefined && rules !== undefined) {
      const [of, to] = [`${roleRef.kind} "${roleRef.name}"`, describe(subject, namespace)];
      yield { rules, description: `RoleBinding "${metadata.name}/${namespace}" of ${of} to ${to}` };
    }
  }
}

function roleRules(
  namespace: string,
  name: string,
  { roles }: RbacPolicy,
  errors: string[],
): readonly PolicyRule[] | undefined {
  const key = keyFor(namespace, name);
  const role = roles.find(({ metadata }) => keyFor(metadata.namespace, metadata.name) === key);
  return role ? (role.rules ?? []) : missing('role', name, errors);
}

function clusterRoleRules(
  name: string,
  { clusterRoles }: RbacPolicy,
  errors: string[],
): readonly PolicyRule[] | undefined {
  const role = clusterRoles.find(({ metadata }) => metadata.name === name);
  return role ? (role.rules ?? []) : missing('clusterrole', name, errors);
}

function missing(resource: string, name: string, errors: string[]): undefined {
  errors.push(`${resource}.rbac.authorization.k8s.io "${name}" not found`);
  return undefined;
}

function appliesTo({ name, groups }: UserInfo, subject: V1Subject, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === name;
    case 'Group':
      return groups.includes(subject.name);
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace !== '' && name === `system:serviceaccount:${namespace}:${subject.name}`;
    }
    default:
      return false;
  }
}

const describe = ({ kind, name, namespace }: V1Subject, bindingNamespace: string): string =>
  kind === 'ServiceAccount' ? `${kind} "${name}/${namespace || bindingNamespace}"` : `${kind} "${name}"`;

/** As RuleAllows. */
function allows(rule: PolicyRule, { verb, resource, path = '' }: RequestAttributes): boolean {
  if (!hasOrAll(rule.verbs, verb)) {
    return false;
  }
  if (resource === undefined) {
    return (rule.nonResourceURLs ?? []).some((url) => matchesPath(url, path));
  }
  const names = rule.resourceNames ?? [];
  return (
    hasOrAll(rule.apiGroups ?? [], resource.group) &&
    (rule.resources ?? []).some((candidate) => matchesResource(candidate, resource)) &&
    (names.length === 0 || names.includes(resource.name))
  );
}

const hasOrAll = (values: readonly string[], value: string): boolean => values.includes('*') || values.includes(value);

/** "*", "pods", "pods/log", and "*" with a subresource after a slash. */
function matchesResource(
  candidate: string,
  { resource, subresource }: NonNullable<RequestAttributes['resource']>,
): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return candidate === '*' || candidate === combined || (subresource !== '' && candidate === `*/${subresource}`);
}

/** A star stands only at the end. */
const matchesPath = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')));

/** The policy with the rules of its aggregated ClusterRoles, as the aggregation controller leaves them. */
export function withAggregatedRoles(policy: RbacPolicy): RbacPolicy {
  let { clusterRoles } = policy;
  // A role that was aggregated may be part of another: at most as many rounds as there are roles.
  for (let round = 0; round < policy.clusterRoles.length; round++) {
    const before = clusterRoles;
    const count = (roles: readonly ClusterRole[]): number =>
      roles.reduce((sum, role) => sum + (role.rules?.length ?? 0), 0);
    clusterRoles = before.map((role) =>
      role.aggregationRule === undefined ? role : { ...role, rules: aggregatedRules(role, before) },
    );
    if (round > 0 && count(clusterRoles) === count(before)) {
      break;
    }
  }
  return { ...policy, clusterRoles };
}
