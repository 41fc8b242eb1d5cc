import type { ProcessClock } from '../process-clock.js';

/** Who has ended while a pod's containers are stopped, and who waits for that (k8s 1.37 terminationOrdering). */
export class Turns {
  readonly #clock: ProcessClock;
  readonly #order: ReadonlyMap<string, readonly string[]>;
  readonly #running: Set<string>;
  #waiting: (() => void)[] = [];

  constructor(clock: ProcessClock, order: ReadonlyMap<string, readonly string[]>, running: Iterable<string>) {
    this.#clock = clock;
    this.#order = order;
    this.#running = new Set(running);
  }

  /** Calls back when all that this container waits for have ended, or after `limit` seconds. */
  wait(container: string, limit: number, then: () => void): void {
    const others = this.#order.get(container) ?? [];
    const isMyTurn = (): boolean => !others.some((other) => this.#running.has(other));
    if (limit <= 0 || isMyTurn()) {
      then();
      return;
    }
    const check = (): void => {
      if (isMyTurn()) {
        timer.cancel();
        then();
      } else {
        this.#waiting.push(check);
      }
    };
    const timer = this.#clock.after(limit * 1_000_000, () => {
      this.#waiting = this.#waiting.filter((waiting) => waiting !== check);
      then();
    });
    this.#waiting.push(check);
  }

  ended(container: string): void {
    this.#running.delete(container);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const check of waiting) {
      check();
    }
  }
}
