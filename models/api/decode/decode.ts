import type { AnyObject, KubeObject } from '../object.js';
import { CONVERSIONS } from './convert.js';
import { describeValue, type FieldPath, type Mistake } from './mistake.js';
import { Reader } from './reader.js';
import { ApiSchema } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

export interface DecodeOptions {
  /** '1.37' */
  readonly kubernetesVersion: string;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
}

/** An object read, an object kept as it is because nothing here acts on its kind, or everything that is wrong with it. */
export type Decoded =
  | { readonly ok: true; readonly isInert: false; readonly object: KubeObject }
  | { readonly ok: true; readonly isInert: true; readonly object: AnyObject }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Groups that the API server answers for itself, served or not; objects of any other group are custom resources. */
const OWN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']);

/** Makes a typed object of parsed YAML or JSON: one object, not a List (see listItems). Collects all mistakes. */
export function decode(value: unknown, options: DecodeOptions): Decoded {
  const schema = ApiSchema.of(options.kubernetesVersion);
  const header = readHeader(value);
  if ('mistakes' in header) {
    return { ok: false, mistakes: header.mistakes };
  }
  const { kinds, alternatives, served } = schema.served;
  const name = `${header.apiVersion}/${header.kind}`;
  const definition = kinds[name] ?? alternatives[name];
  if (definition === undefined) {
    return served.includes(name) || !isOwnGroup(groupOf(header.apiVersion), schema)
      ? decodeInert(header.object)
      : { ok: false, mistakes: [unknownKind(header.apiVersion, header.kind, schema)] };
  }
  const reader = new Reader(schema, options.startTime);
  const object = reader.readStruct(definition, header.object);
  if (reader.mistakes.length > 0) {
    return { ok: false, mistakes: reader.mistakes };
  }
  const converted = CONVERSIONS[name]?.(object) ?? { object };
  return 'mistake' in converted
    ? { ok: false, mistakes: [converted.mistake] }
    : { ok: true, isInert: false, object: converted.object as unknown as KubeObject };
}

/** The objects of a List or of a typed list such as PodList, each with its path; undefined when the value is no list. */
export function listItems(
  value: unknown,
): readonly { readonly value: unknown; readonly path: FieldPath }[] | undefined {
  if (!isMapping(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List')) {
    return undefined;
  }
  const { items = [], kind, apiVersion } = value as { items?: unknown; kind: string; apiVersion?: unknown };
  if (!Array.isArray(items)) {
    return undefined;
  }
  // Items of a typed list come without apiVersion and kind.
  const header = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item: unknown, i) => ({
    value: isMapping(item) ? { ...header, ...item } : item,
    path: ['items', i],
  }));
}

const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Header =
  | { readonly object: Json; readonly apiVersion: string; readonly kind: string }
  | { readonly mistakes: readonly Mistake[] };

function readHeader(value: unknown): Header {
  if (!isMapping(value)) {
    const message = `found ${describeValue(value)}, expected a Kubernetes object with apiVersion and kind`;
    return { mistakes: [{ code: 'NOT_AN_OBJECT', path: [], message }] };
  }
  const mistakes = ['apiVersion', 'kind'].flatMap((field): Mistake[] => {
    const found = value[field];
    if (found === undefined || found === null || found === '') {
      return [{ code: 'MISSING_FIELD', path: [], message: `an object needs the field "${field}"` }];
    }
    return typeof found === 'string'
      ? []
      : [{ code: 'WRONG_TYPE', path: [field], message: `found ${describeValue(found)}, expected a string` }];
  });
  return mistakes.length > 0
    ? { mistakes }
    : { object: value, apiVersion: value['apiVersion'] as string, kind: value['kind'] as string };
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')));

function isOwnGroup(group: string, schema: ApiSchema): boolean {
  const { kinds, alternatives, served } = schema.served;
  return (
    OWN_GROUPS.has(group) ||
    [...Object.keys(kinds), ...Object.keys(alternatives), ...served].some((name) => name.startsWith(`${group}/`))
  );
}

/** A custom resource, or a kind that is served and does nothing here: only its metadata must make sense. */
function decodeInert(object: Json): Decoded {
  const metadata = object['metadata'];
  const name = isMapping(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  if (typeof name !== 'string' || name === '') {
    const message = 'an object needs a name';
    return { ok: false, mistakes: [{ code: 'MISSING_FIELD', path: ['metadata', 'name'], message }] };
  }
  return { ok: true, isInert: true, object: object as unknown as AnyObject };
}

function unknownKind(apiVersion: string, kind: string, schema: ApiSchema): Mistake {
  const known = [
    ...Object.keys(schema.served.kinds),
    ...Object.keys(schema.served.alternatives),
    ...schema.served.served,
  ];
  const versions = known.filter((name) => name.endsWith(`/${kind}`)).map((name) => name.slice(0, -kind.length - 1));
  if (versions.length > 0) {
    return {
      code: 'UNKNOWN_KIND',
      path: ['apiVersion'],
      message: `this version of Kubernetes has no ${kind} in "${apiVersion}", it has one in "${versions.join('" and "')}"`,
      known: versions,
    };
  }
  return {
    code: 'UNKNOWN_KIND',
    path: ['kind'],
    message: `there is no kind "${kind}" in "${apiVersion}"`,
    known: known.filter((name) => name.startsWith(`${apiVersion}/`)).map((name) => name.slice(apiVersion.length + 1)),
  };
}
