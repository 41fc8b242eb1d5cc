import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type ObjectMeta } from '../api/index.js';

interface Versioned {
  readonly metadata: ObjectMeta;
}

const versionOf = ({ metadata }: Versioned): number => Number(metadata.resourceVersion);

/** Objects as the controller knows them: as its informer told them, or newer, as it wrote them itself. */
export class NewestObjects<T extends Versioned> {
  readonly #objects = new Map<ObjectKey, T>();

  /** False when something newer is known already. As storeObjectUpdate. */
  accept(object: T): boolean {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    if (known !== undefined && versionOf(known) > versionOf(object)) {
      return false;
    }
    this.#objects.set(key, object);
    return true;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  delete(key: ObjectKey): void {
    this.#objects.delete(key);
  }

  clear(): void {
    this.#objects.clear();
  }

  inOrder(): readonly T[] {
    return [...this.#objects.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}
