import type { EventHandle, Micros, Simulation } from '../../engine/index.js';

/** A loop with a fixed period, as on a time.Tick, that sleeps while there is nothing to look at. */
export class Periodic {
  readonly #simulation: Simulation;
  readonly #period: Micros;
  readonly #run: () => void;
  #startedAt: Micros | undefined;
  #next: EventHandle | undefined;

  constructor(simulation: Simulation, period: Micros, run: () => void) {
    this.#simulation = simulation;
    this.#period = period;
    this.#run = run;
  }

  /** Its ticks count from here; the first comes a period later. */
  start(): void {
    this.#startedAt = this.#simulation.now;
  }

  stop(): void {
    this.#startedAt = undefined;
    this.#next?.cancel();
    this.#next = undefined;
  }

  /** There is something to look at: at the next tick. */
  wake(): void {
    if (this.#startedAt === undefined || this.#next !== undefined) {
      return;
    }
    const { now } = this.#simulation;
    const ticks = Math.floor((now - this.#startedAt) / this.#period) + 1;
    this.#next = this.#simulation.after(this.#startedAt + ticks * this.#period - now, () => {
      this.#next = undefined;
      this.#run();
    });
  }
}
