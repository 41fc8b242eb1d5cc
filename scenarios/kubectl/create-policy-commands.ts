import { SERVED_KINDS } from '../../models/api/index.js';
import { subjectsOf } from '../actions/set-references.js';
import { kindOfWord, suggestKind } from '../schema/reference.js';
import { type Command, given } from './command.js';
import { creating, nameOf } from './create-commands.js';
import type { CommandLine, FlagTable } from './flags.js';
import { amountsOf } from './resources.js';
import { UsageError } from './words.js';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const RBAC = `${RBAC_GROUP}/v1`;

const RULE_FLAGS: FlagTable = {
  verb: { type: 'texts' },
  resource: { type: 'texts' },
  'resource-name': { type: 'words' },
};

/** k8s 1.37 kubectl pkg/cmd/create/create_role.go: a rule for each API group that the resources are of. */
function rulesOf(line: CommandLine): readonly object[] {
  const verbs = [...new Set(line.texts('verb'))];
  if (verbs.length === 0) {
    throw new UsageError('at least one verb must be specified');
  }
  const byGroup = new Map<string, string[]>();
  for (const text of line.texts('resource')) {
    const { group, resource } = resourceOf(text);
    byGroup.set(group, [...(byGroup.get(group) ?? []), resource]);
  }
  const names = line.texts('resource-name');
  if (byGroup.size === 0) {
    throw new UsageError('at least one resource must be specified');
  }
  return [...byGroup].map(([group, resources]) => ({
    apiGroups: [group],
    resources,
    verbs,
    ...(names.length > 0 && { resourceNames: [...names] }),
  }));
}

/** "deployments.apps/scale": the resource, its group, and the subresource behind it. */
function resourceOf(text: string): { readonly group: string; readonly resource: string } {
  const [named = '', subresource] = text.split('/');
  if (named === '*') {
    return { group: '*', resource: subresource === undefined ? '*' : `*/${subresource}` };
  }
  const kind = kindOfWord(named);
  if (kind === undefined) {
    throw new UsageError(`the server doesn't have a resource type "${named}"`, suggestKind(named));
  }
  const { apiVersion, plural } = SERVED_KINDS[kind];
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '';
  return { group, resource: subresource === undefined ? plural : `${plural}/${subresource}` };
}

const role: Command = {
  name: 'create role',
  example: 'create role reader --verb=get,list --resource=pods',
  flags: RULE_FLAGS,
  toAction: (line) =>
    creating(line, {
      apiVersion: RBAC,
      kind: 'Role',
      metadata: { name: nameOf(line, role.example) },
      rules: rulesOf(line),
    }),
};

const clusterRole: Command = {
  name: 'create clusterrole',
  example: 'create clusterrole reader --verb=get,list --resource=nodes',
  flags: { ...RULE_FLAGS, 'non-resource-url': { type: 'texts' }, 'aggregation-rule': { type: 'text' } },
  toAction(line) {
    const name = nameOf(line, clusterRole.example);
    const urls = line.texts('non-resource-url');
    const aggregated = amountsOf(line.text('aggregation-rule'));
    const rules = urls.length > 0 ? [{ nonResourceURLs: [...urls], verbs: [...line.texts('verb')] }] : undefined;
    return {
      create: [
        {
          apiVersion: RBAC,
          kind: 'ClusterRole',
          metadata: { name },
          ...(aggregated
            ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregated }] }, rules: [] }
            : { rules: rules ?? rulesOf(line) }),
        },
      ],
    };
  },
};

const BINDING_FLAGS: FlagTable = {
  role: { type: 'text' },
  clusterrole: { type: 'text' },
  user: { type: 'texts' },
  group: { type: 'texts' },
  serviceaccount: { type: 'texts' },
};

function bindingOf(
  line: CommandLine,
  mayBeRole: boolean,
): { readonly subjects: readonly object[]; readonly roleRef: object } {
  const [named, cluster] = [mayBeRole ? line.text('role') : undefined, line.text('clusterrole')];
  if ((named === undefined) === (cluster === undefined)) {
    throw new UsageError(
      mayBeRole ? 'exactly one of clusterrole or role must be specified' : 'required flag(s) "clusterrole" not set',
    );
  }
  const serviceAccounts = line.texts('serviceaccount');
  if (serviceAccounts.some((text) => !/^[^:]+:[^:]+$/.test(text))) {
    throw new UsageError('serviceaccount must be <namespace>:<name>');
  }
  return {
    subjects: subjectsOf({ users: line.texts('user'), groups: line.texts('group'), serviceAccounts }),
    roleRef: { apiGroup: RBAC_GROUP, kind: named === undefined ? 'ClusterRole' : 'Role', name: named ?? cluster },
  };
}

