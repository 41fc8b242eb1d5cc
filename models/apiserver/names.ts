import { entityKey, type ObjectKey, type RandomStream, type Simulation } from '../../engine/index.js';
import type { Kind } from '../api/index.js';

// k8s.io/apiserver pkg/storage/names/generate.go and k8s.io/apimachinery pkg/util/rand: no vowels, no 0, 1 and 3
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;

/** Random names and uids: the n-th name of a base and the n-th object of a name are the same in every run of a seed. */
export class Names {
  readonly #names: RandomStream;
  readonly #uids: RandomStream;
  /** Names drawn per base; objects seen per key, counted when they go. */
  readonly #drawn = new Map<string, number>();
  readonly #lives = new Map<string, number>();

  constructor(simulation: Simulation) {
    this.#names = simulation.stream('generateName');
    this.#uids = simulation.stream('uid');
  }

  /** The base, cut to 58 characters, and five random ones. */
  generate(base: string): string {
    const n = this.#drawn.get(base) ?? 0;
    this.#drawn.set(base, n + 1);
    let rest = Math.floor(this.#names.uniform(entityKey(base), n) * ALPHABET.length ** SUFFIX_LENGTH);
    let suffix = '';
    for (let i = 0; i < SUFFIX_LENGTH; i++) {
      suffix += ALPHABET[rest % ALPHABET.length];
      rest = Math.floor(rest / ALPHABET.length);
    }
    return base.slice(0, MAX_BASE_LENGTH) + suffix;
  }

  /** Of the form of a version 4 UUID. */
  uid(kind: Kind, key: ObjectKey): string {
    const name = `${kind}/${key}`;
    const entity = entityKey(name);
    const life = this.#lives.get(name) ?? 0;
    const word = (part: number): number => Math.floor(this.#uids.uniform(entity, life * 4 + part) * 4294967296);
    const [a, b, c, d] = [word(0), word(1), word(2), word(3)];
    const codes: number[] = [];
    putHex(codes, a >>> 16);
    putHex(codes, a & 0xffff);
    codes.push(DASH);
    putHex(codes, b >>> 16);
    codes.push(DASH);
    putHex(codes, 0x4000 | (b & 0x0fff));
    codes.push(DASH);
    putHex(codes, 0x8000 | ((c >>> 16) & 0x3fff));
    codes.push(DASH);
    putHex(codes, c & 0xffff);
    putHex(codes, d >>> 16);
    putHex(codes, d & 0xffff);
    return String.fromCharCode(...codes);
  }

  /** The object is gone: the next of its name gets another uid. */
  release(kind: Kind, key: ObjectKey): void {
    const name = `${kind}/${key}`;
    this.#lives.set(name, (this.#lives.get(name) ?? 0) + 1);
  }
}

const DASH = 45;
const DIGITS = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));

/** The codes of the four digits of 16 bits. */
function putHex(codes: number[], bits: number): void {
  for (let shift = 12; shift >= 0; shift -= 4) {
    codes.push(DIGITS[(bits >>> shift) & 15] as number);
  }
}
