import type { Micros } from '../time/micros.js';

/** 53-bit hash of an object's key, computed once when the object is created. */
export type EntityKey = number & { readonly __key?: 'entity' };

const scramble = (value: number): number => {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const TWO_32 = 4294967296;
const TWO_MINUS_53 = 2 ** -53;

/** The entity's key for random draws, from "namespace/name" (or any other stable name). */
export function entityKey(name: string): EntityKey {
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = scramble(low ^ Math.imul(unit + i, 0x9e3779b1));
  }
  return (scramble(high) >>> 11) * TWO_32 + (scramble(low ^ high) >>> 0);
}

/**
 * Draws of one purpose. Each is a pure function of (seed, stream name, entity, ordinal): adding a pod, or skipping a draw,
 * never shifts another's luck, so variants of a scenario share their random numbers.
 */
export class RandomStream {
  readonly #keyHigh: number;
  readonly #keyLow: number;

  constructor(keyHigh: number, keyLow: number) {
    this.#keyHigh = keyHigh | 0;
    this.#keyLow = keyLow | 0;
  }

  /** Uniform in [0, 1) with 53 bits. n: the third restart, the 60th renewal. */
  uniform(key: EntityKey, n: number): number {
    const entityHigh = (key / TWO_32) | 0;
    const entityLow = key | 0;
    const a = scramble(this.#keyHigh ^ scramble(entityLow ^ Math.imul(n, 0x9e3779b1)));
    const b = scramble(this.#keyLow ^ scramble(entityHigh ^ a) ^ Math.imul(n + 1, 0x85ebca77));
    const c = scramble(a ^ Math.imul(b, 0xc2b2ae3d) ^ this.#keyLow);
    return ((b >>> 5) * 67108864 + (c >>> 6)) * TWO_MINUS_53;
  }

  /** As wait.Jitter (k8s.io/apimachinery/pkg/util/wait): base × U(1, 1 + maxFactor). */
  jitter(key: EntityKey, n: number, base: Micros, maxFactor: number): Micros {
    return Math.round(base * (1 + this.uniform(key, n) * maxFactor));
  }

  exponential(key: EntityKey, n: number, mean: Micros): Micros {
    return Math.round(-Math.log1p(-this.uniform(key, n)) * mean);
  }
}
