import type { EventHandle, Micros, Simulation } from '../../engine/index.js';

/** Time as one run of the kubelet's process has it: whatever it armed is void when the process dies. */
export class ProcessClock {
  readonly #simulation: Simulation;
  readonly startedAt: Micros;
  /** False: tickers fire at every period, whether or not there is something to do. For the twin check. */
  readonly #elidesQuietTicks: boolean;
  #isAlive = true;
  /** What came due while the process was frozen. */
  #held: (() => void)[] | undefined;

  constructor(simulation: Simulation, elidesQuietTicks: boolean) {
    this.#simulation = simulation;
    this.startedAt = simulation.now;
    this.#elidesQuietTicks = elidesQuietTicks;
  }

  get now(): Micros {
    return this.#simulation.now;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get elidesQuietTicks(): boolean {
    return this.#elidesQuietTicks;
  }

  after(delay: Micros, action: () => void): EventHandle {
    return this.#simulation.after(delay, () => this.#run(action));
  }

  /** A callback that does nothing once the process is dead: for calls whose other end lives on. */
  whileAlive<A extends readonly unknown[]>(action: (...args: A) => void): (...args: A) => void {
    return (...args) => this.#run(() => action(...args));
  }

  /** A loop of the process that runs every `period` from `first` on. */
  ticker(period: Micros, first: Micros, onTick: () => void): Ticker {
    return new Ticker(this, period, first, onTick);
  }

  stop(): void {
    this.#isAlive = false;
  }

  get isFrozen(): boolean {
    return this.#held !== undefined;
  }

  /** Whatever comes due waits from now on. */
  freeze(): void {
    this.#held ??= [];
  }

  /** What has come due meanwhile happens now, in that order. */
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const action of held) {
      this.#run(action);
    }
  }

  #run(action: () => void): void {
    if (this.#held !== undefined) {
      this.#held.push(action);
    } else if (this.#isAlive) {
      action();
    }
  }
}

/**
 * A periodic loop in which nothing happens unless somebody left it something to do. Whoever does so wakes it: then it fires at
 * the tick at which the loop would have found the work. The other ticks cost no event.
 */
export class Ticker {
  readonly #clock: ProcessClock;
  readonly #period: Micros;
  readonly #first: Micros;
  readonly #onTick: () => void;
  #armed: EventHandle | undefined;
  #armedAt: Micros = Number.POSITIVE_INFINITY;

  constructor(clock: ProcessClock, period: Micros, first: Micros, onTick: () => void) {
    this.#clock = clock;
    this.#period = period;
    this.#first = first;
    this.#onTick = onTick;
    if (!clock.elidesQuietTicks) {
      this.#arm(first);
    }
  }

  /** The first tick after an instant. */
  nextAfter(at: Micros): Micros {
    return at < this.#first
      ? this.#first
      : this.#first + this.#period * (1 + Math.floor((at - this.#first) / this.#period));
  }

  /** The last tick up to and including an instant; -Infinity before the first. */
  lastUpTo(at: Micros): Micros {
    return at < this.#first
      ? Number.NEGATIVE_INFINITY
      : this.#first + this.#period * Math.floor((at - this.#first) / this.#period);
  }

  /** There is something to do at the first tick after `at`, which is not before now. */
  wakeAfter(at: Micros): void {
    if (this.#clock.elidesQuietTicks && at !== Number.POSITIVE_INFINITY) {
      const tick = this.nextAfter(Math.max(at, this.#clock.now));
      if (tick < this.#armedAt) {
        this.#armed?.cancel();
        this.#arm(tick);
      }
    }
  }

  #arm(at: Micros): void {
    this.#armedAt = at;
    this.#armed = this.#clock.after(at - this.#clock.now, () => {
      this.#armed = undefined;
      this.#armedAt = Number.POSITIVE_INFINITY;
      if (!this.#clock.elidesQuietTicks) {
        this.#arm(at + this.#period);
      }
      this.#onTick();
    });
  }
}
