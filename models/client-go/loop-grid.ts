import type { Micros } from '../../engine/index.js';

/**
 * The instants at which a loop runs that pauses a period after each run (k8s.io/apimachinery pkg/util/wait Until). Runs that
 * find nothing to do all take the same time, so the starts after a given end are known in advance and can be left out.
 */
export class LoopGrid {
  readonly #period: Micros;
  readonly #step: Micros;
  #first: Micros;

  /** A run without work takes `idleDuration`. */
  constructor(firstStart: Micros, period: Micros, idleDuration: Micros) {
    this.#period = period;
    this.#step = Math.max(1, period + idleDuration);
    this.#first = firstStart;
  }

  /** A run has ended at `end`, whatever it took: the following ones count from here. */
  ended(end: Micros): void {
    this.#first = end + this.#period;
  }

  /** The first start later than `time`. */
  after(time: Micros): Micros {
    return time < this.#first
      ? this.#first
      : this.#first + (Math.floor((time - this.#first) / this.#step) + 1) * this.#step;
  }

  /** The first start at `time` or later. */
  from(time: Micros): Micros {
    return this.after(time - 1);
  }

  /** The start before this one; undefined when that is the run that ended last, or an earlier one. */
  before(start: Micros): Micros | undefined {
    return start > this.#first ? start - this.#step : undefined;
  }

  /** How many starts lie from the first one after the last end up to and including `start`. */
  countTo(start: Micros): number {
    return Math.round((start - this.#first) / this.#step) + 1;
  }
}
