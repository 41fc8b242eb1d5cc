/**
 * Paths of fields, as sigs.k8s.io/structured-merge-diff fieldpath.Set: a tree whose steps are spelled as in FieldsV1: "f:spec",
 * 'k:{"name":"web"}', 'v:"finalizer"'.
 */
export interface FieldSet {
  /** Whether the path to here is one of the set. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();
export const EMPTY_SET: FieldSet = { isMember: false, children: NO_CHILDREN };
export const LEAF: FieldSet = { isMember: true, children: NO_CHILDREN };

export const isEmptySet = ({ isMember, children }: FieldSet): boolean => !isMember && children.size === 0;

/** A set of these children, the empty ones left out. */
export function fieldSet(isMember: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  const kept = new Map<string, FieldSet>();
  for (const [step, child] of children) {
    if (!isEmptySet(child)) {
      kept.set(step, child);
    }
  }
  return { isMember, children: kept };
}

/** What `combine` makes of the two, step by step. */
function combined(a: FieldSet, b: FieldSet, combine: (a: boolean, b: boolean) => boolean): FieldSet {
  const steps = new Set([...a.children.keys(), ...b.children.keys()]);
  return fieldSet(
    combine(a.isMember, b.isMember),
    [...steps].map((step) => [
      step,
      combined(a.children.get(step) ?? EMPTY_SET, b.children.get(step) ?? EMPTY_SET, combine),
    ]),
  );
}

export const union = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (inA, inB) => inA || inB);
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (inA, inB) => inA && inB);
/** Paths of `a` that are not in `b`; what lies below a path of `b` stays. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (inA, inB) => inA && !inB);

/** Paths of `a` that are neither in `b` nor below a path of it. As RecursiveDifference. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (b.isMember) {
    return EMPTY_SET;
  }
  return fieldSet(
    a.isMember,
    [...a.children].map(([step, child]) => [step, differenceBelow(child, b.children.get(step) ?? EMPTY_SET)]),
  );
}

/** With the fields on the way to each path. As EnsureNamedFieldsAreMembers. */
export function withFieldsOnTheWay(set: FieldSet): FieldSet {
  return fieldSet(
    set.isMember,
    [...set.children].map(([step, child]) => {
      const below = withFieldsOnTheWay(child);
      return [step, step.startsWith('f:') ? { ...below, isMember: true } : below];
    }),
  );
}

/** Paths of the set, in order, each as its steps. */
export function pathsOf(set: FieldSet, before: readonly string[] = []): readonly (readonly string[])[] {
  const below = sortedChildren(set).flatMap(([step, child]) => pathsOf(child, [...before, step]));
  return set.isMember ? [before, ...below] : below;
}

/** A set of one path. */
export const setOf = (...steps: readonly string[]): FieldSet =>
  steps.reduceRight((below, step) => fieldSet(false, [[step, below]]), LEAF);

export type FieldsV1 = { readonly [step: string]: unknown };

/** metav1.FieldsV1: a path that has others below it says so by ".". */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  const below = sortedChildren(set).map(([step, child]) => [step, toFieldsV1(child)] as const);
  return Object.fromEntries(set.isMember && below.length > 0 ? [['.', {}], ...below] : below);
}

export function fromFieldsV1(fields: FieldsV1): FieldSet {
  const { '.': itself, ...below } = fields;
  const children = Object.entries(below).map(([step, child]) => [step, fromFieldsV1(child as FieldsV1)] as const);
  return fieldSet(itself !== undefined || children.length === 0, children);
}

/** Fields of one or the other, as metadata.managedFields writes them. */
export const unionOfFields = (a: FieldsV1, b: FieldsV1): FieldsV1 =>
  toFieldsV1(union(fromFieldsV1(a), fromFieldsV1(b)));

/** '.spec.containers[name="web"].image': as Path.String of the same package. */
export const shownPath = (steps: readonly string[]): string => steps.map(shownStep).join('');

function shownStep(step: string): string {
  const text = step.slice(2);
  switch (step.slice(0, 2)) {
    case 'k:': {
      const keys = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${text}]`;
    default:
      return `.${text}`;
  }
}

const sortedChildren = ({ children }: FieldSet): readonly (readonly [string, FieldSet])[] =>
  [...children].sort(([a], [b]) => (a < b ? -1 : 1));
