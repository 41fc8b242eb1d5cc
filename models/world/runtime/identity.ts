import { entityKey } from '../../../engine/index.js';

const DIGITS_PER_PART = 13;
const PARTS = 5;
const TWO_52 = 2 ** 52;
/** Odd, and far from a power of two: spreads one key over all parts. */
const SPREAD = 2_654_435_761;

/** 64 hexadecimal digits that stand for a name: container ids and image digests. */
export function hexId(name: string): string {
  let part: number = entityKey(name);
  let digits = '';
  for (let i = 0; i < PARTS; i++) {
    part = (((part % 2_097_152) * SPREAD + Math.floor(part / 2_097_152)) % TWO_52) + i;
    digits += part.toString(16).padStart(DIGITS_PER_PART, '0');
  }
  return digits.slice(-64);
}
