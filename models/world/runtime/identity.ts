import { entityKey } from '../../../engine/index.js';

const DIGITS_PER_KEY = 13;

/** 64 hexadecimal digits that stand for a name: container ids and image digests. */
export function hexId(name: string): string {
  let digits = '';
  for (let part = 0; digits.length < 64; part++) {
    digits += entityKey(`${part}/${name}`).toString(16).padStart(DIGITS_PER_KEY, '0');
  }
  return digits.slice(0, 64);
}
