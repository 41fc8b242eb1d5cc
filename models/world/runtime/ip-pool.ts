import { AddressBlock } from '../../api/index.js';

/** An IPv6 block has more addresses than a machine will ever use. */
const MOST = 2 ** 32;

/**
 * Pod addresses of one machine, in order from its pod CIDR; a freed address is given out again only after all others, as the
 * host-local plugin of CNI does. The first address is the gateway's.
 */
class IpPool {
  readonly cidr: string;
  readonly #block: AddressBlock;
  readonly #size: number;
  readonly #used = new Set<number>();
  #last = 1;

  /** `cidr` as "10.244.3.0/24". */
  constructor(cidr: string) {
    this.cidr = cidr;
    this.#block = new AddressBlock(cidr);
    this.#size = Math.min(this.#block.size, MOST);
  }

  /** Undefined when every address is in use. */
  take(): string | undefined {
    // The first is the network, the second the gateway, the last the broadcast address.
    const free = this.#size - 3;
    for (let tried = 0; tried < free; tried++) {
      this.#last = this.#last + 1 >= this.#size - 1 ? 2 : this.#last + 1;
      if (!this.#used.has(this.#last)) {
        this.#used.add(this.#last);
        return this.#block.at(this.#last);
      }
    }
    return undefined;
  }

  /** An address of another block is none of its own. */
  free(ip: string): void {
    this.#used.delete(this.#block.offsetOf(ip));
  }
}

export const NO_ADDRESSES: readonly string[] = [];

/** The pod addresses of a machine: one of each of its blocks for a pod. Without a block there is no network yet. */
export class PodAddresses {
  readonly #pools: readonly IpPool[];

  constructor(podCIDRs: readonly string[]) {
    this.#pools = podCIDRs.map((cidr) => new IpPool(cidr));
  }

  get areThere(): boolean {
    return this.#pools.length > 0;
  }

  areOf(podCIDRs: readonly string[]): boolean {
    return podCIDRs.join() === this.#pools.map(({ cidr }) => cidr).join();
  }

  /** All or none. */
  take(): readonly string[] {
    const taken = this.#pools.flatMap((pool) => pool.take() ?? NO_ADDRESSES);
    if (taken.length === this.#pools.length) {
      return taken;
    }
    this.free(taken);
    return NO_ADDRESSES;
  }

  free(addresses: readonly string[]): void {
    for (const address of addresses) {
      for (const pool of this.#pools) {
        pool.free(address);
      }
    }
  }
}
