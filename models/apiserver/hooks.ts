import type { Micros, ObjectKey } from '../../engine/index.js';
import type { Kind, Kinds } from '../api/index.js';
import type { ApiError, StatusCause } from '../client-go/index.js';
import type { Charge } from './admission/resource-quota.js';

/** What admission may look at: the objects in force. */
export interface AdmissionReader {
  readonly now: Micros;
  get<K extends Kind>(kind: K, key: ObjectKey): Kinds[K] | undefined;
  list<K extends Kind>(kind: K): Iterable<Kinds[K]>;
  /** Version of the latest write of this kind, for answers that are kept while nothing changed. */
  versionOf(kind: Kind): number;
}

/** Why not; or what has to be written before the object is: quotas that it is charged to. */
export type Review = { readonly error: ApiError } | { readonly charges: readonly Charge[] };

export type Admitted<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly error: ApiError };

/**
 * What the API server does to objects of one kind on their way to the store. A request runs through, in this order:
 *
 * 1. `applyDefaults`, when it is decoded (pkg/apis/GROUP/VERSION/defaults.go): create, and updates whose spec is not the stored one;
 * 2. `admit`, the mutating admission plugins, on create;
 * 3. the registry's own preparation (status, generation, metadata), then `prepareForCreate` or `prepareForUpdate`;
 * 4. `validate` on create, `validateUpdate` on update: causes of a 422;
 * 5. `review`, the validating admission plugins (quota), on create. What it charges stays charged if the object is not stored after all.
 *
 * All must be pure. Pods of one template come with the same `spec` object: keep results by identity (rememberedBy), so that they share
 * one defaulted spec too.
 */
export interface KindHooks<T> {
  readonly applyDefaults?: (object: T) => T;
  readonly admit?: (object: T, reader: AdmissionReader) => Admitted<T>;
  readonly prepareForCreate?: (object: T, reader: AdmissionReader) => T;
  readonly prepareForUpdate?: (object: T, before: T, reader: AdmissionReader) => T;
  readonly validate?: (object: T) => readonly StatusCause[];
  readonly validateUpdate?: (object: T, before: T) => readonly StatusCause[];
  readonly review?: (object: T, reader: AdmissionReader) => Review;
  /** Whether something that the object needs is about to be made: a request waits for it for a while. */
  readonly awaits?: (object: T, reader: AdmissionReader) => boolean;
}

export type Hooks = { readonly [K in Kind]?: KindHooks<Kinds[K]> };

/** The function, remembering its answer for each argument as long as the argument lives. */
export function rememberedBy<A extends object, R>(compute: (argument: A) => R): (argument: A) => R {
  const answers = new WeakMap<A, { readonly answer: R }>();
  return (argument) => {
    let known = answers.get(argument);
    if (known === undefined) {
      known = { answer: compute(argument) };
      answers.set(argument, known);
    }
    return known.answer;
  };
}
