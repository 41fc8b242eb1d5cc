import type { Micros } from '../time/micros.js';

/** How many entries a run has room for. */
const MOST = 1024;
/** Into so many equal parts a run's time is cut, and its entries dealt out, before they are sorted by insertion. */
const PARTS = 256;
/** So few entries are sorted by insertion alone. */
const FEW = 16;

/** (time, ordinal of arming, timer) entries: added in any order, then sorted, then taken from the front. */
export class SortedRun {
  #added = new Entries();
  #sorted = new Entries();
  readonly #ends = new Int32Array(PARTS);
  #first = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#first === this.#end;
  }

  get isFull(): boolean {
    return this.#end === MOST;
  }

  get topAt(): Micros {
    return this.#sorted.at[this.#first] as number;
  }

  get topOrdinal(): number {
    return this.#sorted.ordinal[this.#first] as number;
  }

  get topTimer(): number {
    return this.#sorted.timer[this.#first] as number;
  }

  /** Removes the earliest. */
  drop(): void {
    this.#first++;
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
  }

  /** Adds an entry; the run must not be full, and is to be sorted before anything is taken. */
  add(at: Micros, ordinal: number, timer: number): void {
    const { at: ats, ordinal: ordinals, timer: timers } = this.#added;
    const place = this.#end++;
    ats[place] = at;
    ordinals[place] = ordinal;
    timers[place] = timer;
  }

  /** Sorts what was added, all of it due in [start, start + width). */
  sort(start: Micros, width: Micros): void {
    if (this.#end > FEW) {
      this.#deal(start, PARTS / width);
    } else {
      const added = this.#added;
      this.#added = this.#sorted;
      this.#sorted = added;
    }
    this.#insert();
  }

  /** A counting sort by part; within a part, what was added last comes first. */
  #deal(start: Micros, partsPerMicro: number): void {
    const { at: ats, ordinal: ordinals, timer: timers } = this.#added;
    const { at: sortedAts, ordinal: sortedOrdinals, timer: sortedTimers } = this.#sorted;
    const ends = this.#ends;
    const count = this.#end;
    ends.fill(0);
    for (let i = 0; i < count; i++) {
      const part = (((ats[i] as number) - start) * partsPerMicro) | 0;
      ends[part] = (ends[part] as number) + 1;
    }
    for (let part = 1; part < PARTS; part++) {
      ends[part] = (ends[part] as number) + (ends[part - 1] as number);
    }
    for (let i = 0; i < count; i++) {
      const part = (((ats[i] as number) - start) * partsPerMicro) | 0;
      const place = (ends[part] as number) - 1;
      ends[part] = place;
      sortedAts[place] = ats[i] as number;
      sortedOrdinals[place] = ordinals[i] as number;
      sortedTimers[place] = timers[i] as number;
    }
  }

  /** A sort by insertion. */
  #insert(): void {
    const { at: ats, ordinal: ordinals, timer: timers } = this.#sorted;
    const count = this.#end;
    for (let i = 1; i < count; i++) {
      const at = ats[i] as number;
      const ordinal = ordinals[i] as number;
      const timer = timers[i] as number;
      let place = i;
      while (place > 0) {
        const before = ats[place - 1] as number;
        if (before < at || (before === at && (ordinals[place - 1] as number) < ordinal)) {
          break;
        }
        ats[place] = before;
        ordinals[place] = ordinals[place - 1] as number;
        timers[place] = timers[place - 1] as number;
        place--;
      }
      ats[place] = at;
      ordinals[place] = ordinal;
      timers[place] = timer;
    }
  }
}

class Entries {
  readonly at = new Float64Array(MOST);
  readonly ordinal = new Float64Array(MOST);
  readonly timer = new Int32Array(MOST);
}
