/** Object key to small integer and back: the rows of the arrays that hold what exists per object. */
export class SlotTable {
  readonly #slots = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #onFree: ((slot: number) => void)[] = [];

  get size(): number {
    return this.#slots.size;
  }

  /** The key's slot, given out now if it has none. */
  claim(key: string): number {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      return known;
    }
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    return slot;
  }

  slotOf(key: string): number | undefined {
    return this.#slots.get(key);
  }

  keyOf(slot: number): string | undefined {
    return this.#keys[slot];
  }

  /** Gives the key's slot back; every timer armed for it is disarmed. */
  free(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      return;
    }
    for (const listener of this.#onFree) {
      listener(slot);
    }
    this.#slots.delete(key);
    this.#keys[slot] = undefined;
    this.#free.push(slot);
  }

  onFree(listener: (slot: number) => void): void {
    this.#onFree.push(listener);
  }
}
