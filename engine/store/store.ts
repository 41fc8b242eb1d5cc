/** "namespace/name", or "name" where there are no namespaces. */
export type ObjectKey = string;
export type Refusal = 'Conflict' | 'NotFound' | 'AlreadyExists';
export type Written<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly reason: Refusal };

/** Told of changes. The key of an object is the same string each time, which is found faster than one made anew. */
export interface Watcher<T> {
  added(object: T, key: ObjectKey): void;
  modified(object: T, before: T, key: ObjectKey): void;
  deleted(last: T, key: ObjectKey): void;
}

/** How the store finds its way in objects it knows nothing else of. */
export interface ObjectAccess<T> {
  keyOf(object: T): ObjectKey;
  versionOf(object: T): number;
  /** A copy of the object that carries this version. */
  withVersion(object: T, version: number): T;
}

/** An object's place: versions come and go, it stays. */
interface Cell<T> {
  readonly key: ObjectKey;
  object: T;
}

interface KindTable<T> {
  readonly cells: Map<ObjectKey, Cell<T>>;
  readonly watchers: Watcher<T>[];
  /** Replaced and deleted versions by key, oldest first. */
  readonly past: Map<ObjectKey, T[]>;
}

/**
 * Typed, versioned, immutable objects with optimistic concurrency and watch; what the API server is built on.
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
    return this.#table(kind).cells.get(key)?.object;
  }

  list<K extends keyof Kinds>(kind: K): Iterable<Kinds[K]> {
    return objectsIn(this.#table(kind).cells.values());
  }

  count(kind: keyof Kinds): number {
    return this.#table(kind).cells.size;
  }

  /** Versions that were replaced or deleted, oldest first, as many as are kept. */
  history<K extends keyof Kinds>(kind: K, key: ObjectKey): readonly Kinds[K][] {
    return this.#table(kind).past.get(key) ?? [];
  }

  create<K extends keyof Kinds>(kind: K, object: Kinds[K]): Written<Kinds[K]> {
    const table = this.#table(kind);
    const key = this.#access.keyOf(object);
    if (table.cells.has(key)) {
      return { ok: false, reason: 'AlreadyExists' };
    }
    const stored = this.#stamp(object);
    table.cells.set(key, { key, object: stored });
    for (const watcher of table.watchers) {
      watcher.added(stored, key);
    }
    return { ok: true, object: stored };
  }

  /** Replaces the object read as `read` by `changed`. Conflict when it was written in between. */
  update<K extends keyof Kinds>(kind: K, read: Kinds[K], changed: Kinds[K]): Written<Kinds[K]> {
    const table = this.#table(kind);
    const cell = table.cells.get(this.#access.keyOf(read));
    if (cell === undefined) {
      return { ok: false, reason: 'NotFound' };
    }
    const { key, object: before } = cell;
    if (this.#access.versionOf(before) !== this.#access.versionOf(read)) {
      return { ok: false, reason: 'Conflict' };
    }
    const stored = this.#stamp(changed);
    this.#remember(table, key, before);
    cell.object = stored;
    for (const watcher of table.watchers) {
      watcher.modified(stored, before, key);
    }
    return { ok: true, object: stored };
  }

  delete<K extends keyof Kinds>(kind: K, name: ObjectKey): Written<Kinds[K]> {
    const table = this.#table(kind);
    const cell = table.cells.get(name);
    if (cell === undefined) {
      return { ok: false, reason: 'NotFound' };
    }
    const { key, object: before } = cell;
    const last = this.#stamp(before);
    this.#remember(table, key, before);
    table.cells.delete(key);
    for (const watcher of table.watchers) {
      watcher.deleted(last, key);
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
      table = { cells: new Map(), watchers: [], past: new Map() };
      this.#tables.set(kind, table as KindTable<unknown>);
    }
    return table;
  }
}

function* objectsIn<T>(cells: Iterable<Cell<T>>): Iterable<T> {
  for (const { object } of cells) {
    yield object;
  }
}
