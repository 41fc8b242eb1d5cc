import type { ObjectKey, Watcher } from '../../engine/index.js';
import { type KubeObject, keyOf } from '../api/index.js';
import { CacheIndex, type Cell } from './cache-index.js';
import type { IndexName, Informer } from './informer.js';

/** The copy itself: what arrives is put in and told to the handlers. Fed by a reflector (models/apiserver watches). */
export class InformerCache<T extends KubeObject> implements Informer<T> {
  readonly #cells = new Map<ObjectKey, Cell<T>>();
  readonly #indexes = new Map<IndexName, CacheIndex<T>>();
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
    return this.#cells.size;
  }

  get(key: ObjectKey): T | undefined {
    const cell = this.#cells.get(key);
    return cell && this.#asOfNow(key, cell.object);
  }

  has(key: ObjectKey): boolean {
    return this.#cells.has(key);
  }

  *list(): Iterable<T> {
    for (const [key, { object }] of this.#cells) {
      yield this.#asOfNow(key, object);
    }
  }

  byIndex(name: IndexName, term: string): readonly T[] {
    const found: T[] = [];
    for (const { key, object } of this.#index(name).under(term) ?? []) {
      found.push(this.#asOfNow(key, object));
    }
    return found;
  }

  onChange(watcher: Watcher<T>): void {
    this.#watchers.push(watcher);
    for (const { key, object } of [...this.#cells.values()]) {
      watcher.added(object, key);
    }
  }

  /** A list arrived: tells what is new, what differs, and then what is gone, as DeltaFIFO.Replace (client-go tools/cache). */
  replace(objects: readonly T[]): void {
    this.#hasSynced = true;
    const listed = new Set<ObjectKey>();
    for (const object of objects) {
      const key = keyOf(object);
      listed.add(key);
      this.store(key, object);
    }
    for (const [key, { object }] of [...this.#cells]) {
      if (!listed.has(key)) {
        this.remove(key, object);
      }
    }
  }

  /** A version arrived. */
  store(key: ObjectKey, object: T): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) {
      const added = { key, object };
      this.#cells.set(key, added);
      for (const index of this.#indexes.values()) {
        index.add(added);
      }
      for (const watcher of this.#watchers) {
        watcher.added(object, key);
      }
    } else if (cell.object !== object) {
      const before = cell.object;
      cell.object = object;
      for (const index of this.#indexes.values()) {
        index.replace(cell, before);
      }
      for (const watcher of this.#watchers) {
        watcher.modified(object, before, key);
      }
    }
  }

  /** The object's end arrived. */
  remove(key: ObjectKey, last: T): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) {
      return;
    }
    this.#cells.delete(key);
    for (const index of this.#indexes.values()) {
      index.remove(cell);
    }
    for (const watcher of this.#watchers) {
      watcher.deleted(last, key);
    }
  }

  /** The process died: the copy is gone, the handlers are told nothing. */
  clear(): void {
    this.#cells.clear();
    for (const index of this.#indexes.values()) {
      index.clear();
    }
    this.#hasSynced = false;
  }

  #index(name: IndexName): CacheIndex<T> {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = new CacheIndex(name);
      for (const cell of this.#cells.values()) {
        index.add(cell);
      }
      this.#indexes.set(name, index);
    }
    return index;
  }
}
