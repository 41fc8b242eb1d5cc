import type { Micros } from '../../engine/time/micros.js';
import { firstBelow, firstReaching, type Usage, usageAt } from './usage-curve.js';

const NOTHING: readonly Usage[] = [];

/** Who uses how much of one thing: bytes of memory or of a disk, inodes, processes. Everybody's use is known as curves. */
export class UsageMeter<User> {
  readonly #usages = new Map<User, readonly Usage[]>();
  #all: readonly Usage[] | undefined = NOTHING;

  /** What this user uses from now on; nothing: it goes. Answers whether that makes a difference. */
  set(user: User, usages: readonly Usage[]): boolean {
    const wasUser = this.#usages.has(user);
    if (usages.length > 0) {
      this.#usages.set(user, usages);
    } else {
      this.#usages.delete(user);
    }
    const hasChanged = wasUser || usages.length > 0;
    this.#all = hasChanged ? undefined : this.#all;
    return hasChanged;
  }

  users(): Iterable<User> {
    return this.#usages.keys();
  }

  of(user: User): readonly Usage[] {
    return this.#usages.get(user) ?? NOTHING;
  }

  usedAt(at: Micros): number {
    return usageAt(this.#everything(), at);
  }

  /** The first instant ≥ `from` at which `amount` or more is used, if nothing changes. */
  reaches(amount: number, from: Micros): Micros {
    return firstReaching(this.#everything(), amount, from);
  }

  /** The first instant ≥ `from` at which less than `amount` is used, if nothing changes. */
  fallsBelow(amount: number, from: Micros): Micros {
    return firstBelow(this.#everything(), amount, from);
  }

  #everything(): readonly Usage[] {
    this.#all ??= [...this.#usages.values()].flat();
    return this.#all;
  }
}
