/** A binary heap whose items can be found, moved and taken out by key. As pkg/scheduler/backend/heap. */
export class KeyedHeap<T> {
  readonly #items: T[] = [];
  readonly #positions = new Map<string, number>();
  readonly #keyOf: (item: T) => string;
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(keyOf: (item: T) => string, isBefore: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf;
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): T | undefined {
    const at = this.#positions.get(key);
    return at === undefined ? undefined : this.#items[at];
  }

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or to its new place after a change. */
  put(item: T): void {
    const key = this.#keyOf(item);
    let at = this.#positions.get(key);
    if (at === undefined) {
      at = this.#items.length;
      this.#items.push(item);
      this.#positions.set(key, at);
    } else {
      this.#items[at] = item;
    }
    this.#settle(at);
  }

  pop(): T | undefined {
    const head = this.#items[0];
    if (head !== undefined) {
      this.delete(this.#keyOf(head));
    }
    return head;
  }

  delete(key: string): T | undefined {
    const at = this.#positions.get(key);
    if (at === undefined) {
      return undefined;
    }
    const item = this.#items[at] as T;
    const last = this.#items.pop() as T;
    this.#positions.delete(key);
    if (at < this.#items.length) {
      this.#items[at] = last;
      this.#positions.set(this.#keyOf(last), at);
      this.#settle(at);
    }
    return item;
  }

  /** All items, first to last. */
  sorted(): readonly T[] {
    return [...this.#items].sort((a, b) => (this.#isBefore(a, b) ? -1 : this.#isBefore(b, a) ? 1 : 0));
  }

  #settle(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(this.#items[at] as T, this.#items[parent] as T)) {
        break;
      }
      this.#swap(at, parent);
      at = parent;
    }
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#items.length) {
        return;
      }
      const right = left + 1;
      const isRightFirst =
        right < this.#items.length && this.#isBefore(this.#items[right] as T, this.#items[left] as T);
      const child = isRightFirst ? right : left;
      if (!this.#isBefore(this.#items[child] as T, this.#items[at] as T)) {
        return;
      }
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const [itemA, itemB] = [this.#items[a] as T, this.#items[b] as T];
    this.#items[a] = itemB;
    this.#items[b] = itemA;
    this.#positions.set(this.#keyOf(itemB), a);
    this.#positions.set(this.#keyOf(itemA), b);
  }
}
