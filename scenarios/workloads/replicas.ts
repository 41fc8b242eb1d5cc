import type { Micros } from '../../engine/index.js';
import type { AnyObject, Kind, Kinds } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import type { Arrival, Workload } from './workload.js';

const INDEX = '$(INDEX)';

/** So many copies of one object at one time. */
export function replicasWorkload(name: string, object: AnyObject, count: number, at: Micros): Workload {
  return {
    name,
    namespaces: [],
    *begin(): Generator<Arrival, undefined> {
      for (let i = 0; i < count; i++) {
        yield { at, kind: object.kind as Kind, object: copyOf(object, i) as unknown as Draft<Kinds[Kind]> };
      }
    },
  };
}

/** The object with `$(INDEX)` replaced in its texts; a name without it gets the index at its end. */
export function copyOf(object: AnyObject, index: number): AnyObject {
  const copy = withIndex(object, String(index)) as AnyObject;
  const { name } = object.metadata;
  return name === undefined || name.includes(INDEX)
    ? copy
    : { ...copy, metadata: { ...copy.metadata, name: `${name}-${index}` } };
}

function withIndex(value: unknown, index: string): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(INDEX, index);
  }
  if (Array.isArray(value)) {
    return value.map((part) => withIndex(part, index));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key.replaceAll(INDEX, index), withIndex(part, index)]),
  );
}
