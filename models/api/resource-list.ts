import type { Quantity } from './generated/types.js';
import { type Amount, addAmounts, amountOf, compareAmounts, formatAmount, subtractAmounts } from './quantity.js';

/** Resource name to quantity: 'cpu' → '500m'. */
export type ResourceList = Readonly<Record<string, Quantity>>;

/** A resource list being summed up; amounts stay exact until it is read out. */
export class ResourceSum {
  readonly #amounts = new Map<string, Amount>();

  add(list: ResourceList | ResourceSum | undefined): this {
    for (const [name, amount] of amountsOf(list)) {
      const found = this.#amounts.get(name);
      this.#amounts.set(name, found === undefined ? amount : addAmounts(found, amount));
    }
    return this;
  }

  subtract(list: ResourceList | ResourceSum | undefined): this {
    for (const [name, amount] of amountsOf(list)) {
      this.#amounts.set(name, subtractAmounts(this.#amounts.get(name) ?? ZERO, amount));
    }
    return this;
  }

  /** Takes the larger of both for every resource of the list. */
  max(list: ResourceList | ResourceSum): this {
    for (const [name, amount] of amountsOf(list)) {
      const found = this.#amounts.get(name);
      if (found === undefined || compareAmounts(amount, found) > 0) {
        this.#amounts.set(name, amount);
      }
    }
    return this;
  }

  set(name: string, quantity: Quantity): this {
    this.#amounts.set(name, amountOf(quantity));
    return this;
  }

  get(name: string): Amount | undefined {
    return this.#amounts.get(name);
  }

  entries(): Iterable<[string, Amount]> {
    return this.#amounts;
  }

  toList(): ResourceList {
    return Object.fromEntries([...this.#amounts].map(([name, amount]) => [name, formatAmount(amount)]));
  }
}

const ZERO = amountOf('0');

function* amountsOf(list: ResourceList | ResourceSum | undefined): Iterable<[string, Amount]> {
  if (list instanceof ResourceSum) {
    yield* list.entries();
    return;
  }
  for (const name in list) {
    yield [name, amountOf(list[name] as Quantity)];
  }
}
