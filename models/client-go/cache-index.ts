import type { ObjectKey } from '../../engine/index.js';
import { controllerOf, type KubeObject } from '../api/index.js';
import type { IndexName } from './informer.js';

type TermsOf = (object: KubeObject) => readonly string[];

const NONE: readonly string[] = [];

const TERMS: { readonly [name in IndexName]: TermsOf } = {
  node: (object) => (object.kind === 'Pod' && object.spec.nodeName ? [object.spec.nodeName] : NONE),
  owner: (object) => [controllerOf(object)?.uid ?? ''],
  namespace: (object) => [object.metadata.namespace ?? ''],
  label: ({ metadata }) =>
    Object.entries(metadata.labels ?? {}).map(([key, value]) => `${metadata.namespace ?? ''}/${key}=${value}`),
};

/** Whether these versions of an object must stand under the same terms, told by identity alone. */
const isUnchanged: { readonly [name in IndexName]: (object: KubeObject, before: KubeObject) => boolean } = {
  node: (object, before) =>
    object.kind === 'Pod' && before.kind === 'Pod' && object.spec.nodeName === before.spec.nodeName,
  owner: (object, before) => object.metadata.ownerReferences === before.metadata.ownerReferences,
  namespace: () => true,
  label: (object, before) => object.metadata.labels === before.metadata.labels,
};

/** Keys of a cache's objects by term, each term's in order of arrival under it. */
export class CacheIndex {
  readonly #termsOf: TermsOf;
  readonly #isUnchanged: (object: KubeObject, before: KubeObject) => boolean;
  readonly #keys = new Map<string, Set<ObjectKey>>();

  constructor(name: IndexName) {
    this.#termsOf = TERMS[name];
    this.#isUnchanged = isUnchanged[name];
  }

  under(term: string): ReadonlySet<ObjectKey> | undefined {
    return this.#keys.get(term);
  }

  add(key: ObjectKey, object: KubeObject): void {
    for (const term of this.#termsOf(object)) {
      this.#enter(term, key);
    }
  }

  replace(key: ObjectKey, object: KubeObject, before: KubeObject): void {
    if (this.#isUnchanged(object, before)) {
      return;
    }
    const terms = this.#termsOf(object);
    for (const term of this.#termsOf(before)) {
      if (!terms.includes(term)) {
        this.#leave(term, key);
      }
    }
    for (const term of terms) {
      this.#enter(term, key);
    }
  }

  remove(key: ObjectKey, object: KubeObject): void {
    for (const term of this.#termsOf(object)) {
      this.#leave(term, key);
    }
  }

  clear(): void {
    this.#keys.clear();
  }

  #enter(term: string, key: ObjectKey): void {
    let keys = this.#keys.get(term);
    if (keys === undefined) {
      keys = new Set();
      this.#keys.set(term, keys);
    }
    keys.add(key);
  }

  #leave(term: string, key: ObjectKey): void {
    const keys = this.#keys.get(term);
    keys?.delete(key);
    if (keys?.size === 0) {
      this.#keys.delete(term);
    }
  }
}
