import { uniqueNames } from './api-schemas.js';
import { type OpenApi, refName, type Schema } from './openapi.js';
import { reachable } from './reduce-openapi.js';

/** Definitions written by hand below because the OpenAPI document says less than the API promises. */
const BY_HAND: Readonly<Record<string, string>> = {
  Time: '/** metav1.Time in virtual time: whole seconds, as Micros. Rendered as RFC 3339. */\nexport type Time = Micros;',
  MicroTime:
    '/** metav1.MicroTime in virtual time. Rendered as RFC 3339 with six digits. */\nexport type MicroTime = Micros;',
  IntOrString: 'export type IntOrString = number | string;',
  Quantity:
    '/** As written: "100m", "1Gi" or a plain number. Parsed by models/api/quantity. */\nexport type Quantity = string | number;',
};

const ALWAYS_THERE: Readonly<Record<string, readonly string[]>> = { ObjectMeta: ['name'] };

/** TypeScript source of every kind the API serves, and of the table that says how it serves it. */
export function renderApiTypes(api: OpenApi): string {
  const names = uniqueNames([api]);
  const kinds = Object.entries(api.kinds).sort(([a], [b]) => (a < b ? -1 : 1));
  const kindOf = new Map(kinds.map(([kind, served]) => [served.definition, { kind, served }]));
  const parts = [
    '// Generated from models/api/openapi/v1-37.json by `npm run update`. Do not edit.',
    "import type { Micros } from '../../../engine/time/micros.js';",
  ];
  const roots = kinds.map(([, served]) => served.definition);
  for (const definition of reachable(api.definitions, roots)) {
    const name = names.get(definition) as string;
    const schema = api.definitions[definition] as Schema;
    parts.push(BY_HAND[name] ?? renderDefinition(name, schema, names, kindOf.get(definition)));
  }
  parts.push(
    '/** Every kind the API serves, by its kind name. */',
    `export interface Kinds {\n${kinds.map(([kind, s]) => `  readonly ${kind}: ${names.get(s.definition)};`).join('\n')}\n}`,
    'export interface ServedKind {\n  readonly apiVersion: string;\n  readonly plural: string;\n  readonly namespaced: boolean;\n}',
    `export const SERVED_KINDS: { readonly [K in keyof Kinds]: ServedKind } = {\n${kinds
      .map(
        ([kind, s]) =>
          `  ${kind}: { apiVersion: '${s.apiVersion}', plural: '${s.plural}', namespaced: ${s.namespaced} },`,
      )
      .join('\n')}\n};`,
  );
  return `${parts.join('\n\n')}\n`;
}

function renderDefinition(
  name: string,
  schema: Schema,
  names: Map<string, string>,
  kind?: { kind: string; served: { apiVersion: string } },
): string {
  if (!schema.properties) {
    return `export type ${name} = ${typeOf(schema, names)};`;
  }
  const required = new Set([...(schema.required ?? []), ...(ALWAYS_THERE[name] ?? [])]);
  if (kind) {
    for (const field of ['apiVersion', 'kind', 'metadata', 'spec']) {
      required.add(field);
    }
  }
  const fields = Object.entries(schema.properties).map(([field, s]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(field) ? field : `'${field}'`;
    const type =
      kind && field === 'apiVersion'
        ? `'${kind.served.apiVersion}'`
        : kind && field === 'kind'
          ? `'${kind.kind}'`
          : typeOf(s, names);
    return required.has(field) ? `  readonly ${key}: ${type};` : `  readonly ${key}?: ${type} | undefined;`;
  });
  return `export interface ${name} {\n${fields.join('\n')}\n}`;
}

function typeOf(schema: Schema, names: Map<string, string>): string {
  if (schema.$ref) {
    return names.get(refName(schema.$ref)) as string;
  }
  if (schema.enum) {
    return schema.enum.map((value) => `'${value}'`).join(' | ');
  }
  switch (schema.type) {
    case 'array': {
      const item = typeOf(schema.items as Schema, names);
      return item.includes(' ') && !item.startsWith('{') ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    default:
      return schema.additionalProperties
        ? `{ readonly [key: string]: ${typeOf(schema.additionalProperties, names)} }`
        : '{ readonly [key: string]: unknown }';
  }
}
