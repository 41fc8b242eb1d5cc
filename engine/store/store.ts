import { invariant } from '../invariant.js';

/** "namespace/name", or "name" where there are no namespaces. */
export type ObjectKey = string;
export type Refusal = 'Conflict' | 'NotFound' | 'AlreadyExists';
export type Written<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly reason: Refusal };

export interface Watcher<T> {
  added(object: T): void;
  modified(object: T, before: T): void;
  deleted(last: T): void;
}

/** How the store finds its way in objects it knows nothing else of. */
export interface ObjectAccess<T> {
  keyOf(object: T): ObjectKey;
  versionOf(object: T): number;
  /** A copy of the object that carries this version. */
  withVersion(object: T, version: number): T;
}

interface KindTable<T> {
  readonly objects: Map<ObjectKey, T>;
  readonly watchers: Watcher<T>[];
  readonly indexes: Map<string, Index<T>>;
  /** Replaced and deleted versions by key, oldest first. */
  readonly past: Map<ObjectKey, T[]>;
}

interface Index<T> {
  readonly termsOf: (object: T) => readonly string[];
  readonly entries: Map<string, Map<ObjectKey, T>>;
}

/**
 * Typed, versioned, immutable objects with optimistic concurrency, watch and indexes; what the API server is built on.
 * Lists go in order of creation. Watchers are called inside the write, in order of registration.
 */
export class Store<Kinds extends object> {
  readonly #access: ObjectAccess<Kinds[keyof Kinds]>;
  readonly #versionsKept: number;
  readonly #tables = new Map<keyof Kinds, KindTable<unknown>>();
  #version = 0;

  /** `versionsKept`: how many past versions of each object are remembered, its deletion included. */
  constructor(access: ObjectAccess<Kinds[keyof Kinds]>, versionsKept = 0) {
    this.#access = access;
    this.#versionsKept = versionsKept;
  }

  /** The version given to the latest write; shared by all kinds, as etcd's revision. */
  get version(): number {
    return this.#version;
  }

  get<K extends keyof Kinds>(kind: K, key: ObjectKey): Kinds[K] | undefined {
    return this.#table(kind).objects.get(key);
  }

  list<K extends keyof Kinds>(kind: K): Iterable<Kinds[K]> {
    return this.#table(kind).objects.values();
  }

  count(kind: keyof Kinds): number {
    return this.#table(kind).objects.size;
  }

  /** Versions that were replaced or deleted, oldest first, as many as are kept. */
  history<K extends keyof Kinds>(kind: K, key: ObjectKey): readonly Kinds[K][] {
    return this.#table(kind).past.get(key) ?? [];
  }

  /** Objects whose index terms contain `term`, in order of entering it. */
  byIndex<K extends keyof Kinds>(kind: K, index: string, term: string): Iterable<Kinds[K]> {
    const found = this.#table(kind).indexes.get(index);
    invariant(found !== undefined, `no index ${index} on ${String(kind)}`);
    return found.entries.get(term)?.values() ?? [];
  }

  /** Declares an index; objects already there are taken in. */
  addIndex<K extends keyof Kinds>(kind: K, name: string, termsOf: (object: Kinds[K]) => readonly string[]): void {
    const table = this.#table(kind);
    const index: Index<Kinds[K]> = { termsOf, entries: new Map() };
    table.indexes.set(name, index);
    for (const [key, object] of table.objects) {
      enter(index, key, object);
    }
  }

  create<K extends keyof Kinds>(kind: K, object: Kinds[K]): Written<Kinds[K]> {
    const table = this.#table(kind);
    const key = this.#access.keyOf(object);
    if (table.objects.has(key)) {
      return { ok: false, reason: 'AlreadyExists' };
    }
    const stored = this.#stamp(object);
    table.objects.set(key, stored);
    for (const index of table.indexes.values()) {
      enter(index, key, stored);
    }
    for (const watcher of table.watchers) {
      watcher.added(stored);
    }
    return { ok: true, object: stored };
  }

  /** Replaces the object read as `read` by `changed`. Conflict when it was written in between. */
  update<K extends keyof Kinds>(kind: K, read: Kinds[K], changed: Kinds[K]): Written<Kinds[K]> {
    const table = this.#table(kind);
    const key = this.#access.keyOf(read);
    const before = table.objects.get(key);
    if (before === undefined) {
      return { ok: false, reason: 'NotFound' };
    }
    if (this.#access.versionOf(before) !== this.#access.versionOf(read)) {
      return { ok: false, reason: 'Conflict' };
    }
    const stored = this.#stamp(changed);
    this.#remember(table, key, before);
    table.objects.set(key, stored);
    for (const index of table.indexes.values()) {
      reenter(index, key, before, stored);
    }
    for (const watcher of table.watchers) {
      watcher.modified(stored, before);
    }
    return { ok: true, object: stored };
  }

  delete<K extends keyof Kinds>(kind: K, key: ObjectKey): Written<Kinds[K]> {
    const table = this.#table(kind);
    const before = table.objects.get(key);
    if (before === undefined) {
      return { ok: false, reason: 'NotFound' };
    }
    const last = this.#stamp(before);
    this.#remember(table, key, before);
    table.objects.delete(key);
    for (const index of table.indexes.values()) {
      leave(index, key, before);
    }
    for (const watcher of table.watchers) {
      watcher.deleted(last);
    }
    return { ok: true, object: last };
  }

  /** Tells of every later write of this kind. Answers how to stop. */
  watch<K extends keyof Kinds>(kind: K, watcher: Watcher<Kinds[K]>): () => void {
    const { watchers } = this.#table(kind);
    watchers.push(watcher);
    return () => {
      const at = watchers.indexOf(watcher);
      if (at >= 0) {
        watchers.splice(at, 1);
      }
    };
  }

  #stamp<T extends Kinds[keyof Kinds]>(object: T): T {
    return this.#access.withVersion(object, ++this.#version) as T;
  }

  #remember<T>(table: KindTable<T>, key: ObjectKey, before: T): void {
    if (this.#versionsKept === 0) {
      return;
    }
    const past = table.past.get(key) ?? [];
    past.push(before);
    if (past.length > this.#versionsKept) {
      past.shift();
    }
    table.past.set(key, past);
  }

  #table<K extends keyof Kinds>(kind: K): KindTable<Kinds[K]> {
    let table = this.#tables.get(kind) as KindTable<Kinds[K]> | undefined;
    if (table === undefined) {
      table = { objects: new Map(), watchers: [], indexes: new Map(), past: new Map() };
      this.#tables.set(kind, table as KindTable<unknown>);
    }
    return table;
  }
}

function enter<T>(index: Index<T>, key: ObjectKey, object: T): void {
  for (const term of index.termsOf(object)) {
    let entry = index.entries.get(term);
    if (entry === undefined) {
      entry = new Map();
      index.entries.set(term, entry);
    }
    entry.set(key, object);
  }
}

function leave<T>(index: Index<T>, key: ObjectKey, object: T): void {
  for (const term of index.termsOf(object)) {
    const entry = index.entries.get(term);
    entry?.delete(key);
    if (entry?.size === 0) {
      index.entries.delete(term);
    }
  }
}

function reenter<T>(index: Index<T>, key: ObjectKey, before: T, after: T): void {
  const termsBefore = index.termsOf(before);
  const termsAfter = index.termsOf(after);
  for (const term of termsBefore) {
    if (!termsAfter.includes(term)) {
      const entry = index.entries.get(term);
      entry?.delete(key);
      if (entry?.size === 0) {
        index.entries.delete(term);
      }
    }
  }
  enter(index, key, after);
}
