import { type OpenApi, refName, type Schema, shortName } from './openapi.js';
import { reachable } from './reduce-openapi.js';

/** Fields that Go holds by value and prints even when nobody wrote them; the OpenAPI document calls them optional. */
const VALUES: ReadonlySet<string> = new Set([
  'Container.resources',
  'ContainerStatus.lastState',
  'ContainerStatus.state',
  'ControllerRevision.revision',
  'DaemonSetCondition.status',
  'DaemonSetCondition.type',
  'DaemonSetSpec.updateStrategy',
  'DeploymentCondition.status',
  'DeploymentCondition.type',
  'DeploymentSpec.strategy',
  'EndpointSlice.endpoints',
  'EphemeralContainer.resources',
  'Event.source',
  'IngressStatus.loadBalancer',
  'JobTemplateSpec.metadata',
  'JobTemplateSpec.spec',
  'NetworkPolicySpec.podSelector',
  'NodeDaemonEndpoints.kubeletEndpoint',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'PersistentVolumeClaimSpec.resources',
  'PersistentVolumeClaimTemplate.metadata',
  'PodDisruptionBudgetStatus.currentHealthy',
  'PodDisruptionBudgetStatus.desiredHealthy',
  'PodDisruptionBudgetStatus.disruptionsAllowed',
  'PodDisruptionBudgetStatus.expectedPods',
  'PodTemplate.template',
  'PodTemplateSpec.metadata',
  'PodTemplateSpec.spec',
  'PriorityClass.value',
  'ReplicaSetCondition.status',
  'ReplicaSetCondition.type',
  'RoleRef.apiGroup',
  'ServiceStatus.loadBalancer',
  'StatefulSetCondition.status',
  'StatefulSetCondition.type',
  'StatefulSetSpec.updateStrategy',
  'StatefulSetStatus.availableReplicas',
]);

/** Required fields that Go holds as a pointer: absent until somebody writes them. */
const POINTERS: ReadonlySet<string> = new Set([
  'HTTPIngressPath.pathType',
  'MutatingWebhook.sideEffects',
  'ScaleIOPersistentVolumeSource.secretRef',
  'ScaleIOVolumeSource.secretRef',
  'ValidatingWebhook.sideEffects',
]);

/** Definitions that the walker knows by name. */
const SCALARS: ReadonlySet<string> = new Set(['Time', 'MicroTime', 'Quantity', 'IntOrString']);

const HEADER = `// Generated from models/api/openapi by \`npm run update\`. Do not edit.

/** What an API server of one version serves. */
export interface VersionSchema {
  /** "group/version/Kind" to the definition it is read by. */
  readonly kinds: Readonly<Record<string, string>>;
  /** "group/version/Kind" of other versions, read by their own definition and then converted. */
  readonly alternatives: Readonly<Record<string, string>>;
  /** Served as well, but kept as it is. */
  readonly served: readonly string[];
  /**
   * Definition to its fields: "name type; name! type"; "!" is there even when nobody wrote it. Of types: []item is a list with one
   * owner, [name]item one whose items are told apart by their names, [=]item a set; {}item a mapping; (type) has one owner.
   */
  readonly definitions: Readonly<Record<string, string>>;
}
`;

/** TypeScript source of the tables that the decoder walks. The older version states only the definitions that differ. */
export function renderApiSchemas(newest: OpenApi, older: OpenApi): string {
  const names = uniqueNames([newest, older]);
  const lines = definitionLines(newest, names);
  const olderLines = definitionLines(older, names).filter((line) => !lines.includes(line));
  return `${[
    HEADER,
    `const definitions: Readonly<Record<string, string>> = {\n${lines.join('\n')}\n};`,
    `const olderDefinitions: Readonly<Record<string, string>> = {\n  ...definitions,\n${olderLines.join('\n')}\n};`,
    `export const SCHEMAS: Readonly<Record<string, VersionSchema>> = {\n${[
      renderVersion(older, names, 'olderDefinitions'),
      renderVersion(newest, names, 'definitions'),
    ].join('\n')}\n};`,
  ].join('\n\n')}\n`;
}

