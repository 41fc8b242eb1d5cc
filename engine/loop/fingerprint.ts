import type { Micros } from '../time/micros.js';

/** A rolling 64-bit hash of (time, timer) pairs, as two 32-bit lanes (the murmur3 finaliser's constants). */
export class Fingerprint {
  #high = 0x9e3779b9 | 0;
  #low = 0x85ebca6b | 0;

  add(at: Micros, timer: number): void {
    // ToInt32 of a double keeps the low 32 bits, so both halves of the time go in.
    const high = Math.imul(this.#high ^ (at | 0) ^ Math.imul(timer, 0x27d4eb2f), 0x85ebca6b);
    this.#high = high ^ (high >>> 15);
    const low = Math.imul(this.#low ^ this.#high ^ ((at * 2 ** -32) | 0), 0xc2b2ae35);
    this.#low = low ^ (low >>> 13);
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }
}
