import * as z from 'zod';
import type { AnyObject } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { objectName } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, NAMESPACE_FIELD, type NearbyFiles } from './action.js';
import { createObject, eachObject } from './apply.js';

const SOURCES = {
  fromLiteral: z.array(z.string()).optional().describe('Keys and values: [mode=fast].'),
  fromFile: z
    .array(z.string())
    .optional()
    .describe('Files, each under its own name or the one before "=", and folders: [app.conf, conf=app.conf, conf.d].'),
  fromEnvFile: z.array(z.string()).optional().describe('Files with lines KEY=VALUE.'),
  ...NAMESPACE_FIELD,
};
const configMapSchema = strict({ ...ACTION_FIELDS, createConfigMap: objectName, ...SOURCES });
const secretSchema = strict({
  ...ACTION_FIELDS,
  createSecret: objectName,
  type: z.string().optional().describe('Left out: Opaque.'),
  ...SOURCES,
});
type Sources = { readonly [F in keyof typeof SOURCES]?: z.infer<(typeof SOURCES)[F]> };

const WRITER = { manager: 'kubectl-create' };

export const createConfigMap: ActionKind<z.infer<typeof configMapSchema>> = {
  verb: 'createConfigMap',
  writer: WRITER,
  help: 'kubectl create configmap',
  schema: configMapSchema,
  manifests(spec, files) {
    const entries = entriesOf(spec, files, 'ConfigMap');
    const texts = entries.filter(([, value]) => typeof value === 'string');
    const bytes = entries.flatMap(([key, value]) => (typeof value === 'string' ? [] : [[key, base64(value)] as const]));
    return [
      {
        ...objectOf('ConfigMap', spec.createConfigMap, spec.namespace),
        ...(texts.length > 0 && { data: Object.fromEntries(texts) }),
        ...(bytes.length > 0 && { binaryData: Object.fromEntries(bytes) }),
      },
    ];
  },
  perform: createAll,
};

export const createSecret: ActionKind<z.infer<typeof secretSchema>> = {
  verb: 'createSecret',
  writer: WRITER,
  help: 'kubectl create secret generic',
  schema: secretSchema,
  manifests(spec, files) {
    const entries = entriesOf(spec, files, 'Secret');
    const encoded = entries.map(
      ([key, value]) => [key, base64(typeof value === 'string' ? new TextEncoder().encode(value) : value)] as const,
    );
    return [
      {
        ...objectOf('Secret', spec.createSecret, spec.namespace),
        type: spec.type ?? 'Opaque',
        ...(encoded.length > 0 && { data: Object.fromEntries(encoded) }),
      },
    ];
  },
  perform: createAll,
};

function createAll(context: ActionContext): void {
  eachObject(context, undefined, (object, done) => createObject(context, object, 'created', done));
}

const objectOf = (kind: string, name: string, namespace: string | undefined): AnyObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

type Entry = readonly [key: string, value: string | Uint8Array];

/** k8s 1.37 kubectl pkg/cmd/create create_configmap.go and create_secret.go: files, then literals, then files of variables. */
function entriesOf({ fromFile = [], fromLiteral = [], fromEnvFile = [] }: Sources, files: NearbyFiles, kind: string) {
  const entries = [
    ...fromFile.flatMap((source) => fileEntries(source, files)),
    ...fromLiteral.flatMap((source) => literalEntry(source, files)),
    ...fromEnvFile.flatMap((path) => variables(path, files)),
  ];
  const seen = new Set<string>();
  for (const [key] of entries) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key.startsWith('..') || key === '.') {
      files.refuse(
        `${JSON.stringify(key)} is not a valid key name for a ${kind}: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
      );
    }
    if (seen.has(key)) {
      files.refuse(`cannot add key ${JSON.stringify(key)}, another key by that name already exists`);
    }
    seen.add(key);
  }
  return entries;
}

/** pkg/util ParseFileSource: "path", "key=path"; a folder gives each of its files. */
function fileEntries(source: string, files: NearbyFiles): readonly Entry[] {
  const [first = '', ...rest] = source.split('=');
  const path = rest[0] ?? first;
  if (rest.length > 1 || path === '' || first === '') {
    const why = rest.length > 1 ? 'key names or file paths cannot contain "="' : 'a key and a file must be named';
    files.refuse(`${JSON.stringify(source)}: ${why}`);
    return [];
  }
  const found = files.read(path);
  if (found?.isFolder && rest.length > 0) {
    files.refuse('cannot give a key name for a directory path');
    return [];
  }
  return (found?.files ?? []).map(({ name, bytes }) => [rest.length > 0 ? first : name, textOf(bytes) ?? bytes]);
}

function literalEntry(source: string, files: NearbyFiles): readonly Entry[] {
  const at = source.indexOf('=');
  if (at < 1) {
    files.refuse(`invalid literal source ${source}, expected key=value`);
    return [];
  }
  return [[source.slice(0, at), source.slice(at + 1)]];
}

/** pkg/cmd/util env_file.go: empty lines and those that begin with # say nothing, a name alone has an empty value here. */
function variables(path: string, files: NearbyFiles): readonly Entry[] {
  const found = files.read(path);
  if (found?.isFolder) {
    files.refuse('env config file cannot be a directory');
    return [];
  }
  const text = found?.files.map(({ bytes }) => textOf(bytes) ?? '').join('') ?? '';
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    });
}

/** Undefined: not UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
