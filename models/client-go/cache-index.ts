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

/** An object's place in a cache. It stays while versions come and go, so that taking in a version looks the key up once. */
export interface Cell<T> {
  readonly key: ObjectKey;
  object: T;
}

/** A cache's objects by term, each term's in order of arrival under it. */
export class CacheIndex<T extends KubeObject> {
  readonly #termsOf: TermsOf;
  readonly #isUnchanged: (object: KubeObject, before: KubeObject) => boolean;
  readonly #cells = new Map<string, Set<Cell<T>>>();

  constructor(name: IndexName) {
    this.#termsOf = TERMS[name];
    this.#isUnchanged = isUnchanged[name];
  }

  under(term: string): ReadonlySet<Cell<T>> | undefined {
    return this.#cells.get(term);
  }

  add(cell: Cell<T>): void {
    for (const term of this.#termsOf(cell.object)) {
      this.#enter(term, cell);
    }
  }

  /** The cell's object has just taken the place of `before`. */
  replace(cell: Cell<T>, before: T): void {
    if (this.#isUnchanged(cell.object, before)) {
      return;
    }
    const terms = this.#termsOf(cell.object);
    for (const term of this.#termsOf(before)) {
      if (!terms.includes(term)) {
        this.#leave(term, cell);
      }
    }
    for (const term of terms) {
      this.#enter(term, cell);
    }
  }

  remove(cell: Cell<T>): void {
    for (const term of this.#termsOf(cell.object)) {
      this.#leave(term, cell);
    }
  }

  clear(): void {
    this.#cells.clear();
  }

  #enter(term: string, cell: Cell<T>): void {
    let cells = this.#cells.get(term);
    if (cells === undefined) {
      cells = new Set();
      this.#cells.set(term, cells);
    }
    cells.add(cell);
  }

  #leave(term: string, cell: Cell<T>): void {
    const cells = this.#cells.get(term);
    cells?.delete(cell);
    if (cells?.size === 0) {
      this.#cells.delete(term);
    }
  }
}
