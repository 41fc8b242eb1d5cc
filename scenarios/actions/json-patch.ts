import { semanticallyEqual } from '../../models/api/index.js';
import { isRecord } from '../schema/shapes.js';
import { PatchError } from './merge.js';

type Json = unknown;

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'copy' | 'move' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** What the API server answers to whatever cannot be done: it does not say why. apiserver pkg/endpoints/handlers/patch.go. */
const REJECTED = 'The request is invalid: the server rejected our request due to an error in our request';

/**
 * RFC 6902.
 * @throws PatchError at a path that is not there, or a test that fails.
 */
export const jsonPatch = (target: Json, operations: readonly JsonPatchOperation[]): Json =>
  operations.reduce(operated, target);

function operated(target: Json, { op, path, from = '', value }: JsonPatchOperation): Json {
  switch (op) {
    case 'add':
      return put(target, stepsOf(path), value);
    case 'copy':
      return put(target, stepsOf(path), found(target, stepsOf(from)));
    case 'move':
      return put(removed(target, stepsOf(from)), stepsOf(path), found(target, stepsOf(from)));
    case 'remove':
      return removed(target, stepsOf(path));
    case 'replace':
      found(target, stepsOf(path));
      return changedAt(target, stepsOf(path), () => value);
    case 'test':
      if (!semanticallyEqual(found(target, stepsOf(path), 'may be missing'), value)) {
        throw new PatchError(REJECTED);
      }
      return target;
    default:
      throw new PatchError(REJECTED);
  }
}

const stepsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The place of a step in what is there; a list has one more, for what is added. */
function indexOf(list: readonly Json[], step: string): number {
  const at = step === '-' ? list.length : /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (at < 0 || at > list.length) {
    throw new PatchError(REJECTED);
  }
  return at;
}

function found(target: Json, steps: readonly string[], missing?: 'may be missing'): Json {
  let value = target;
  for (const step of steps) {
    const isThere = Array.isArray(value)
      ? indexOf(value, step) < value.length
      : isRecord(value) && Object.hasOwn(value, step);
    if (!isThere) {
      if (missing) {
        return undefined;
      }
      throw new PatchError(REJECTED);
    }
    value = Array.isArray(value) ? value[indexOf(value, step)] : (value as Readonly<Record<string, Json>>)[step];
  }
  return value;
}

/** The target with what `change` makes of the value at a path whose parent is there. */
function changedAt(target: Json, steps: readonly string[], change: (value: Json) => Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) {
    return change(target);
  }
  if (Array.isArray(target)) {
    const at = indexOf(target, step);
    if (at === target.length) {
      throw new PatchError(REJECTED);
    }
    return target.with(at, changedAt(target[at], rest, change));
  }
  if (!isRecord(target) || (rest.length > 0 && !Object.hasOwn(target, step))) {
    throw new PatchError(REJECTED);
  }
  return { ...target, [step]: changedAt(target[step], rest, change) };
}

const put = (target: Json, steps: readonly string[], value: Json): Json =>
  steps.length === 0
    ? value
    : changedAt(target, steps.slice(0, -1), (parent) => {
        const last = steps.at(-1) as string;
        if (Array.isArray(parent)) {
          return parent.toSpliced(indexOf(parent, last), 0, value);
        }
        if (!isRecord(parent)) {
          throw new PatchError(REJECTED);
        }
        return { ...parent, [last]: value };
      });

function removed(target: Json, steps: readonly string[]): Json {
  found(target, steps);
  return changedAt(target, steps.slice(0, -1), (parent) => {
    const last = steps.at(-1) as string;
    if (Array.isArray(parent)) {
      return parent.toSpliced(indexOf(parent, last), 1);
    }
    const { [last]: _, ...others } = parent as Readonly<Record<string, Json>>;
    return others;
  });
}
