import type { Party } from '../api/index.js';

/** Who reaches whom. Everybody reaches everybody until a cut; cuts are counted, so overlapping faults heal one by one. */
export class Network {
  readonly #cuts = new Map<string, number>();
  readonly #failed = new Map<Party, number>();
  readonly #listeners: ((a: Party, b: Party) => void)[] = [];

  reaches(a: Party, b: Party): boolean {
    return !this.#failed.has(a) && !this.#failed.has(b) && (a === b || !this.#cuts.has(pair(a, b)));
  }

  /** Cuts both directions. Answers how to heal this cut; healing twice is healing once. */
  cut(a: Party, b: Party): () => void {
    this.#count(a, b, 1);
    let isHealed = false;
    return () => {
      if (!isHealed) {
        isHealed = true;
        this.#count(a, b, -1);
      }
    };
  }

  /** Nobody reaches this party any more, not even who runs there. Answers how to heal it; listeners hear of the party and itself. */
  fail(party: Party): () => void {
    const count = (change: number): void => {
      const before = this.#failed.get(party) ?? 0;
      if (before + change > 0) {
        this.#failed.set(party, before + change);
      } else {
        this.#failed.delete(party);
      }
      if (before === 0 || before + change === 0) {
        for (const listener of this.#listeners) {
          listener(party, party);
        }
      }
    };
    count(1);
    let isHealed = false;
    return () => {
      if (!isHealed) {
        isHealed = true;
        count(-1);
      }
    };
  }

  /** Called when two parties lose or regain each other. */
  onChange(listener: (a: Party, b: Party) => void): void {
    this.#listeners.push(listener);
  }

  #count(a: Party, b: Party, change: number): void {
    const key = pair(a, b);
    const before = this.#cuts.get(key) ?? 0;
    const after = before + change;
    if (after > 0) {
      this.#cuts.set(key, after);
    } else {
      this.#cuts.delete(key);
    }
    if (before === 0 || after === 0) {
      for (const listener of this.#listeners) {
        listener(a, b);
      }
    }
  }
}

const pair = (a: Party, b: Party): string => (a < b ? `${a}|${b}` : `${b}|${a}`);
