/** Blocks of one size in a range, and which of them are taken. As pkg/controller/nodeipam/ipam/cidrset CidrSet. IPv4. */
export class CidrSet {
  readonly #base: number;
  readonly #maskSize: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** `range` as "10.244.0.0/16". */
  constructor(range: string, maskSize: number) {
    const [address = '', bits = '32'] = range.split('/');
    const rangeSize = 2 ** (32 - Number(bits));
    this.#base = Math.floor(numberOf(address) / rangeSize) * rangeSize;
    this.#maskSize = maskSize;
    this.#count = rangeSize / this.#blockSize;
  }

  /** AllocateNext: the first that is free after the one given last; undefined when none is. */
  take(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const candidate = (this.#next + tried) % this.#count;
      if (!this.#taken.has(candidate)) {
        this.#taken.add(candidate);
        this.#next = (candidate + 1) % this.#count;
        return `${dotted(this.#base + candidate * this.#blockSize)}/${this.#maskSize}`;
      }
    }
    return undefined;
  }

  /** Occupy: somebody has it already. */
  occupy(block: string): void {
    this.#taken.add(this.#indexOf(block));
  }

  release(block: string): void {
    this.#taken.delete(this.#indexOf(block));
  }

  get #blockSize(): number {
    return 2 ** (32 - this.#maskSize);
  }

  #indexOf(block: string): number {
    return Math.floor((numberOf(block.split('/')[0] ?? '') - this.#base) / this.#blockSize);
  }
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
