import { entityKey, RandomSource } from '../../engine/index.js';

/** Throws of one seed, one after the other. */
export class Dice {
  readonly #stream;
  readonly #key = entityKey('fuzz');
  #throws = 0;

  constructor(seed: number) {
    this.#stream = new RandomSource(seed).stream('fuzz');
  }

  /** From 0 to below 1. */
  fraction(): number {
    return this.#stream.uniform(this.#key, this.#throws++);
  }

  /** A whole number from `min` to `max`. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  one<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)] as T;
  }

  /** Between `min` and `max` of what `make` makes. */
  some<T>(min: number, max: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.whole(min, max) }, (_, i) => make(i));
  }

  /** The fields, with this probability; else nothing. For object literals. */
  maybe<T extends object>(probability: number, make: () => T): T | Record<string, never> {
    return this.chance(probability) ? make() : {};
  }
}
