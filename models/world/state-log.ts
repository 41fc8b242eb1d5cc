import type { Micros } from '../../engine/index.js';

/** How far back anybody looks. */
const KEPT: Micros = 300_000_000;

/** What something stood at, for those who ask about an instant of the last minutes. */
export class StateLog<T> {
  #entries: { readonly from: Micros; readonly state: T }[];

  constructor(initial: T) {
    this.#entries = [{ from: Number.NEGATIVE_INFINITY, state: initial }];
  }

  /** What it stands at. */
  get state(): T {
    return (this.#entries.at(-1) as { readonly state: T }).state;
  }

  note(state: T, now: Micros): void {
    if (state !== this.state) {
      const old = this.#entries.findLastIndex(({ from }) => from <= now - KEPT);
      this.#entries = [...this.#entries.slice(Math.max(0, old)), { from: now, state }];
    }
  }

  at(time: Micros): T {
    return (this.#entries.findLast(({ from }) => from <= time) ?? (this.#entries[0] as { readonly state: T })).state;
  }

  /** Since when it has stood at what it stood at then. */
  since(time: Micros): Micros {
    return this.#entries.findLast(({ from }) => from <= time)?.from ?? Number.NEGATIVE_INFINITY;
  }
}
