import {
  type AnyObject,
  type DecodeOptions,
  decode,
  isKind,
  keyOf,
  listItems,
  type Mistake,
  SERVED_KINDS,
} from '../../models/api/index.js';
import type { Path, Problem, Problems } from '../schema/errors.js';
import { type Origin, problemAt } from '../schema/problems.js';
import { isRecord } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { type Files, findFiles, folderOf, type Mention, readText, resolvePath } from './files.js';
import { parseYaml } from './yaml.js';

/** An object of a manifest, and where it stands. */
export interface LoadedObject {
  readonly object: AnyObject;
  /** No component acts on its kind, or the kind is not served at all. */
  readonly isInert: boolean;
  readonly origin: Origin;
  readonly path: Path;
}

export interface ManifestSource {
  /** A file, folder or glob; or an object. */
  readonly manifest: string | AnyObject;
  readonly mention: Mention;
}

/** Stands for the names in a file that cannot be read at all. */
export const ANYTHING = '*';

export interface LoadOptions extends DecodeOptions {
  /** --namespace: the only one that objects may name. Left out: those that name none live in default. */
  readonly namespace?: string | undefined;
  /** Gets the names of objects that cannot be read, or ANYTHING. */
  readonly unread?: Set<string>;
}

/** Reads manifests in order, every mistake of every file at once. */
export function loadManifests(
  files: Files,
  sources: readonly ManifestSource[],
  options: LoadOptions,
  problems: Problems,
): readonly LoadedObject[] {
  const loaded: LoadedObject[] = [];
  let isWhole = true;
  for (const { manifest, mention } of sources) {
    if (typeof manifest !== 'string') {
      loaded.push(...readObject(manifest, mention.origin, mention.path, options, problems));
      continue;
    }
    const path = resolvePath(folderOf(mention.origin.file ?? '.'), manifest);
    const found = problems.catch(() => findFiles(files, path, mention));
    for (const file of found ?? []) {
      // As with kubectl, a file of comments may lie among others; named alone it is a mistake.
      const mayBeEmpty = file !== path;
      const objects = problems.catch(() => loadFile(files, file, mention, options, problems, mayBeEmpty));
      loaded.push(...(objects ?? []));
      isWhole &&= objects !== undefined;
    }
    isWhole &&= found !== undefined;
  }
  if (!isWhole) {
    options.unread?.add(ANYTHING);
  }
  refuseDuplicates(loaded, problems);
  return loaded;
}

function loadFile(
  files: Files,
  file: string,
  mention: Mention,
  options: LoadOptions,
  problems: Problems,
  mayBeEmpty: boolean,
): readonly LoadedObject[] {
  const documents = parseYaml(readText(files, file, mention), file);
  if (documents.length === 0 && !mayBeEmpty) {
    problems.add({ code: 'FILE_EMPTY', file, message: 'this file holds no object' });
  }
  return documents.flatMap((document) => readObject(document.value, { file, document }, [], options, problems));
}

/** The objects of one document: itself, or the items of a List. */
function readObject(
  value: unknown,
  origin: Origin,
  path: Path,
  options: LoadOptions,
  problems: Problems,
): readonly LoadedObject[] {
  const items = listItems(value);
  if (items) {
    return items.flatMap((item) => readObject(item.value, origin, [...path, ...item.path], options, problems));
  }
  const decoded = decode(value, options);
  if (!decoded.ok) {
    problems.add(...decoded.mistakes.map((mistake) => mistakeProblem(mistake, value, origin, path)));
    const { metadata } = isRecord(value) ? value : {};
    if (isRecord(metadata) && typeof metadata.name === 'string') {
      options.unread?.add(metadata.name);
    }
    return [];
  }
  const object = inNamespace(decoded.object, options.namespace);
  if (options.namespace !== undefined && (object.metadata.namespace ?? options.namespace) !== options.namespace) {
    // k8s.io/cli-runtime pkg/resource RequireNamespace
    const { namespace } = object.metadata;
    const message = `the namespace from the provided object "${namespace}" does not match the namespace "${options.namespace}"`;
    const hint = `You must pass '--namespace=${namespace}' to perform this operation`;
    problems.add(problemAt(origin, [...path, 'metadata', 'namespace'], { code: 'BAD_VALUE', message, hint }));
  }
  return [{ object, isInert: decoded.isInert, origin, path }];
}

function mistakeProblem(mistake: Mistake, object: unknown, origin: Origin, path: Path): Problem {
  const of = mistake.code === 'UNKNOWN_FIELD' ? 'key' : 'value';
  const found = of === 'key' ? mistake.path.at(-1) : mistake.path.reduce(partOf, object);
  const hint = mistake.known && didYouMean(String(found), mistake.known);
  return problemAt(origin, [...path, ...mistake.path], { code: mistake.code, message: mistake.message, hint }, of);
}

const partOf = (whole: unknown, step: string | number): unknown =>
  (whole as Readonly<Record<string | number, unknown>>)[step];

/** kubectl sends what names no namespace to the current one. */
function inNamespace(object: AnyObject, namespace = 'default'): AnyObject {
  const isNamespaced = isKind(object.kind) && SERVED_KINDS[object.kind].namespaced;
  return isNamespaced && !object.metadata.namespace
    ? { ...object, metadata: { ...object.metadata, namespace } }
    : object;
}

function refuseDuplicates(loaded: readonly LoadedObject[], problems: Problems): void {
  const seen = new Map<string, LoadedObject>();
  for (const entry of loaded) {
    const { object, origin, path } = entry;
    if (!object.metadata.name) {
      continue; // generateName: every one gets a name of its own
    }
    const id = `${object.apiVersion.split('/')[0]} ${object.kind} ${keyOf(object)}`;
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, entry);
      continue;
    }
    const there = problemAt(first.origin, [...first.path, 'metadata', 'name'], { code: 'DUPLICATE_NAME', message: '' });
    const where = there.position ? `${there.file}:${there.position.line}:${there.position.column}` : 'before';
    problems.add(
      problemAt(origin, [...path, 'metadata', 'name'], {
        code: 'DUPLICATE_NAME',
        message: `there is a ${object.kind} ${keyOf(object)} already (${where})`,
      }),
    );
  }
}

/** How many objects of each kind nothing acts on. */
export function countKinds(objects: readonly LoadedObject[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { object } of objects) {
    counts[object.kind] = (counts[object.kind] ?? 0) + 1;
  }
  return counts;
}
