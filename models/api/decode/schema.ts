import { SCHEMAS, type VersionSchema } from '../generated/schemas.js';

export type ScalarType =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'bytes'
  | 'Time'
  | 'MicroTime'
  | 'Quantity'
  | 'IntOrString'
  | 'any';

/** `isAtomic`: server-side apply treats it as one value, which has one owner. */
export type FieldType =
  | { readonly form: 'scalar'; readonly type: ScalarType }
  | { readonly form: 'list'; readonly item: FieldType; readonly identity: ItemIdentity }
  | { readonly form: 'map'; readonly item: FieldType; readonly isAtomic: boolean }
  | { readonly form: 'struct'; readonly definition: string; readonly isAtomic: boolean };

/** What makes two items of a list the same: these fields, their value, or nothing. */
export type ItemIdentity = readonly string[] | 'value' | 'none';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** There even when nobody wrote it: as Go's zero value. */
  readonly isAlwaysThere: boolean;
}

const SCALARS: ReadonlySet<string> = new Set<ScalarType>([
  'string',
  'int32',
  'int64',
  'double',
  'boolean',
  'bytes',
  'Time',
  'MicroTime',
  'Quantity',
  'IntOrString',
  'any',
]);

/** The API of one Kubernetes version, its definitions unfolded as they are asked for. */
export class ApiSchema {
  static readonly #versions = new Map<string, ApiSchema>();
  readonly served: VersionSchema;
  readonly #fields = new Map<string, ReadonlyMap<string, Field>>();

  private constructor(served: VersionSchema) {
    this.served = served;
  }

  /** @throws RangeError when no such version is known */
  static of(kubernetesVersion: string): ApiSchema {
    let schema = ApiSchema.#versions.get(kubernetesVersion);
    if (schema === undefined) {
      const served = SCHEMAS[kubernetesVersion];
      if (served === undefined) {
        throw new RangeError(`no API of Kubernetes ${kubernetesVersion}; known: ${Object.keys(SCHEMAS).join(', ')}`);
      }
      schema = new ApiSchema(served);
      ApiSchema.#versions.set(kubernetesVersion, schema);
    }
    return schema;
  }

  fieldsOf(definition: string): ReadonlyMap<string, Field> {
    let fields = this.#fields.get(definition);
    if (fields === undefined) {
      fields = new Map(
        (this.served.definitions[definition] as string).split('; ').map((text) => {
          const field = parseField(text);
          return [field.name, field];
        }),
      );
      this.#fields.set(definition, fields);
    }
    return fields;
  }
}

function parseField(text: string): Field {
  const space = text.indexOf(' ');
  const name = text.slice(0, space);
  const isAlwaysThere = name.endsWith('!');
  return { name: isAlwaysThere ? name.slice(0, -1) : name, type: parseType(text.slice(space + 1)), isAlwaysThere };
}

function parseType(text: string, isAtomic = false): FieldType {
  if (text.startsWith('(')) {
    return parseType(text.slice(1, -1), true);
  }
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    return { form: 'list', item: parseType(text.slice(end + 1)), identity: parseIdentity(text.slice(1, end)) };
  }
  if (text.startsWith('{}')) {
    return { form: 'map', item: parseType(text.slice(2)), isAtomic };
  }
  return SCALARS.has(text)
    ? { form: 'scalar', type: text as ScalarType }
    : { form: 'struct', definition: text, isAtomic };
}

function parseIdentity(text: string): ItemIdentity {
  return text === '' ? 'none' : text === '=' ? 'value' : text.split(',');
}
