import { semanticallyEqual } from '../../models/api/index.js';
import { isRecord } from '../schema/shapes.js';
import { DEFINITION_OF_KIND, DEFINITIONS, type MergeField } from './generated/merge-schema.js';

type Json = unknown;
type JsonMap = Readonly<Record<string, unknown>>;
type Fields = { readonly [field: string]: MergeField };

const NO_FIELDS: Fields = {};
const fieldsOfKind = (kind: string): Fields => DEFINITIONS[DEFINITION_OF_KIND[kind] ?? -1] ?? NO_FIELDS;
const fieldsBelow = (field: MergeField | undefined): Fields => DEFINITIONS[field?.of ?? -1] ?? NO_FIELDS;

/** RFC 7386: null takes a field away, lists are replaced. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isRecord(patch)) {
    return patch;
  }
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[key];
    } else {
      merged[key] = mergePatch(merged[key], value);
    }
  }
  return merged;
}

/** What kubectl prints of a patch that the API server cannot make sense of. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
}

const ORDER = '$setElementOrder/';
const DELETED = '$deleteFromPrimitiveList/';

/**
 * k8s 1.37 apimachinery pkg/util/strategicpatch, mergeMap: as a merge patch, but lists that have a merge key are merged item by
 * item, those of the patch in its order, or in that of $setElementOrder.
 * @throws PatchError where the patch names no item, or an unknown directive.
 */
export const strategicMerge = (kind: string, target: Json, patch: Json): Json =>
  mergeMaps(target, patch, fieldsOfKind(kind));

function mergeMaps(target: Json, patch: Json, fields: Fields): Json {
  if (!isRecord(patch)) {
    return patch;
  }
  const { $patch: directive, $retainKeys: retained, ...changes } = patch;
  if (directive === 'replace') {
    return changes;
  }
  if (directive === 'delete') {
    return {};
  }
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(`Error from server: unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  }
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const key of Object.keys(merged)) {
    if (Array.isArray(retained) && !retained.includes(key)) {
      delete merged[key];
    }
  }
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(DELETED)) {
      const field = key.slice(DELETED.length);
      merged[field] = [merged[field] ?? []].flat().filter((item) => !(value as readonly Json[]).includes(item));
    } else if (key.startsWith(ORDER)) {
      const field = key.slice(ORDER.length);
      if (!Object.hasOwn(changes, field)) {
        merged[field] = mergeLists(merged[field], [], fields[field], value as readonly Json[]);
      }
    } else if (value === null) {
      delete merged[key];
    } else if (Array.isArray(value)) {
      merged[key] = mergeLists(
        merged[key],
        value,
        fields[key],
        changes[`${ORDER}${key}`] as readonly Json[] | undefined,
      );
    } else {
      merged[key] = mergeMaps(merged[key], value, fieldsBelow(fields[key]));
    }
  }
  return merged;
}

/** mergeSliceHandler: special elements first, then item by item, then the order. */
function mergeLists(
  target: Json,
  patch: readonly Json[],
  field: MergeField | undefined,
  order: readonly Json[] | undefined,
): Json {
  const found: readonly Json[] = Array.isArray(target) ? target : [];
  if (field?.isSet) {
    return inOrder([...new Set([...found, ...patch])], order ?? patch, found, (item) => item);
  }
  const mergeKey = field?.mergeKey;
  if (mergeKey === undefined) {
    return patch;
  }
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !(isRecord(item) && item.$patch === 'replace'));
  }
  const keyOf = (item: Json): unknown => keyOfItem(item, mergeKey);
  let merged = [...found];
  const put: Json[] = [];
  for (const item of patch) {
    const at = merged.findIndex((old) => keyOf(old) === keyOf(item));
    if (isRecord(item) && item.$patch === 'delete') {
      merged = merged.filter((old) => keyOf(old) !== keyOf(item));
    } else {
      put.push(item);
      const made = mergeMaps(at >= 0 ? merged[at] : {}, item, fieldsBelow(field));
      merged = at >= 0 ? merged.with(at, made) : [...merged, made];
    }
  }
  return inOrder(merged, order ?? put, found, keyOf);
}

function keyOfItem(item: Json, mergeKey: string): unknown {
  const key = isRecord(item) ? item[mergeKey] : undefined;
  if (key === undefined) {
    throw new PatchError(`Error from server: map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
}

/**
 * normalizeElementOrder: items that `order` names, in its order; each of the others before the first of those that came after it in
 * the `live` list.
 */
function inOrder(
  merged: readonly Json[],
  order: readonly Json[],
  live: readonly Json[],
  keyOf: (item: Json) => unknown,
): readonly Json[] {
  const [ordered, standing] = [order.map(keyOf), live.map(keyOf)];
  const isNamed = (item: Json): boolean => ordered.includes(keyOf(item));
  const named = merged.filter(isNamed).sort((a, b) => ordered.indexOf(keyOf(a)) - ordered.indexOf(keyOf(b)));
  const others = merged
    .filter((item) => !isNamed(item))
    .sort((a, b) => standing.indexOf(keyOf(a)) - standing.indexOf(keyOf(b)));
  const placed: Json[] = [];
  let at = 0;
  for (const item of named) {
    const place = standing.indexOf(keyOf(item));
    for (; at < others.length && standing.indexOf(keyOf(others[at])) < place; at++) {
      placed.push(others[at]);
    }
    placed.push(item);
  }
  return [...placed, ...others.slice(at)];
}

/** A value as Go's %v prints it. */
export function goText(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(goText).join(' ')}]`;
  }
  if (!isRecord(value)) {
    return value === null || value === undefined ? '<nil>' : String(value);
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, found]) => `${key}:${goText(found)}`).join(' ')}]`;
}

