import type { Micros } from '../../engine/index.js';
import { LoopGrid } from '../client-go/index.js';

/** Passes at even distances: from the first one after a pass that was run up to the next one that was. */
interface Stretch {
  readonly first: Micros;
  readonly last: Micros;
}

/**
 * When passes begin, and began: those that were run, and those in between that were left out, at the instants at which they
 * would have been.
 */
export class PassTimes {
  readonly #step: Micros;
  readonly #grid: LoopGrid;
  readonly #past: Stretch[] = [];
  #first: Micros;
  #count = 0;

  constructor(firstStart: Micros, period: Micros, idleDuration: Micros) {
    this.#step = Math.max(1, period + idleDuration);
    this.#grid = new LoopGrid(firstStart, period, idleDuration);
    this.#first = firstStart;
  }

  /** How many passes lie before the one that begins at `start`, whether they were run or not. */
  countBefore(start: Micros): number {
    return this.#count + Math.round((start - this.#first) / this.#step);
  }

  /** The pass that began at `start` has been run and ended at `end`; the following ones count from there. */
  ended(start: Micros, end: Micros): void {
    this.#count = this.countBefore(start) + 1;
    this.#past.push({ first: this.#first, last: start });
    this.#grid.ended(end);
    this.#first = this.#grid.after(Number.NEGATIVE_INFINITY);
  }

  /** The first pass that begins at `time` or later. */
  from(time: Micros): Micros {
    const stretch = this.#stretchEndingFrom(time);
    if (stretch === undefined) {
      return this.#grid.from(time);
    }
    const { first } = stretch;
    return time <= first ? first : first + Math.ceil((time - first) / this.#step) * this.#step;
  }

  /** The last pass that began before `time`; undefined when there was none. */
  before(time: Micros): Micros | undefined {
    if (time > this.#first) {
      return this.#first + Math.floor((time - 1 - this.#first) / this.#step) * this.#step;
    }
    const stretch = this.#past.findLast(({ first }) => first < time);
    if (stretch === undefined) {
      return undefined;
    }
    const { first, last } = stretch;
    return Math.min(last, first + Math.floor((time - 1 - first) / this.#step) * this.#step);
  }

  /** The stretch of the past in which the first pass from `time` on lies; undefined when that is later than all of them. */
  #stretchEndingFrom(time: Micros): Stretch | undefined {
    let [low, high] = [0, this.#past.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#past[middle] as Stretch).last < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.#past[low];
  }
}
