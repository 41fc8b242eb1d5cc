import { decode } from '../../../../models/api/decode/decode.js';
import { encode } from '../../../../models/api/decode/encode.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { createAsRegistry, type RecordedRefusal, refusalOf } from '../registry-create.js';

interface DefaultingCase extends VectorCase {
  readonly manifest: Record<string, unknown>;
  readonly defaulted?: Record<string, unknown>;
  readonly created?: Record<string, unknown>;
  readonly error?: RecordedRefusal;
}

export const adapter: Adapter = function* (file) {
  for (const { id, manifest, defaulted, created, error } of file.cases as readonly DefaultingCase[]) {
    const decoded = decode(manifest, { kubernetesVersion: '1.37', startTime: 0 });
    if (!decoded.ok || decoded.isInert) {
      yield { id, equal: false, difference: decoded.ok ? 'is inert' : JSON.stringify(decoded.mistakes) };
      continue;
    }
    const creation = createAsRegistry(decoded.object);
    const refusal = refusalOf(creation.causes);
    yield compare(
      id,
      { defaulted: plain(defaulted), created: plain(created), error },
      {
        defaulted: plain(encode(creation.defaulted, 0)),
        created: refusal ? undefined : plain(encode(creation.created, 0)),
        error: refusal,
      },
    );
  }
};

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
