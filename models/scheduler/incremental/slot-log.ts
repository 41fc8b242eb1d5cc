/** Slots in the order in which something happened to them. Each reader remembers how far it has read. */
export class SlotLog {
  readonly #capacity: number;
  #slots: number[] = [];
  #first = 0;

  /** @param capacity beyond so many entries all are forgotten */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of the first entry kept: who has read less begins anew. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next entry will have. */
  get end(): number {
    return this.#first + this.#slots.length;
  }

  at(entry: number): number {
    return this.#slots[entry - this.#first] as number;
  }

  push(slot: number): void {
    if (this.#slots.length >= this.#capacity) {
      this.restart();
    }
    this.#slots.push(slot);
  }

  /** All readers have to begin anew. */
  restart(): void {
    this.#first = this.end + 1;
    this.#slots = [];
  }
}