/**
 * What kubectl apply makes of an object: the fields of `wanted` put in, those that `applied` had and `wanted` has no more taken
 * out, all others left to whoever set them. k8s 1.37 apimachinery strategicpatch CreateThreeWayMergePatch.
 */
export const threeWayMerge = (kind: string, applied: Json, wanted: Json, current: Json): Json =>
  applyMaps(applied, wanted, current, fieldsOfKind(kind));

function applyMaps(applied: Json, wanted: Json, current: Json, fields: Fields, retainsKeys = false): Json {
  if (!isRecord(wanted) || !isRecord(current)) {
    return wanted;
  }
  const before: JsonMap = isRecord(applied) ? applied : {};
  const merged: Record<string, unknown> = { ...current };
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(wanted, key)) {
      delete merged[key];
    }
  }
  for (const [key, value] of Object.entries(wanted)) {
    const field = fields[key];
    if (value === null) {
      delete merged[key];
    } else if (Array.isArray(value)) {
      merged[key] = applyLists(before[key], value, current[key], field);
    } else {
      merged[key] = applyMaps(before[key], value, current[key], fieldsBelow(field), field?.retainsKeys);
    }
  }
  // $retainKeys comes with a difference alone.
  return retainsKeys && !semanticallyEqual(merged, current) ? retaining(merged, wanted) : merged;
}

const retaining = (merged: JsonMap, wanted: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(merged).filter(([key]) => Object.hasOwn(wanted, key)));

function applyLists(applied: Json, wanted: readonly Json[], current: Json, field: MergeField | undefined): Json {
  const found: readonly Json[] = Array.isArray(current) ? current : [];
  const before: readonly Json[] = Array.isArray(applied) ? applied : [];
  if (field?.isSet) {
    const kept = found.filter((item) => wanted.includes(item) || !before.includes(item));
    return inOrder([...new Set([...kept, ...wanted])], wanted, found, (item) => item);
  }
  const mergeKey = field?.mergeKey;
  if (mergeKey === undefined) {
    return wanted;
  }
  const keyOf = (item: Json): unknown => keyOfItem(item, mergeKey);
  const of = (list: readonly Json[], key: unknown): Json => list.find((item) => keyOf(item) === key);
  const put = wanted.map((item) =>
    applyMaps(of(before, keyOf(item)), item, of(found, keyOf(item)), fieldsBelow(field), field?.retainsKeys),
  );
  const others = found.filter((item) => of(wanted, keyOf(item)) === undefined && of(before, keyOf(item)) === undefined);
  return inOrder([...put, ...others], wanted, found, keyOf);
}
