import seedrandom from 'seedrandom';
import { RandomStream } from './random-stream.js';

/** Turns one seed into a key per named stream. The streams themselves draw by hashing, so none can disturb another. */
export class RandomSource {
  readonly #seed: number;
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      const generator = seedrandom.alea(`${this.#seed}/${name}`);
      stream = new RandomStream(generator.int32(), generator.int32());
      this.#streams.set(name, stream);
    }
    return stream;
  }
}
