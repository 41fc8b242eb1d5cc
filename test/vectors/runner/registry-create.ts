import { defaultingWith, preparationWith } from '../../../models/api/defaults/index.js';
import { type AnyObject, type Kind, SERVED_KINDS } from '../../../models/api/index.js';
import { type FieldCause, validationWith } from '../../../models/api/validation/index.js';
import { prepareForCreate } from '../../../models/apiserver/preparation.js';
import { strategiesFor } from '../../../models/apiserver/strategy.js';
import { defaultsFor } from '../../../models/versions/index.js';

/** In place of the random end of a generated name. */
const SUFFIX = 'abcde';

/** The uid that recorders gave every object. */
const UID = '00000000-0000-0000-0000-000000000001';

const defaults = defaultsFor('1.37') as NonNullable<ReturnType<typeof defaultsFor>>;
const { features } = defaults;
const strategyOf = strategiesFor(defaults);
const defaulting = defaultingWith(features);
const preparation = preparationWith(features);
const validation = validationWith(features);

export interface Creation<T> {
  readonly defaulted: T;
  readonly created: T;
  /** What is wrong with it; nothing when it may be stored. */
  readonly causes: readonly FieldCause[];
}

/** An answer that says no, as the recorders wrote it down. */
export interface RecordedRefusal {
  readonly reason: string;
  readonly code?: number;
  readonly causes?: readonly { readonly type: string; readonly field: string; readonly message: string }[];
}

export const refusalOf = (causes: readonly FieldCause[]): RecordedRefusal | undefined =>
  causes.length === 0
    ? undefined
    : {
        reason: 'Invalid',
        code: 422,
        causes: causes.map(({ reason, field, message }) => ({ type: reason, field, message })),
      };

/** Takes a decoded object through defaulting and rest.BeforeCreate, without admission and without the allocation of addresses. */
export function createAsRegistry<T extends AnyObject>(object: T): Creation<T> {
  const kind = object.kind as Kind;
  const defaulted = run(defaulting, object);
  const placed = SERVED_KINDS[kind].namespaced ? defaulted : withoutNamespace(defaulted);
  const { name, generateName } = placed.metadata;
  const identity = {
    name: name || `${generateName ?? ''}${generateName ? SUFFIX : ''}`,
    uid: UID,
    now: 0,
    resourceVersion: '',
  };
  const created = run(preparation, prepareForCreate(placed, strategyOf(kind), identity) as AnyObject as T);
  return { defaulted, created, causes: validation.create(kind, created) };
}

/** rest.BeforeCreate takes it off what has none. */
function withoutNamespace<T extends AnyObject>(object: T): T {
  const { namespace, ...metadata } = object.metadata;
  return namespace === undefined ? object : { ...object, metadata };
}

function run<T extends AnyObject>(changes: typeof defaulting, object: T): T {
  const changeObject = changes[object.kind as Kind] as ((object: unknown) => T) | undefined;
  return changeObject?.(object) ?? object;
}