const roleBinding: Command = {
  name: 'create rolebinding',
  example: 'create rolebinding readers --role=reader --user=alice',
  flags: BINDING_FLAGS,
  toAction: (line) =>
    creating(line, {
      apiVersion: RBAC,
      kind: 'RoleBinding',
      metadata: { name: nameOf(line, roleBinding.example) },
      ...bindingOf(line, true),
    }),
};

const { role: _, ...CLUSTER_BINDING_FLAGS } = BINDING_FLAGS;

const clusterRoleBinding: Command = {
  name: 'create clusterrolebinding',
  example: 'create clusterrolebinding readers --clusterrole=view --group=staff',
  flags: CLUSTER_BINDING_FLAGS,
  toAction: (line) => ({
    create: [
      {
        apiVersion: RBAC,
        kind: 'ClusterRoleBinding',
        metadata: { name: nameOf(line, clusterRoleBinding.example) },
        ...bindingOf(line, false),
      },
    ],
  }),
};

const externalName: Command = {
  name: 'create service externalname',
  example: 'create service externalname db --external-name=db.example.com',
  flags: { 'external-name': { type: 'text' } },
  toAction(line) {
    const name = nameOf(line, externalName.example);
    const target = line.text('external-name');
    if (target === undefined) {
      throw new UsageError('required flag(s) "external-name" not set');
    }
    return creating(line, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels: { app: name } },
      spec: { type: 'ExternalName', selector: { app: name }, externalName: target },
    });
  },
};

/** "host/path*=service:port[,tls[=secret]]": create_ingress.go. */
const RULE = /^([\w.*-]*)((?:\/[^=]*)?)=([\w.-]+):([\w.-]+?)((?:,tls(?:=[\w.-]+)?)?)$/;

const backendOf = (name: string, port: string): object => ({
  service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } },
});

function ingressRules(texts: readonly string[]): {
  readonly rules: readonly object[];
  readonly tls: readonly object[];
} {
  const paths = new Map<string, object[]>();
  const tls = new Map<string, string[]>();
  for (const text of texts) {
    const [, host, path = '', service, port, secret = ''] = RULE.exec(text) ?? [];
    if (host === undefined || service === undefined || port === undefined) {
      throw new UsageError(`rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
    }
    const isPrefix = path.endsWith('*');
    const rule = {
      path: path.replace(/\*$/, '') || '/',
      pathType: isPrefix ? 'Prefix' : 'Exact',
      backend: backendOf(service, port),
    };
    paths.set(host, [...(paths.get(host) ?? []), rule]);
    if (secret !== '') {
      const name = secret.replace(/^,tls=?/, '');
      tls.set(name, [...new Set([...(tls.get(name) ?? []), host])]);
    }
  }
  return {
    rules: [...paths].map(([host, found]) => ({ ...(host && { host }), http: { paths: found } })),
    tls: [...tls].map(([secretName, hosts]) => ({ hosts: hosts.filter(Boolean), ...(secretName && { secretName }) })),
  };
}

const ingress: Command = {
  name: 'create ingress',
  example: 'create ingress web --class=nginx --rule="shop.example.com/*=web:80"',
  flags: {
    class: { type: 'text' },
    rule: { type: 'words' },
    'default-backend': { type: 'text' },
    annotation: { type: 'words' },
  },
  toAction(line) {
    const name = nameOf(line, ingress.example);
    const backend = line.text('default-backend');
    if (line.texts('rule').length === 0 && backend === undefined) {
      throw new UsageError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    }
    const { rules, tls } = ingressRules(line.texts('rule'));
    const annotations = line.texts('annotation').map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]);
    const [service = '', port = ''] = backend?.split(':') ?? [];
    return creating(line, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }) },
      spec: {
        ...given({ ingressClassName: line.text('class') }),
        ...(backend !== undefined && { defaultBackend: backendOf(service, port) }),
        ...(rules.length > 0 && { rules }),
        ...(tls.length > 0 && { tls }),
      },
    });
  },
};

export const CREATE_POLICY_COMMANDS: readonly Command[] = [
  role,
  clusterRole,
  roleBinding,
  clusterRoleBinding,
  externalName,
  ingress,
];
