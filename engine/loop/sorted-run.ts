import type { Micros } from '../time/micros.js';

/** Above this, sorting by insertion costs more than a heap. */
const MOST = 32;

/** A few (time, ordinal of arming, timer) entries in order, taken from the front. */
export class SortedRun {
  readonly #at = new Float64Array(MOST);
  readonly #ordinal = new Float64Array(MOST);
  readonly #timer = new Int32Array(MOST);
  #first = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#first === this.#end;
  }

  get isFull(): boolean {
    return this.#end === MOST;
  }

  get topAt(): Micros {
    return this.#at[this.#first] as number;
  }

  get topOrdinal(): number {
    return this.#ordinal[this.#first] as number;
  }

  get topTimer(): number {
    return this.#timer[this.#first] as number;
  }

  /** Removes the earliest. */
  drop(): void {
    this.#first++;
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
  }

  /** Puts an entry into its place; the run must not be full. */
  insert(at: Micros, ordinal: number, timer: number): void {
    const ats = this.#at;
    const ordinals = this.#ordinal;
    let place = this.#end++;
    while (place > this.#first) {
      const before = ats[place - 1] as number;
      if (before < at || (before === at && (ordinals[place - 1] as number) < ordinal)) {
        break;
      }
      ats[place] = before;
      ordinals[place] = ordinals[place - 1] as number;
      this.#timer[place] = this.#timer[place - 1] as number;
      place--;
    }
    ats[place] = at;
    ordinals[place] = ordinal;
    this.#timer[place] = timer;
  }
}
