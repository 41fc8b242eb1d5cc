import { type OpenApi, refName, type Schema } from './openapi.js';

interface Field {
  /** Definition of the field's value, or of its items. */
  readonly of?: string;
  readonly mergeKey?: string;
  readonly isSet?: true;
  readonly retainsKeys?: true;
}

/** TypeScript source of the table that strategic merge patches go by. */
export function renderMergeSchema(api: OpenApi): string {
  const fields = new Map(Object.entries(api.definitions).map(([name, schema]) => [name, fieldsOf(schema)] as const));
  const kept = worthKeeping(fields);
  const short = new Map([...kept].sort().map((name, i) => [name, i]));
  const kinds = Object.entries(api.kinds).sort(([a], [b]) => (a < b ? -1 : 1));
  const definitions = [...short.keys()].map((name) => {
    const entries = Object.entries(fields.get(name) ?? {}).filter(
      ([, field]) => hasRules(field) || kept.has(field.of ?? ''),
    );
    const rows = entries.map(([field, { of, mergeKey, isSet, retainsKeys }]) => {
      const parts = [
        ...(of !== undefined && kept.has(of) ? [`of: ${short.get(of)}`] : []),
        ...(mergeKey ? [`mergeKey: '${mergeKey}'`] : []),
        ...(isSet ? ['isSet: true'] : []),
        ...(retainsKeys ? ['retainsKeys: true'] : []),
      ];
      return `${/^[A-Za-z_$][\w$]*$/.test(field) ? field : `'${field}'`}: { ${parts.join(', ')} }`;
    });
    return `  { ${rows.join(', ')} },`;
  });
  const byKind = kinds.flatMap(([kind, { definition }]) =>
    short.has(definition) ? [`  ${kind}: ${short.get(definition)},`] : [],
  );
  return [
    '// Generated from models/api/openapi/v1-37.json by `npm run update`. Do not edit.',
    '',
    '/** How strategic merge treats a field: `of` is the definition of its value (or items); `retainsKeys`: an apply leaves nothing else in it. */',
    'export interface MergeField {\n  readonly of?: number;\n  readonly mergeKey?: string;\n  readonly isSet?: true;\n  readonly retainsKeys?: true;\n}',
    '',
    `export const DEFINITIONS: readonly { readonly [field: string]: MergeField }[] = [\n${definitions.join('\n')}\n];`,
    '',
    `export const DEFINITION_OF_KIND: { readonly [kind: string]: number } = {\n${byKind.join('\n')}\n};`,
    '',
  ].join('\n');
}

const hasRules = (field: Field): boolean =>
  field.mergeKey !== undefined || field.isSet === true || field.retainsKeys === true;

function fieldsOf(schema: Schema): Readonly<Record<string, Field>> {
  const found: Record<string, Field> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const target = property.$ref ?? property.items?.$ref;
    const strategies = property['x-kubernetes-patch-strategy']?.split(',') ?? [];
    const merges = strategies.includes('merge');
    const mergeKey = property['x-kubernetes-patch-merge-key'];
    if (property.type === 'array' && !merges) {
      continue; // an atomic list is replaced whole
    }
    found[name] = {
      ...(target !== undefined && { of: refName(target) }),
      ...(merges && mergeKey !== undefined && { mergeKey }),
      ...(merges && mergeKey === undefined && property.type === 'array' && { isSet: true as const }),
      ...(strategies.includes('retainKeys') && { retainsKeys: true as const }),
    };
  }
  return found;
}

/** Definitions with such a rule somewhere below them; all others are merged as plain maps anyway. */
function worthKeeping(fields: ReadonlyMap<string, Readonly<Record<string, Field>>>): ReadonlySet<string> {
  const kept = new Set<string>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const [name, of] of fields) {
      if (!kept.has(name) && Object.values(of).some((field) => hasRules(field) || kept.has(field.of ?? ''))) {
        kept.add(name);
        grown = true;
      }
    }
  }
  return kept;
}
