import { decode } from '../../../../models/api/decode/decode.js';
import { encode } from '../../../../models/api/decode/encode.js';
import { defaultingWith, preparationWith } from '../../../../models/api/defaults/index.js';
import type { AnyObject, Kind } from '../../../../models/api/object.js';
import { prepareForCreate } from '../../../../models/apiserver/preparation.js';
import { strategiesFor } from '../../../../models/apiserver/strategy.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface DefaultingCase extends VectorCase {
  readonly manifest: Record<string, unknown>;
  readonly defaulted?: Record<string, unknown>;
  readonly created?: Record<string, unknown>;
  readonly error?: unknown;
}

/** The uid that the header names. */
const UID = '00000000-0000-0000-0000-000000000001';

const defaults = defaultsFor('1.37') as NonNullable<ReturnType<typeof defaultsFor>>;
const { features } = defaults;
const strategyOf = strategiesFor(defaults);
const defaulting = defaultingWith(features);
const preparation = preparationWith(features);

export const adapter: Adapter = function* (file) {
  for (const { id, manifest, defaulted, created } of file.cases as readonly DefaultingCase[]) {
    const decoded = decode(manifest, { kubernetesVersion: '1.37', startTime: 0 });
    if (!decoded.ok || decoded.isInert) {
      yield { id, equal: false, difference: decoded.ok ? 'is inert' : JSON.stringify(decoded.mistakes) };
      continue;
    }
    const filled = run(defaulting, decoded.object);
    const identity = { name: filled.metadata.name, uid: UID, now: 0, resourceVersion: '' };
    const prepared = run(preparation, prepareForCreate(filled, strategyOf(filled.kind), identity));
    yield compare(
      id,
      { defaulted: plain(defaulted), created: plain(created) },
      { defaulted: plain(encode(filled, 0)), created: created && plain(encode(prepared, 0)) },
    );
  }
};

function run<T extends AnyObject>(changes: typeof defaulting, object: T): T {
  const changeObject = changes[object.kind as Kind] as ((object: unknown) => T) | undefined;
  return changeObject?.(object) ?? object;
}

/** Without what the header says is dropped, without nulls, and without structs that only say that they are empty. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const kept = Object.entries(value)
    .filter(
      ([name, item]) =>
        item !== null && item !== undefined && !['uid', 'creationTimestamp', 'resourceVersion'].includes(name),
    )
    .map(([name, item]) => [name, plain(item)] as const)
    .filter(
      ([name, item]) => !(['resources', 'spec', 'status', 'metadata'].includes(name) && JSON.stringify(item) === '{}'),
    );
  return Object.fromEntries(kept);
}
