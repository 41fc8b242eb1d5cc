import type * as z from 'zod';
import { ACTION_KINDS } from '../../scenarios/actions/registry.js';
import { FAULT_KINDS } from '../../scenarios/faults/registry.js';
import { COMMANDS } from '../../scenarios/kubectl/index.js';
import { BEHAVIOUR_FIELDS } from '../../scenarios/schema/behaviour.js';
import { ERROR_CODES } from '../../scenarios/schema/errors.js';
import { expectation } from '../../scenarios/schema/expectation.js';
import { fileSchema } from '../../scenarios/schema/json-schema.js';
import { scenario } from '../../scenarios/schema/scenario.js';
import { toJsonSchema } from '../../scenarios/schema/shapes.js';
import { sweep } from '../../scenarios/schema/sweep.js';
import { TRACE_FORMATS, TRACE_NODE_FORMATS } from '../../scenarios/schema/trace.js';
import { WORKLOAD_KINDS } from '../../scenarios/schema/workload.js';

/** docs/reference/kubewhen.schema.json */
export const renderSchema = (): string => `${JSON.stringify(fileSchema(), null, 2)}\n`;

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly title?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

export const GENERATED_NOTE = '<!-- Generated from the code by `npm run update`. Do not edit. -->';

/** docs/reference/scenario.md */
export function renderScenarioReference(): string {
  const form = schemaOf(scenario);
  const spec = form.properties?.spec as JsonSchema;
  return [
    '# The scenario file',
    GENERATED_NOTE,
    lines(
      'Editors complete it with `kubewhen.schema.json` beside this page: begin a file with',
      '`# yaml-language-server: $schema=…/kubewhen.schema.json`. Paths in a scenario start from its own folder.',
    ),
    '## spec',
    fieldTable(spec),
    '### spec.cluster',
    fieldTable(spec.properties?.cluster as JsonSchema),
    '### spec.cluster.pools[]',
    fieldTable((spec.properties?.cluster as JsonSchema).properties?.pools?.items as JsonSchema),
    '### spec.configuration',
    fieldTable(spec.properties?.configuration as JsonSchema),
    '### spec.world',
    fieldTable(spec.properties?.world as JsonSchema),
    '## Durations and laws',
    lines(
      'A duration is written as Go writes it: `300ms`, `30s`, `1m30s`, `1.5h`. Wherever a behaviour or a latency takes one, a law may',
      'stand in its place: `{constant: 5s}`, `{uniform: {min: 1s, max: 5s}}`, `{exponential: {mean: 5s}}`,',
      '`{lognormal: {median: 8s, p95: 20s}}`, `{weibull: {shape: 1.5, scale: 10s}}`, `{pareto: {minimum: 1s, shape: 2}}`,',
      '`{normal: {mean: 5s, deviation: 1s}}`, `{empirical: [1s, 2s, 9s]}`, `{empirical: {csv: times.csv, column: ready}}`.',
    ),
    '## spec.behaviours[]',
    lines(
      'Which containers: `selector`, `namespace`, `workload` (`deployment/cart`), `container`; left out, all. Several entries may take',
      'in one container: later ones replace the fields they have. A pod may say the same itself, in annotations `kubewhen/FIELD` (all',
      'its containers) and `kubewhen/FIELD.CONTAINER`, as in `kubewhen/ready.server: "{lognormal: {median: 8s, p95: 20s}}"`; where both',
      'speak, the scenario goes before the annotation.',
    ),
    list(Object.entries(BEHAVIOUR_FIELDS).map(([name, type]) => [name, describe(schemaOf(type))])),
    '## spec.workloads[]',
    lines(
      'Pods and load that come while the run goes. A pod of a Trace or of Arrivals carries the label `kubewhen/workload`, so that a',
      'behaviour may select it: memory that grows is `behaviours: [{selector: {kubewhen/workload: batch}, memory: {base: 200Mi,',
      'growth: 1Mi/min}}]`.',
    ),
    ...Object.entries(WORKLOAD_KINDS).flatMap(([kind, type]) => [`### ${kind}`, ...formTable(type)]),
    ...Object.entries(TRACE_FORMATS).flatMap(([format, type]) => [`### Trace, format ${format}`, ...formTable(type)]),
    '### spec.workloads[].columns',
    lines(
      'Of a Trace with `format: csv`. Amounts are quantities as Kubernetes writes them; a number whose column has a unit gets it at its',
      'end. Times are numbers of seconds or of the unit, Go durations, or RFC 3339 times. A cell that is empty asks for nothing.',
    ),
    fieldTable((schemaOf(TRACE_FORMATS.csv).properties?.columns ?? {}) as JsonSchema),
    '### spec.cluster.nodes, kind Trace',
    ...Object.values(TRACE_NODE_FORMATS).slice(0, 2).flatMap(formTable),
    fieldTable((schemaOf(TRACE_NODE_FORMATS.csv).properties?.columns ?? {}) as JsonSchema),
    '## spec.actions[]',
    lines(
      'Each has `at` and one verb, whose value names what it is done to. An error that the API or kubectl answers makes the run fail (exit',
      'code 1) unless `expectError` says that it should come; what a command prints stands in the timeline `actions`.',
    ),
    '### kubectl',
    lines(
      'A command line in place of a verb, read as kubectl reads it: `{at: 5m, kubectl: "scale deployment/web --replicas=3"}`. What only',
      'prints, or talks with a container, is refused.',
    ),
    COMMANDS.map(({ example }) => `- \`${example}\``).join('\n'),
    ...[...ACTION_KINDS].flatMap(([verb, { help, schema }]) => [
      `### ${verb}`,
      `${help}.`,
      fieldTable(schemaOf(schema)),
    ]),
    '## spec.faults[]',
    ...[...FAULT_KINDS].flatMap(([kind, { help, schema }]) => [`### ${kind}`, help, fieldTable(schemaOf(schema))]),
    '## spec.expect[]',
    lines(
      'Conditions are written in CEL. Every kind is a map by `namespace/name` (`name` where there are no namespaces), called by its',
      "plural: `deployments['default/cart'].status.availableReplicas == 6`, `pods.all(p, pods[p].status.phase == 'Running')`. Times are",
      "timestamps. Kubernetes leaves out fields that are zero: `deployments['default/cart'].?status.?availableReplicas.orValue(0) == 0`.",
      'A condition is looked at whenever an object that it reads changes; one that cannot be evaluated counts as false.',
      "What a pod finds is asked with `resolves('default/client', 'db')`: DNS knows the name there, and `reaches('default/client', 'db:5432')`:",
      "somebody answers, by the rules of kube-proxy on the pod's node, the network policies, and what really runs behind the endpoints.",
      "`serves('shop.example.org/cart')`: somebody outside gets an answer through an Ingress.",
    ),
    fieldTable(schemaOf(expectation)),
    '## The sweep file',
    fieldTable(schemaOf(sweep).properties?.spec as JsonSchema),
    '',
  ].join('\n\n');
}

