import { isSameValue } from '../../api/equality.js';
import type { ApiSchema, FieldType } from '../../api/index.js';
import { EMPTY_SET, type FieldSet, fieldSet, LEAF } from './field-set.js';

/** Values as structured-merge-diff walks them (`typed` of that package): by the types that the API's own document gives. */

type Json = Readonly<Record<string, unknown>>;
type ListType = Extract<FieldType, { form: 'list' }>;

const ANYTHING: FieldType = { form: 'scalar', type: 'any' };

const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is below a value, step by step; undefined when it has one owner as a whole. */
interface Parts {
  readonly values: ReadonlyMap<string, unknown>;
  typeOf(step: string): FieldType;
  /** Whether the object's type names this step. */
  isNamed(step: string): boolean;
}

function partsOf(type: FieldType, value: unknown, schema: ApiSchema): Parts | undefined {
  if (type.form === 'list') {
    return type.identity !== 'none' && Array.isArray(value) ? itemsOf(type, value) : undefined;
  }
  if (type.form === 'scalar' || type.isAtomic || !isMapping(value)) {
    return undefined;
  }
  const entries = Object.entries(value).filter(([, found]) => found !== undefined);
  const values = new Map(entries.map(([name, found]) => [`f:${name}`, found]));
  if (type.form === 'map') {
    return { values, typeOf: () => type.item, isNamed: () => false };
  }
  const fields = schema.fieldsOf(type.definition);
  return {
    values,
    typeOf: (step) => fields.get(step.slice(2))?.type ?? ANYTHING,
    isNamed: (step) => fields.has(step.slice(2)),
  };
}

const itemsOf = (type: ListType, list: readonly unknown[]): Parts => ({
  values: new Map(list.map((item) => [stepOfItem(type, item), item])),
  typeOf: () => type.item,
  isNamed: () => false,
});

/** Defaults of keys in the API's document: pkg/apis/core/v1 ContainerPort.Protocol and its likes. */
const DEFAULT_KEYS: Json = { protocol: 'TCP', name: '' };

function stepOfItem({ identity }: ListType, item: unknown): string {
  if (!Array.isArray(identity)) {
    return `v:${JSON.stringify(item)}`;
  }
  const keys = [...identity].sort().map((key) => [key, (item as Json)[key] ?? DEFAULT_KEYS[key]]);
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** Paths of a value that somebody applies. As ToFieldSet. */
export function fieldsOf(type: FieldType, value: unknown, schema: ApiSchema): FieldSet {
  const parts = partsOf(type, value, schema);
  if (parts === undefined) {
    return LEAF;
  }
  return fieldSet(
    false,
    [...parts.values].map(([step, part]) => {
      const below = fieldsOf(parts.typeOf(step), part, schema);
      const isMember = below.isMember || !parts.isNamed(step) || (isMapping(part) && Object.keys(part).length === 0);
      return [step, { ...below, isMember }];
    }),
  );
}

/** How one version of a value differs from another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

const SAME: Comparison = { added: EMPTY_SET, removed: EMPTY_SET, modified: EMPTY_SET };

/** As Compare: undefined is absent. */
export function compare(type: FieldType, before: unknown, after: unknown, schema: ApiSchema): Comparison {
  if (before === after) {
    return SAME;
  }
  const [old, next] = [partsOf(type, before, schema), partsOf(type, after, schema)];
  const isLeaf =
    (old === undefined && before !== undefined) ||
    (next === undefined && after !== undefined) ||
    (old?.values.size ?? 0) + (next?.values.size ?? 0) === 0;
  if (isLeaf) {
    return compareLeaf(before, after);
  }
  const parts = (next ?? old) as Parts;
  const steps = [...new Set([...(old?.values.keys() ?? []), ...(next?.values.keys() ?? [])])];
  const below = steps.map(
    (step) => [step, compare(parts.typeOf(step), old?.values.get(step), next?.values.get(step), schema)] as const,
  );
  return {
    added: fieldSet(
      before === undefined,
      below.map(([step, { added }]) => [step, added]),
    ),
    removed: fieldSet(
      after === undefined,
      below.map(([step, { removed }]) => [step, removed]),
    ),
    modified: fieldSet(
      false,
      below.map(([step, { modified }]) => [step, modified]),
    ),
  };
}

function compareLeaf(before: unknown, after: unknown): Comparison {
  if (before === undefined) {
    return { ...SAME, added: LEAF };
  }
  if (after === undefined) {
    return { ...SAME, removed: LEAF };
  }
  return isSameValue(before, after) ? SAME : { ...SAME, modified: LEAF };
}

/** The applied value put over the live one: lists item by item, in the order that the applied one has. As Merge. */
export function merge(type: FieldType, live: unknown, applied: unknown, schema: ApiSchema): unknown {
  const [old, next] = [partsOf(type, live, schema), partsOf(type, applied, schema)];
  if (applied === undefined || (applied === null && live !== undefined)) {
    return live;
  }
  if (old === undefined || next === undefined) {
    return applied;
  }
  const mergedAt = (step: string): unknown =>
    merge(next.typeOf(step), old.values.get(step), next.values.get(step), schema);
  if (type.form === 'list') {
    return mergedOrder([...old.values.keys()], [...next.values.keys()]).map(mergedAt);
  }
  const steps = new Set([...old.values.keys(), ...next.values.keys()]);
  return Object.fromEntries([...steps].map((step) => [step.slice(2), mergedAt(step)]));
}

/** Items of both: shared ones in the order of `applied`, those of one alone where they stood between them. As mergeListItems. */
function mergedOrder(live: readonly string[], applied: readonly string[]): readonly string[] {
  const [isLive, isApplied] = [new Set(live), new Set(applied)];
  const merged: string[] = [];
  let at = 0;
  const takeLiveUntil = (stop: string | undefined): void => {
    for (; at < live.length && live[at] !== stop; at++) {
      if (!isApplied.has(live[at] as string)) {
        merged.push(live[at] as string);
      }
    }
  };
  for (const [i, step] of applied.entries()) {
    takeLiveUntil(applied.slice(i).find((one) => isLive.has(one)));
    merged.push(step);
    at += live[at] === step ? 1 : 0;
  }
  takeLiveUntil(undefined);
  return merged;
}

/** The value without these paths, and without what holds nothing after that. As RemoveItems. */
export function without(type: FieldType, value: unknown, paths: FieldSet, schema: ApiSchema): unknown {
  const parts = partsOf(type, value, schema);
  if (parts === undefined || paths.children.size === 0) {
    return value;
  }
  const kept = [...parts.values].flatMap(([step, part]): (readonly [string, unknown])[] => {
    const below = paths.children.get(step);
    const rest = below?.isMember ? undefined : below ? without(parts.typeOf(step), part, below, schema) : part;
    return rest === undefined ? [] : [[step, rest]];
  });
  if (kept.length === 0) {
    return undefined;
  }
  return type.form === 'list'
    ? kept.map(([, part]) => part)
    : Object.fromEntries(kept.map(([step, part]) => [step.slice(2), part]));
}
