import type { EventHandle, Simulation } from '../../../engine/index.js';
import type { Filesystem } from '../disk/filesystem.js';
import type { MachineDisks } from '../disk/machine-disks.js';
import type { Task } from './task.js';

export interface FullDisksOptions {
  readonly simulation: Simulation;
  readonly disks: MachineDisks;
  /** A write of this process failed (ENOSPC), and it does not get over that. */
  crash(task: Task, code: number): void;
}

/** Processes that crash when a disk they write to is full, as their behaviour says. Nothing is armed where none does. */
export class FullDisks {
  readonly #options: FullDisksOptions;
  readonly #writers = new Set<Task>();
  #timer: EventHandle | undefined;

  constructor(options: FullDisksOptions) {
    this.#options = options;
  }

  begin(task: Task): void {
    if (task.behaviour.exitsOnFullDisk !== undefined) {
      this.#writers.add(task);
    }
  }

  end(task: Task): void {
    this.#writers.delete(task);
  }

  /** To be called when somebody begins, ends or changes what he writes. */
  foresee(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#writers.size > 0) {
      const { simulation } = this.#options;
      const fullAt = Math.min(...[...this.#written()].map((disk) => disk.fullFrom(simulation.now)));
      if (fullAt < Number.POSITIVE_INFINITY) {
        this.#timer = simulation.after(fullAt - simulation.now, () => this.#onFull());
      }
    }
  }

  #onFull(): void {
    const { crash, simulation } = this.#options;
    for (const task of [...this.#writers]) {
      if (this.#disksOf(task).some((disk) => disk.isFullAt(simulation.now))) {
        crash(task, task.behaviour.exitsOnFullDisk as number);
      }
    }
  }

  #written(): Set<Filesystem> {
    return new Set([...this.#writers].flatMap((task) => this.#disksOf(task)));
  }

  #disksOf({ behaviour }: Task): readonly Filesystem[] {
    const { containerfs, nodefs } = this.#options.disks;
    return [
      ...(behaviour.disk !== undefined ? [containerfs] : []),
      ...(behaviour.logs !== undefined || behaviour.volumes !== undefined ? [nodefs] : []),
    ];
  }
}
