import { decode } from '../../../../models/api/decode/decode.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { createAsRegistry, type RecordedRefusal, refusalOf } from '../registry-create.js';

interface ValidationCase extends VectorCase {
  readonly manifest: Record<string, unknown>;
  readonly valid?: boolean;
  readonly error?: RecordedRefusal;
}

/** Creates the objects as the recorder did, and compares what the registry found wrong with them. */
export const adapter: Adapter = function* (file) {
  for (const { id, manifest, valid, error } of file.cases as readonly ValidationCase[]) {
    const decoded = decode(manifest, { kubernetesVersion: '1.37', startTime: 0 });
    if (!decoded.ok) {
      // The words of Go's decoder are not ours.
      yield compare(id, error?.reason, 'decode');
    } else if (decoded.isInert) {
      yield { id, equal: false, difference: 'is inert' };
    } else {
      yield compare(id, valid ? undefined : error, refusalOf(createAsRegistry(decoded.object).causes));
    }
  }
};
