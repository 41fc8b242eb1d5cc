import type { Micros } from '../../../engine/index.js';
import { wholeSecond } from '../../../engine/index.js';
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/index.js';
import type { StatusCause, Writer } from '../../client-go/index.js';
import { type Failure, failure } from '../errors.js';
import {
  difference,
  differenceBelow,
  EMPTY_SET,
  type FieldSet,
  type FieldsV1,
  fromFieldsV1,
  intersection,
  isEmptySet,
  pathsOf,
  setOf,
  shownPath,
  toFieldsV1,
  union,
} from './field-set.js';
import type { Comparison } from './typed.js';

/** Who owns which fields of an object: an entry of metadata.managedFields, its fields as a set. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  readonly time: Micros | undefined;
  readonly fields: FieldSet;
}

/** BuildManagerIdentifier (k8s.io/apimachinery util/managedfields): neither fields nor time tell managers apart. */
const isSameManager = (a: Manager, b: Omit<Manager, 'fields' | 'time'>): boolean =>
  a.name === b.name && a.operation === b.operation && a.apiVersion === b.apiVersion && a.subresource === b.subresource;

export const managersOf = ({ managedFields = [] }: Pick<ObjectMeta, 'managedFields'>): readonly Manager[] =>
  managedFields.map((entry) => ({
    name: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource,
    time: entry.time,
    fields: fromFieldsV1((entry.fieldsV1 ?? {}) as FieldsV1),
  }));

/** In the order of sortEncodedManagedFields: those who apply first, then by time and name. */
export const entriesOf = (managers: readonly Manager[]): readonly ManagedFieldsEntry[] =>
  managers
    .toSorted(
      (a, b) =>
        compared(a.operation, b.operation) ||
        (a.time ?? 0) - (b.time ?? 0) ||
        compared(a.name, b.name) ||
        compared(a.subresource ?? '', b.subresource ?? ''),
    )
    .map(({ name, operation, apiVersion, time, fields, subresource }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource !== undefined && { subresource }),
    }));

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// k8s.io/apimachinery util/managedfields/internal stripmeta.go: what every object has is nobody's
const NOBODYS: FieldSet = [
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
].reduce((set, steps) => union(set, setOf(...steps)), EMPTY_SET);

const STATUS = setOf('f:status');
const SPEC = setOf('f:spec');

/** Without what the endpoint written to resets (GetResetFields of the strategies) and what is nobody's. */
export function ownable(fields: FieldSet, hasStatus: boolean, part: 'main' | 'status'): FieldSet {
  const reset = part === 'status' ? SPEC : hasStatus ? STATUS : EMPTY_SET;
  return difference(differenceBelow(fields, reset), NOBODYS);
}

const meaningful = (managers: readonly Manager[]): readonly Manager[] =>
  managers.filter(({ fields }) => !isEmptySet(fields));

/** Whoever owned what is another now loses it. As Updater.update of structured-merge-diff merge. */
export function withoutLost(
  managers: readonly Manager[],
  { added, modified, removed }: Comparison,
): readonly Manager[] {
  const lost = union(union(added, modified), removed);
  return meaningful(managers.map((manager) => ({ ...manager, fields: difference(manager.fields, lost) })));
}

/** After an Update: the others lose what changed, and the writer has it. */
export function afterUpdate(
  managers: readonly Manager[],
  comparison: Comparison,
  writer: Writer,
  apiVersion: string,
  now: Micros,
): readonly Manager[] {
  const taken = union(comparison.added, comparison.modified);
  const kept = withoutLost(managers, comparison);
  if (isEmptySet(taken)) {
    return kept;
  }
  const { manager: name, subresource } = writer;
  const identity = { name, operation: 'Update', apiVersion, subresource } as const;
  const before = kept.find((manager) => isSameManager(manager, identity));
  const fields = union(before?.fields ?? EMPTY_SET, taken);
  return [...kept.filter((manager) => manager !== before), { ...identity, time: wholeSecond(now), fields }];
}

/** The applier's entry before, and everybody else's. */
export function split(
  managers: readonly Manager[],
  name: string,
  apiVersion: string,
): { readonly last: Manager | undefined; readonly others: readonly Manager[] } {
  const last = managers.find((one) =>
    isSameManager(one, { name, apiVersion, operation: 'Apply', subresource: undefined }),
  );
  return { last, others: managers.filter((one) => one !== last) };
}

interface FieldConflict {
  readonly manager: Manager;
  readonly steps: readonly string[];
}

/** Fields of others that the applied object sets to another value, by manager; but for those that it may. */
export function conflictsWith(
  others: readonly Manager[],
  { added, modified }: Comparison,
  allowed: FieldSet,
): readonly FieldConflict[] {
  const changed = difference(union(added, modified), allowed);
  return others
    .toSorted((a, b) => compared(a.name, b.name))
    .flatMap((manager) => pathsOf(intersection(manager.fields, changed)).map((steps) => ({ manager, steps })));
}

/** k8s.io/apimachinery util/managedfields/internal conflict.go: NewConflictError, getConflictMessage. */
export function applyConflict(conflicts: readonly FieldConflict[]): Failure {
  const causes = conflicts.map(
    ({ manager, steps }): StatusCause => ({
      reason: 'FieldManagerConflict',
      field: shownPath(steps),
      message: `conflict with ${shownManager(manager)}`,
    }),
  );
  const [first] = causes as [StatusCause, ...StatusCause[]];
  if (causes.length === 1) {
    return conflictFailure(`Apply failed with 1 conflict: ${first.message}: ${first.field}`, causes);
  }
  const texts = [...new Set(causes.map(({ message }) => message))].map((message) => {
    const fields = causes.filter((cause) => cause.message === message).map(({ field }) => `\n- ${field}`);
    return `${message.replace('conflict with', 'conflicts with')}:${fields.join('')}`;
  });
  return conflictFailure(`Apply failed with ${causes.length} conflicts: ${texts.join('\n')}`, causes);
}

const conflictFailure = (message: string, causes: readonly StatusCause[]): Failure =>
  failure({ reason: 'Conflict', code: 409, message, causes });

function shownManager({ name, subresource, operation, apiVersion }: Manager): string {
  const of = `${JSON.stringify(name)}${subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  return operation === 'Update' ? `${of} using ${apiVersion}` : of;
}