/** Short names, the same in all documents; of two that share one, the later gets its version in front. Kinds come first. */
export function uniqueNames(documents: readonly OpenApi[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const document of documents) {
    const kinds = new Set(Object.values(document.kinds).map((kind) => kind.definition));
    const plain = new Set(reachable(document.definitions, [...kinds]));
    const rank = (definition: string): number => (kinds.has(definition) ? 0 : plain.has(definition) ? 1 : 2);
    const order = Object.keys(document.definitions).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    for (const definition of order.filter((candidate) => !names.has(candidate))) {
      const parts = definition.split('.');
      let name = shortName(definition);
      for (let i = parts.length - 2; taken.has(name); i--) {
        const part = parts[i] as string;
        name = part.charAt(0).toUpperCase() + part.slice(1) + name;
      }
      taken.add(name);
      names.set(definition, name);
    }
  }
  return names;
}

function definitionLines(document: OpenApi, names: Map<string, string>): string[] {
  return Object.entries(document.definitions)
    .filter(([, schema]) => schema.properties)
    .map(([definition, schema]) => renderDefinition(names.get(definition) as string, schema, document, names))
    .sort();
}

function renderDefinition(name: string, schema: Schema, document: OpenApi, names: Map<string, string>): string {
  const isKind = schema['x-kubernetes-group-version-kind'] !== undefined;
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const isValue = VALUES.has(`${name}.${field}`) || (isKind && ['metadata', 'spec', 'status'].includes(field));
    const isRequired = schema.required?.includes(field) === true && !POINTERS.has(`${name}.${field}`);
    const type = typeOf(property, document, names);
    // Label selectors of workloads are pointers, times have no zero in JSON, and anything may be absent.
    const isPointer = !isValue && ['(LabelSelector)', 'Time', 'MicroTime', 'any'].includes(type);
    return `${field}${isValue || (isRequired && !isPointer) ? '!' : ''} ${type}`;
  });
  return `  ${name}: '${fields.join('; ')}',`;
}

function typeOf(schema: Schema, document: OpenApi, names: Map<string, string>): string {
  if (schema.$ref) {
    const definition = refName(schema.$ref);
    const name = names.get(definition) as string;
    const target = document.definitions[definition];
    if (SCALARS.has(name) || target?.properties === undefined) {
      return SCALARS.has(name) ? name : 'any';
    }
    const mapType = schema['x-kubernetes-map-type'] ?? target['x-kubernetes-map-type'];
    return mapType === 'atomic' ? `(${name})` : name;
  }
  switch (schema.type) {
    case 'array':
      return `[${itemIdentity(schema)}]${typeOf(schema.items as Schema, document, names)}`;
    case 'integer':
      return schema.format === 'int64' ? 'int64' : 'int32';
    case 'number':
      return 'double';
    case 'boolean':
      return 'boolean';
    case 'string':
      return schema.format === 'byte' ? 'bytes' : 'string';
    default:
      return schema.additionalProperties ? mapOf(schema, document, names) : 'any';
  }
}

function mapOf(schema: Schema, document: OpenApi, names: Map<string, string>): string {
  const map = `{}${typeOf(schema.additionalProperties as Schema, document, names)}`;
  return schema['x-kubernetes-map-type'] === 'atomic' ? `(${map})` : map;
}

/** k8s.io/kube-openapi pkg/schemaconv parseList: by the list's type, or else by how strategic merge patches treat it. */
function itemIdentity(schema: Schema): string {
  const merges = schema['x-kubernetes-patch-strategy']?.split(',').includes('merge') === true;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  switch (schema['x-kubernetes-list-type'] ?? (merges ? (mergeKey ? 'merge' : 'set') : 'atomic')) {
    case 'map':
      return (schema['x-kubernetes-list-map-keys'] ?? []).join(',');
    case 'merge':
      return mergeKey as string;
    case 'set':
      return '=';
    default:
      return '';
  }
}

function renderVersion(document: OpenApi, names: Map<string, string>, definitions: string): string {
  const table = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([name, definition]) => `      '${name}': '${names.get(definition)}',`).join('\n');
  const kinds = Object.entries(document.kinds).map(
    ([kind, served]) => [`${served.apiVersion}/${kind}`, served.definition] as const,
  );
  const version = /^v(\d+\.\d+)/.exec(document.kubernetes)?.[1];
  return [
    `  '${version}': {`,
    `    kinds: {\n${table(kinds)}\n    },`,
    `    alternatives: {\n${table(Object.entries(document.alternatives))}\n    },`,
    `    served: [\n${document.served.map((name) => `      '${name}',`).join('\n')}\n    ],`,
    `    definitions: ${definitions},`,
    '  },',
  ].join('\n');
}
