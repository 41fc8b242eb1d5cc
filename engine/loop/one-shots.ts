import type { Micros } from '../time/micros.js';
import type { TimerBank } from './timer-bank.js';

/** A one-shot event that can be called off. */
export interface EventHandle {
  readonly isPending: boolean;
  cancel(): void;
}

/** Closures that fire once, on timers that are used again. */
export class OneShots {
  readonly #bank: TimerBank;
  readonly #pending: (OneShot | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(bank: (onFire: (slot: number) => void) => TimerBank) {
    this.#bank = bank((slot) => this.#take(slot).action());
  }

  arm(delay: Micros, action: () => void): EventHandle {
    const slot = this.#free.pop() ?? this.#pending.length;
    const shot = new OneShot(this, slot, action);
    this.#pending[slot] = shot;
    this.#bank.arm(slot, delay);
    return shot;
  }

  isPending(shot: OneShot): boolean {
    return this.#pending[shot.slot] === shot;
  }

  cancel(shot: OneShot): void {
    if (this.isPending(shot)) {
      this.#bank.disarm(shot.slot);
      this.#take(shot.slot);
    }
  }

  #take(slot: number): OneShot {
    const shot = this.#pending[slot] as OneShot;
    this.#pending[slot] = undefined;
    this.#free.push(slot);
    return shot;
  }
}

class OneShot implements EventHandle {
  readonly slot: number;
  readonly action: () => void;
  readonly #owner: OneShots;

  constructor(owner: OneShots, slot: number, action: () => void) {
    this.#owner = owner;
    this.slot = slot;
    this.action = action;
  }

  get isPending(): boolean {
    return this.#owner.isPending(this);
  }

  cancel(): void {
    this.#owner.cancel(this);
  }
}
