export type IpFamily = 'IPv4' | 'IPv6';

export const familyOf = (address: string): IpFamily => (address.includes(':') ? 'IPv6' : 'IPv4');

/** A block of addresses as CIDR notation has it: "10.96.0.0/12", "fd00:10:96::/112". */
export class AddressBlock {
  readonly cidr: string;
  readonly family: IpFamily;
  /** Bits of its mask. */
  readonly bits: number;
  readonly #base: bigint;

  constructor(cidr: string) {
    const [address = '', bits] = cidr.split('/');
    this.cidr = cidr;
    this.family = familyOf(address);
    this.bits = Number(bits ?? this.#width);
    const free = BigInt(this.#width - this.bits);
    this.#base = (numberOf(address) >> free) << free;
  }

  /** How many addresses it has; rounded where a double cannot say. */
  get size(): number {
    return 2 ** (this.#width - this.bits);
  }

  /** The address so far from the first. */
  at(offset: number): string {
    return addressOf(this.#base + BigInt(offset), this.family);
  }

  /** How far an address stands from the first; NaN for one of the other family. */
  offsetOf(address: string): number {
    return familyOf(address) === this.family ? Number(numberOf(address) - this.#base) : Number.NaN;
  }

  /** The n-th part of this mask. */
  part(n: number, bits: number): string {
    return `${addressOf(this.#base + (BigInt(n) << BigInt(this.#width - bits)), this.family)}/${bits}`;
  }

  /** Which part of this mask an address is in; NaN for one of the other family. */
  partOf(address: string, bits: number): number {
    return familyOf(address) === this.family
      ? Number((numberOf(address) - this.#base) >> BigInt(this.#width - bits))
      : Number.NaN;
  }

  get #width(): number {
    return this.family === 'IPv6' ? 128 : 32;
  }
}

function numberOf(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(Number(part) || 0), 0n);
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const after = groups(tail ?? '');
  const before = groups(head);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function addressOf(number: bigint, family: IpFamily): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  }
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((number >> shift) & 65_535n).toString(16));
  // RFC 5952: the longest run of zeros, the first of equals, gives way to "::".
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const [longest] = runs;
  if (longest === undefined) {
    return groups.join(':');
  }
  const text = groups.join(':');
  const left = text.slice(0, longest.index).replace(/:$/, '');
  const right = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${left}::${right}`;
}