/** docs/reference/errors.md */
export const renderErrorReference = (): string =>
  [
    '# Error codes',
    GENERATED_NOTE,
    lines(
      'What a user can get wrong is told with one of these codes, with file, line, column and path, all mistakes at once; the exit',
      'code is 2.',
    ),
    `| code | means |\n| --- | --- |\n${Object.entries(ERROR_CODES)
      .map(([code, help]) => `| \`${code}\` | ${help} |`)
      .join('\n')}`,
    '',
  ].join('\n\n');

const lines = (...texts: readonly string[]): string => texts.join('\n');

const schemaOf = (type: z.ZodType): JsonSchema => toJsonSchema(type, true) as JsonSchema;

/** What kind says, and the fields besides it. */
function formTable(type: z.ZodType): readonly string[] {
  const { properties = {}, ...form } = schemaOf(type);
  const { kind, ...fields } = properties;
  return [...(kind?.description ? [kind.description] : []), fieldTable({ ...form, properties: fields })];
}

function fieldTable(schema: JsonSchema): string {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const help = field.description?.replaceAll('|', '\\|') ?? '';
    return `| \`${name}\`${required.has(name) ? ' *' : ''} | ${describeType(field)} | ${help} |`;
  });
  return ['| field (* must be there) | type | |', '| --- | --- | --- |', ...rows].join('\n');
}

const list = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, help]) => `* \`${name}\`: ${help}`).join('\n');

const describe = (schema: JsonSchema): string => schema.description ?? describeType(schema);

function describeType(schema: JsonSchema): string {
  if (schema.title !== undefined) {
    return schema.title;
  }
  if (schema.const !== undefined) {
    return `\`${String(schema.const)}\``;
  }
  if (schema.enum) {
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  }
  if (schema.anyOf) {
    const isLaw = schema.anyOf.some((option) => option.properties?.lognormal !== undefined);
    return isLaw
      ? `${describeType(schema.anyOf[0] as JsonSchema)}, or a law`
      : [...new Set(schema.anyOf.map(describeType))].join(' or ');
  }
  if (schema.type === 'array') {
    return `list of ${schema.items ? describeType(schema.items) : 'anything'}`;
  }
  return [schema.type ?? 'anything'].flat().join(' or ');
}
