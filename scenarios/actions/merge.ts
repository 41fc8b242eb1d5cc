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

/**
 * k8s 1.37 apimachinery pkg/util/strategicpatch, mergeMap: as a merge patch, but lists that have a merge key are merged item by
 * item. Leaves out $setElementOrder, $retainKeys and $deleteFromPrimitiveList.
 */
export const strategicMerge = (kind: string, target: Json, patch: Json): Json =>
  mergeMaps(target, patch, fieldsOfKind(kind));

function mergeMaps(target: Json, patch: Json, fields: Fields): Json {
  if (!isRecord(patch)) {
    return patch;
  }
  const { $patch: directive, ...changes } = patch;
  if (directive === 'replace') {
    return changes;
  }
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(changes)) {
    const field = fields[key];
    if (value === null) {
      delete merged[key];
    } else if (Array.isArray(value)) {
      merged[key] = mergeLists(merged[key], value, field);
    } else {
      merged[key] = mergeMaps(merged[key], value, fieldsBelow(field));
    }
  }
  return merged;
}

function mergeLists(target: Json, patch: readonly Json[], field: MergeField | undefined): Json {
  const found: readonly Json[] = Array.isArray(target) ? target : [];
  if (field?.isSet) {
    return [...found, ...patch.filter((item) => !found.includes(item))];
  }
  const key = field?.mergeKey;
  if (key === undefined) {
    return patch;
  }
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !(isRecord(item) && item.$patch === 'replace'));
  }
  const merged = [...found];
  for (const item of patch) {
    const at = merged.findIndex((old) => isRecord(old) && isRecord(item) && old[key] === item[key]);
    if (isRecord(item) && item.$patch === 'delete') {
      if (at >= 0) {
        merged.splice(at, 1);
      }
    } else if (at >= 0) {
      merged[at] = mergeMaps(merged[at], item, fieldsBelow(field));
    } else {
      merged.push(item);
    }
  }
  return merged;
}

/**
 * What kubectl apply makes of an object: the fields of `wanted` put in, those that `applied` had and `wanted` has no more taken
 * out, all others left to whoever set them. k8s 1.37 apimachinery strategicpatch CreateThreeWayMergePatch.
 */
export const threeWayMerge = (kind: string, applied: Json, wanted: Json, current: Json): Json =>
  applyMaps(applied, wanted, current, fieldsOfKind(kind));

function applyMaps(applied: Json, wanted: Json, current: Json, fields: Fields): Json {
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
      merged[key] = applyMaps(before[key], value, current[key], fieldsBelow(field));
    }
  }
  return merged;
}

function applyLists(applied: Json, wanted: readonly Json[], current: Json, field: MergeField | undefined): Json {
  const found: readonly Json[] = Array.isArray(current) ? current : [];
  const before: readonly Json[] = Array.isArray(applied) ? applied : [];
  if (field?.isSet) {
    return [
      ...found.filter((item) => wanted.includes(item) || !before.includes(item)),
      ...wanted.filter((item) => !found.includes(item)),
    ];
  }
  const key = field?.mergeKey;
  if (key === undefined) {
    return wanted;
  }
  const keyOfItem = (item: Json): unknown => (isRecord(item) ? item[key] : undefined);
  const of = (list: readonly Json[], wantedKey: unknown): Json => list.find((item) => keyOfItem(item) === wantedKey);
  const added = wanted.map((item) =>
    applyMaps(of(before, keyOfItem(item)), item, of(found, keyOfItem(item)), fieldsBelow(field)),
  );
  const others = found.filter(
    (item) => of(wanted, keyOfItem(item)) === undefined && of(before, keyOfItem(item)) === undefined,
  );
  return [...added, ...others];
}

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * RFC 6902 without move and copy.
 * @throws RangeError at a path that is not there, or a test that fails.
 */
export const jsonPatch = (target: Json, operations: readonly JsonPatchOperation[]): Json =>
  operations.reduce((value, operation) => {
    const steps = operation.path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return patchAt(value, steps, operation);
  }, target);

function patchAt(value: Json, steps: readonly string[], operation: JsonPatchOperation): Json {
  const [step, ...rest] = steps;
  const missing = (): RangeError => new RangeError(`nothing stands at ${operation.path}`);
  if (step === undefined) {
    if (operation.op === 'test' && JSON.stringify(value) !== JSON.stringify(operation.value)) {
      throw new RangeError(`the test at ${operation.path} failed`);
    }
    return operation.op === 'test' ? value : operation.value;
  }
  if (Array.isArray(value)) {
    const at = step === '-' ? value.length : /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
    const isThere = at >= 0 && at < value.length;
    if (!isThere && !(operation.op === 'add' && rest.length === 0 && at === value.length)) {
      throw missing();
    }
    if (rest.length > 0 || operation.op === 'replace' || operation.op === 'test') {
      return value.with(at, patchAt(value[at], rest, operation));
    }
    return operation.op === 'add' ? value.toSpliced(at, 0, operation.value) : value.toSpliced(at, 1);
  }
  if (!isRecord(value) || (!Object.hasOwn(value, step) && !(operation.op === 'add' && rest.length === 0))) {
    throw missing();
  }
  if (rest.length === 0 && operation.op === 'remove') {
    const { [step]: _, ...others } = value;
    return others;
  }
  return { ...value, [step]: patchAt(value[step], rest, operation) };
}
