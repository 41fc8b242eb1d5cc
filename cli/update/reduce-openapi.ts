import { readFileSync, writeFileSync } from 'node:fs';
import { type OpenApi, refsOf, type Schema, type ServedKind } from './openapi.js';

/** A whole OpenAPI v2 document of an API server: path → verb → [action, "group/version/Kind"]. */
export interface WholeOpenApi {
  readonly kubernetes: string;
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, readonly [action: string, kind: string]>>>>;
}

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Versions of a kind that decode into its stable version; models/api/decode/convert.ts knows how. */
const CONVERTIBLE = new Set([
  'autoscaling/v1/HorizontalPodAutoscaler',
  'autoscaling/v2beta2/HorizontalPodAutoscaler',
  'batch/v1beta1/CronJob',
  'policy/v1beta1/PodDisruptionBudget',
]);

/**
 * The part of the document that kubewhen needs: kinds that can be created and listed, in their newest stable version; what is
 * convertible to them; the names of everything else that is served; and the definitions that these reach.
 */
export function reduceOpenApi(whole: WholeOpenApi): string {
  const resources = creatableResources(whole);
  const kinds: Record<string, ServedKind> = {};
  const alternatives: Record<string, string> = {};
  const served: string[] = [];
  for (const resource of resources) {
    const { kind, ...rest } = resource;
    const name = `${resource.apiVersion}/${kind}`;
    if (preferred(resources, kind) === resource) {
      kinds[kind] = { definition: definitionOf(whole, name), ...rest };
    } else if (CONVERTIBLE.has(name)) {
      alternatives[name] = definitionOf(whole, name);
    } else {
      served.push(name);
    }
  }
  const roots = [...Object.values(kinds).map((kind) => kind.definition), ...Object.values(alternatives)];
  const definitions = reachable(whole.definitions, roots).map(
    (name) => `${JSON.stringify(name)}:${JSON.stringify(whole.definitions[name])}`,
  );
  return [
    `{"kubernetes":${JSON.stringify(whole.kubernetes)},`,
    `"kinds":${JSON.stringify(sortedByKey(kinds))},`,
    `"alternatives":${JSON.stringify(sortedByKey(alternatives))},`,
    `"served":${JSON.stringify(served.sort())},`,
    `"definitions":{\n${definitions.join(',\n')}}}\n`,
  ].join('\n');
}

function creatableResources(whole: WholeOpenApi): readonly Resource[] {
  const found: Resource[] = [];
  for (const [path, verbs] of Object.entries(whole.paths)) {
    const match = /^\/(?:api|apis)\/.*?(namespaces\/\{namespace\}\/)?([a-z]+)$/.exec(path);
    if (match && verbs['post']?.[0] === 'post' && verbs['get']?.[0] === 'list') {
      const name = verbs['post'][1];
      const slash = name.lastIndexOf('/');
      found.push({
        apiVersion: name.slice(0, slash),
        kind: name.slice(slash + 1),
        plural: match[2] as string,
        namespaced: match[1] !== undefined,
      });
    }
  }
  return found;
}

/** The newest stable version; where two groups serve a kind (Event), the older group. */
function preferred(resources: readonly Resource[], kind: string): Resource | undefined {
  const versionOf = (resource: Resource): number => Number(/(?:^|\/)v(\d+)$/.exec(resource.apiVersion)?.[1] ?? 0);
  return resources
    .filter((resource) => resource.kind === kind && versionOf(resource) > 0)
    .reduce<Resource | undefined>((best, r) => (best && versionOf(best) >= versionOf(r) ? best : r), undefined);
}

function definitionOf(whole: WholeOpenApi, name: string): string {
  const found = Object.entries(whole.definitions).find(([, schema]) =>
    schema['x-kubernetes-group-version-kind']?.some(
      ({ group, version, kind }) => `${group ? `${group}/` : ''}${version}/${kind}` === name,
    ),
  );
  if (!found) {
    throw new Error(`no definition is of kind ${name}`);
  }
  return found[0];
}

/** Names of all definitions that the roots reach, sorted. */
export function reachable(definitions: OpenApi['definitions'], roots: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (!found.has(name)) {
      found.add(name);
      refsOf(definitions[name] as Schema).forEach(visit);
    }
  };
  roots.forEach(visit);
  return [...found].sort();
}

const sortedByKey = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** `node dist/cli/update/reduce-openapi.js WHOLE.json models/api/openapi/v1-37.json` */
if (process.argv[1]?.endsWith('update/reduce-openapi.js')) {
  const [from, to] = process.argv.slice(2) as [string, string];
  writeFileSync(to, reduceOpenApi(JSON.parse(readFileSync(from, 'utf8')) as WholeOpenApi));
}
