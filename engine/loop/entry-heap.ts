import type { Micros } from '../time/micros.js';

/** A binary heap of (time, ordinal of arming, timer) in typed arrays; earliest on top. Entries are never moved out of the middle. */
export class EntryHeap {
  #at = new Float64Array(64);
  #ordinal = new Float64Array(64);
  #timer = new Int32Array(64);
  size = 0;

  get topAt(): Micros {
    return this.#at[0] as number;
  }

  get topOrdinal(): number {
    return this.#ordinal[0] as number;
  }

  get topTimer(): number {
    return this.#timer[0] as number;
  }

  push(at: Micros, ordinal: number, timer: number): void {
    if (this.size === this.#at.length) {
      this.#grow();
    }
    const ats = this.#at;
    const ordinals = this.#ordinal;
    const timers = this.#timer;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const parentAt = ats[parent] as number;
      if (parentAt < at || (parentAt === at && (ordinals[parent] as number) < ordinal)) {
        break;
      }
      ats[i] = parentAt;
      ordinals[i] = ordinals[parent] as number;
      timers[i] = timers[parent] as number;
      i = parent;
    }
    ats[i] = at;
    ordinals[i] = ordinal;
    timers[i] = timer;
  }

  /** Removes the top. */
  drop(): void {
    const last = --this.size;
    if (last === 0) {
      return;
    }
    const ats = this.#at;
    const ordinals = this.#ordinal;
    const timers = this.#timer;
    const at = ats[last] as number;
    const ordinal = ordinals[last] as number;
    let i = 0;
    for (let child = 1; child < last; child = 2 * i + 1) {
      const right = child + 1;
      if (right < last && this.#isBefore(right, child)) {
        child = right;
      }
      const childAt = ats[child] as number;
      if (at < childAt || (at === childAt && ordinal < (ordinals[child] as number))) {
        break;
      }
      ats[i] = childAt;
      ordinals[i] = ordinals[child] as number;
      timers[i] = timers[child] as number;
      i = child;
    }
    ats[i] = at;
    ordinals[i] = ordinal;
    timers[i] = timers[last] as number;
  }

  clear(): void {
    this.size = 0;
  }

  #isBefore(a: number, b: number): boolean {
    const atA = this.#at[a] as number;
    const atB = this.#at[b] as number;
    return atA < atB || (atA === atB && (this.#ordinal[a] as number) < (this.#ordinal[b] as number));
  }

  #grow(): void {
    const length = this.#at.length * 2;
    const at = new Float64Array(length);
    const ordinal = new Float64Array(length);
    const timer = new Int32Array(length);
    at.set(this.#at);
    ordinal.set(this.#ordinal);
    timer.set(this.#timer);
    this.#at = at;
    this.#ordinal = ordinal;
    this.#timer = timer;
  }
}
