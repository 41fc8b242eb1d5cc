/**
 * Pod addresses of one machine, in order from its pod CIDR; a freed address is given out again only after all others, as the
 * host-local plugin of CNI does. The first address is the gateway's. IPv4.
 */
export class IpPool {
  readonly cidr: string;
  readonly #base: number;
  readonly #size: number;
  readonly #used = new Set<number>();
  #last = 1;

  /** `cidr` as "10.244.3.0/24". */
  constructor(cidr: string) {
    this.cidr = cidr;
    const [address = '', bits = '24'] = cidr.split('/');
    this.#base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#size = 2 ** (32 - Number(bits));
  }

  /** Undefined when every address is in use. */
  take(): string | undefined {
    // The first is the network, the second the gateway, the last the broadcast address.
    const free = this.#size - 3;
    for (let tried = 0; tried < free; tried++) {
      this.#last = this.#last + 1 >= this.#size - 1 ? 2 : this.#last + 1;
      if (!this.#used.has(this.#last)) {
        this.#used.add(this.#last);
        return dotted(this.#base + this.#last);
      }
    }
    return undefined;
  }

  free(ip: string): void {
    this.#used.delete(ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) - this.#base);
  }
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
