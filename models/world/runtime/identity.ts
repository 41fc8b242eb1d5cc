import { entityKey } from '../../../engine/index.js';

const DIGITS = 64;
const HEXADECIMAL = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));
/** A plain array: what is spread into an argument list without an iterator. */
const codes: number[] = Array<number>(DIGITS).fill(0);

/** 64 hexadecimal digits that stand for a name: container ids and image digests. */
export function hexId(name: string): string {
  const key = entityKey(name);
  // Each half of the key's 53 bits is the seed of half of the digits.
  write(0, key | 0);
  write(DIGITS / 2, Math.floor(key / 2 ** 32) | 0);
  return String.fromCharCode(...codes);
}

/** A xorshift generator (G. Marsaglia, 2003), eight digits a step. Different seeds give different digits. */
function write(from: number, seed: number): void {
  let state = seed ^ 0x9e3779b1 || 1;
  for (let i = from; i < from + DIGITS / 2; i += 8) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    for (let j = 0; j < 8; j++) {
      codes[i + j] = HEXADECIMAL[(state >>> (4 * j)) & 15] as number;
    }
  }
}
