import type { Micros, Simulation } from '../../engine/index.js';

/** Who has something to do before the machine goes off, and how long at most (an inhibitor lock of systemd). */
export interface ShutdownInhibitor {
  readonly limit: Micros;
  /** The machine is about to go off, and waits until `release` is called. */
  onShutdown(release: () => void): void;
}

/** A physical (or virtual) machine under a node. Power is its lever; kubelet and containers die with it. Its clock may go wrong. */
export class Machine {
  readonly node: string;
  #isOn = true;
  #isThere = true;
  #boots = 1;
  #clockOffset: Micros = 0;
  #inhibitor: ShutdownInhibitor | undefined;
  readonly #listeners: ((isOn: boolean) => void)[] = [];
  readonly #clockListeners: (() => void)[] = [];

  constructor(node: string) {
    this.node = node;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Changes with every boot, as /proc/sys/kernel/random/boot_id does. */
  get bootId(): string {
    return `${this.node}-boot-${this.#boots}`;
  }

  powerOff(): void {
    this.#turn(false);
  }

  /** Takes it away for good: whatever would switch it on finds nothing there. */
  remove(): void {
    this.powerOff();
    this.#isThere = false;
  }

  powerOn(): void {
    if (!this.#isThere) {
      return;
    }
    if (!this.#isOn) {
      this.#boots++;
    }
    this.#turn(true);
  }

  /** Goes off as when somebody asks for it: whoever inhibits that is waited for, up to its limit. */
  shutDown(simulation: Simulation): void {
    const inhibitor = this.#inhibitor;
    const { bootId } = this;
    const off = (): void => {
      if (this.bootId === bootId) {
        this.powerOff();
      }
    };
    if (inhibitor === undefined) {
      off();
      return;
    }
    const deadline = simulation.after(inhibitor.limit, off);
    inhibitor.onShutdown(() => {
      deadline.cancel();
      off();
    });
  }

  /** Until the machine is off, or it is undefined. */
  inhibitShutdown(inhibitor: ShutdownInhibitor | undefined): void {
    this.#inhibitor = inhibitor;
  }

  /** What the machine's clock shows at a time. */
  clockAt(time: Micros): Micros {
    return time + this.#clockOffset;
  }

  /** Puts the clock so far before (or behind) the time. */
  setClock(offset: Micros): void {
    this.#clockOffset = offset;
    for (const listener of this.#clockListeners) {
      listener();
    }
  }

  onClock(listener: () => void): void {
    this.#clockListeners.push(listener);
  }

  /** Called after each change, in order of registration. */
  onPower(listener: (isOn: boolean) => void): void {
    this.#listeners.push(listener);
  }

  #turn(isOn: boolean): void {
    if (isOn === this.#isOn) {
      return;
    }
    this.#isOn = isOn;
    this.#inhibitor = undefined;
    for (const listener of this.#listeners) {
      listener(isOn);
    }
  }
}
