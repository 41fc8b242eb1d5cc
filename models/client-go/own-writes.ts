import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type ObjectMeta } from '../api/index.js';

interface Written {
  readonly metadata: ObjectMeta;
}

/**
 * Which version of an object a controller last wrote, so that it does not act on a cache that lacks it.
 * As ConsistencyStore (pkg/controller/util/consistency, since 1.36), for the controller's own objects.
 */
export class OwnWrites {
  readonly #versions = new Map<ObjectKey, { readonly uid: string | undefined; readonly version: number }>();

  wrote(object: Written): void {
    const { uid, resourceVersion } = object.metadata;
    this.#versions.set(keyOf(object), { uid, version: Number(resourceVersion) });
  }

  /** Whether this copy from the cache is no older than what was written. */
  areIn(cached: Written): boolean {
    const written = this.#versions.get(keyOf(cached));
    return (
      written === undefined ||
      written.uid !== cached.metadata.uid ||
      Number(cached.metadata.resourceVersion) >= written.version
    );
  }

  delete(key: ObjectKey): void {
    this.#versions.delete(key);
  }

  /** The process dies. */
  clear(): void {
    this.#versions.clear();
  }
}
