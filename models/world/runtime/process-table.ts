import { type Simulation, SlotTable, type TimerBank } from '../../../engine/index.js';
import type { Process } from './process.js';

/** Every running process of every machine, with one timer each: its next end. A process that runs for ever arms none. */
export class ProcessTable {
  readonly #simulation: Simulation;
  readonly #slots = new SlotTable();
  readonly #ends: TimerBank;
  readonly #processes: (Process | undefined)[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#ends = simulation.timers('process end', this.#slots, (slot) => this.#onEnd(slot));
  }

  get size(): number {
    return this.#slots.size;
  }

  get(containerId: string): Process | undefined {
    const slot = this.#slots.slotOf(containerId);
    return slot === undefined ? undefined : this.#processes[slot];
  }

  add(process: Process): void {
    this.#processes[this.#slots.claim(process.containerId)] = process;
    this.foresee(process);
  }

  remove(process: Process): void {
    const slot = this.#slots.slotOf(process.containerId);
    if (slot !== undefined) {
      this.#processes[slot] = undefined;
      this.#slots.free(process.containerId);
    }
  }

  /** Arms the timer for the process's next end; to be called whenever that may have changed. */
  foresee(process: Process): void {
    const slot = this.#slots.slotOf(process.containerId);
    if (slot === undefined) {
      return;
    }
    const { at } = process.nextEnd;
    if (at === Number.POSITIVE_INFINITY) {
      this.#ends.disarm(slot);
    } else {
      this.#ends.arm(slot, at - this.#simulation.now);
    }
  }

  #onEnd(slot: number): void {
    const process = this.#processes[slot] as Process;
    process.onEnd(process.nextEnd);
  }
}
