import type { Micros } from '../../../engine/time/micros.js';
import { type Kind, type Kinds, keyOf } from '../../../models/api/index.js';
import type { AdmissionReader } from '../../../models/apiserver/hooks.js';

/** What admission may look at, when these objects are all there is. */
export function storedObjects(
  objects: { readonly [K in Kind]?: readonly Kinds[K][] },
  now: Micros = 0,
): AdmissionReader {
  const list = <K extends Kind>(kind: K): readonly Kinds[K][] => (objects[kind] ?? []) as readonly Kinds[K][];
  return {
    now,
    list,
    get: (kind, key) => list(kind).find((object) => keyOf(object) === key),
    versionOf: () => 1,
  };
}
