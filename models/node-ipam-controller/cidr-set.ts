import { AddressBlock } from '../api/index.js';

/** Blocks of one size in a range, and which of them are taken. As pkg/controller/nodeipam/ipam/cidrset CidrSet. */
export class CidrSet {
  readonly #range: AddressBlock;
  readonly #maskSize: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** `range` as "10.244.0.0/16". */
  constructor(range: string, maskSize: number) {
    this.#range = new AddressBlock(range);
    this.#maskSize = maskSize;
    this.#count = 2 ** (maskSize - this.#range.bits);
  }

  /** AllocateNext: the first that is free after the one given last; undefined when none is. */
  take(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const candidate = (this.#next + tried) % this.#count;
      if (!this.#taken.has(candidate)) {
        this.#taken.add(candidate);
        this.#next = (candidate + 1) % this.#count;
        return this.#range.part(candidate, this.#maskSize);
      }
    }
    return undefined;
  }

  /** Occupy: somebody has it already. One of another range is none of its own. */
  occupy(block: string): void {
    this.#taken.add(this.#indexOf(block));
  }

  release(block: string): void {
    this.#taken.delete(this.#indexOf(block));
  }

  #indexOf(block: string): number {
    return this.#range.partOf(block.split('/')[0] ?? '', this.#maskSize);
  }
}
