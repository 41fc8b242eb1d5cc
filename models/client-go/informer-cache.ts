import type { ObjectKey, Watcher } from '../../engine/index.js';
import { type KubeObject, keyOf } from '../api/index.js';
import { CacheIndex } from './cache-index.js';
import type { IndexName, Informer } from './informer.js';

/** The copy itself: what arrives is put in and told to the handlers. Fed by a reflector (models/apiserver watches). */
export class InformerCache<T extends KubeObject> implements Informer<T> {
  readonly #objects = new Map<ObjectKey, T>();
  readonly #indexes = new Map<IndexName, CacheIndex>();
  readonly #watchers: Watcher<T>[] = [];
  readonly #asOfNow: (key: ObjectKey, object: T) => T;
  #hasSynced = false;

  /** `asOfNow` answers the version that the process would have seen by now where versions are computed, not sent. */
  constructor(asOfNow: (key: ObjectKey, object: T) => T) {
    this.#asOfNow = asOfNow;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    const object = this.#objects.get(key);
    return object && this.#asOfNow(key, object);
  }

  *list(): Iterable<T> {
    for (const [key, object] of this.#objects) {
      yield this.#asOfNow(key, object);
    }
  }

  *byIndex(name: IndexName, term: string): Iterable<T> {
    for (const key of this.#index(name).under(term) ?? []) {
      yield this.#asOfNow(key, this.#objects.get(key) as T);
    }
  }

  onChange(watcher: Watcher<T>): void {
    this.#watchers.push(watcher);
    for (const object of [...this.#objects.values()]) {
      watcher.added(object);
    }
  }

  /** A list arrived: tells what is new, what differs, and then what is gone, as DeltaFIFO.Replace (client-go tools/cache). */
  replace(objects: readonly T[]): void {
    this.#hasSynced = true;
    const listed = new Set<ObjectKey>();
    for (const object of objects) {
      listed.add(keyOf(object));
      this.store(object);
    }
    for (const key of [...this.#objects.keys()]) {
      if (!listed.has(key)) {
        this.remove(this.#objects.get(key) as T);
      }
    }
  }

  /** A version arrived. */
  store(object: T): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (before === undefined) {
      for (const index of this.#indexes.values()) {
        index.add(key, object);
      }
      for (const watcher of this.#watchers) {
        watcher.added(object);
      }
    } else if (before !== object) {
      for (const index of this.#indexes.values()) {
        index.replace(key, object, before);
      }
      for (const watcher of this.#watchers) {
        watcher.modified(object, before);
      }
    }
  }

  /** The object's end arrived. */
  remove(last: T): void {
    const key = keyOf(last);
    const before = this.#objects.get(key);
    if (before === undefined) {
      return;
    }
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) {
      index.remove(key, before);
    }
    for (const watcher of this.#watchers) {
      watcher.deleted(last);
    }
  }

  /** The process died: the copy is gone, the handlers are told nothing. */
  clear(): void {
    this.#objects.clear();
    for (const index of this.#indexes.values()) {
      index.clear();
    }
    this.#hasSynced = false;
  }

  #index(name: IndexName): CacheIndex {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = new CacheIndex(name);
      for (const [key, object] of this.#objects) {
        index.add(key, object);
      }
      this.#indexes.set(name, index);
    }
    return index;
  }
}
