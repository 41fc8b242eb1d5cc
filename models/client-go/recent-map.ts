interface Entry<V> {
  readonly key: string;
  value: V;
  /** Used before it, and after it. */
  older: Entry<V> | undefined;
  newer: Entry<V> | undefined;
}

/** A map of at most so many entries: the least recently used gives way. As golang groupcache/lru. */
export class RecentMap<V> {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry<V>>();
  #oldest: Entry<V> | undefined;
  #newest: Entry<V> | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry !== this.#newest) {
      this.#takeOut(entry);
      this.#append(entry);
    }
    return entry?.value;
  }

  set(key: string, value: V): void {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.value = value;
      this.get(key);
      return;
    }
    const entry: Entry<V> = { key, value, older: undefined, newer: undefined };
    this.#entries.set(key, entry);
    this.#append(entry);
    const oldest = this.#oldest as Entry<V>;
    if (this.#entries.size > this.#limit) {
      this.#entries.delete(oldest.key);
      this.#takeOut(oldest);
    }
  }

  #append(entry: Entry<V>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) {
      this.#oldest = entry;
    } else {
      this.#newest.newer = entry;
    }
    this.#newest = entry;
  }

  #takeOut({ newer, older }: Entry<V>): void {
    if (older === undefined) {
      this.#oldest = newer;
    } else {
      older.newer = newer;
    }
    if (newer === undefined) {
      this.#newest = older;
    } else {
      newer.older = older;
    }
  }
}
