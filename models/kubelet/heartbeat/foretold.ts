import type { Micros } from '../../../engine/index.js';
import type { ComputedVersion } from '../../client-go/index.js';

/** How many versions are kept at hand for those who ask for times a little back. */
const KEPT = 8;

/** A sequence of versions, each following from the one before; asked for by time, mostly in the order of time. */
export class Foretold<V extends ComputedVersion> {
  readonly first: V;
  readonly #after: (version: V) => V;
  #recent: V[];
  /** The one after the last of #recent: worked out once, compared often. */
  #next: V | undefined;
  #frozenAt: Micros = Number.POSITIVE_INFINITY;

  constructor(first: V, after: (version: V) => V) {
    this.first = first;
    this.#after = after;
    this.#recent = [first];
  }

  /** The version in force in the server at that time; undefined before the first one. */
  at(time: Micros): V | undefined {
    return this.#lastBy(Math.min(time, this.#frozenAt), since);
  }

  /** The last version that was on its way by `time`, going by when it left. */
  sentBy(time: Micros, leftAt: (version: V) => Micros): V | undefined {
    return this.#lastBy(time, leftAt);
  }

  after(version: V): V {
    return this.#after(version);
  }

  /** No version that is not in force by then comes into force any more. */
  freeze(time: Micros): void {
    this.#frozenAt = Math.min(this.#frozenAt, time);
  }

  #lastBy(time: Micros, at: (version: V) => Micros): V | undefined {
    if (time < at(this.#recent[0] as V)) {
      this.#recent = [this.first];
      this.#next = undefined;
    }
    let next = this.#next ?? this.#after(this.#recent[this.#recent.length - 1] as V);
    while (at(next) <= time) {
      this.#recent.push(next);
      if (this.#recent.length > KEPT) {
        this.#recent.shift();
      }
      next = this.#after(next);
    }
    this.#next = next;
    for (let i = this.#recent.length - 1; i >= 0; i--) {
      if (at(this.#recent[i] as V) <= time) {
        return this.#recent[i];
      }
    }
    return undefined;
  }
}

const since = (version: ComputedVersion): Micros => version.since;
