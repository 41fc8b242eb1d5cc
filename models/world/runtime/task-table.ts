import { type Simulation, SlotTable, type TimerBank } from '../../../engine/index.js';
import type { LoadSharing } from '../load-sharing.js';
import { type Run, RunLog } from './run-log.js';
import type { Task } from './task.js';

/** The task of every running container of every machine, with one timer each: its next end. One that runs for ever arms none. */
export class TaskTable {
  readonly #simulation: Simulation;
  readonly #slots = new SlotTable();
  readonly #ends: TimerBank;
  readonly #tasks: (Task | undefined)[] = [];
  readonly #runs: RunLog;

  constructor(simulation: Simulation, sharing: LoadSharing) {
    this.#runs = new RunLog(sharing);
    this.#simulation = simulation;
    this.#ends = simulation.timers('task end', this.#slots, (slot) => this.#onEnd(slot));
  }

  get size(): number {
    return this.#slots.size;
  }

  get(containerId: string): Task | undefined {
    const slot = this.#slots.slotOf(containerId);
    return slot === undefined ? undefined : this.#tasks[slot];
  }

  add(task: Task): void {
    this.#tasks[this.#slots.claim(task.containerId)] = task;
    this.#runs.began(task);
    this.foresee(task);
  }

  remove(task: Task): void {
    task.dependence?.stop();
    const slot = this.#slots.slotOf(task.containerId);
    if (slot !== undefined) {
      this.#tasks[slot] = undefined;
      this.#slots.free(task.containerId);
      this.#runs.ended(task, this.#simulation.now);
    }
  }

  /** The runs of a pod's containers, of which these are there: those that go on, and those that ended in the last minutes. */
  runsOf(podUid: string, containers: readonly { readonly id: string }[]): readonly Run[] {
    return this.#runs.runsOf(
      podUid,
      containers.flatMap(({ id }) => this.get(id) ?? []),
    );
  }

  /** Arms the timer for the process's next end; to be called whenever that may have changed. */
  foresee(task: Task): void {
    const slot = this.#slots.slotOf(task.containerId);
    if (slot === undefined) {
      return;
    }
    const { at } = task.nextEnd;
    if (at === Number.POSITIVE_INFINITY) {
      this.#ends.disarm(slot);
    } else {
      this.#ends.arm(slot, at - this.#simulation.now);
    }
  }

  #onEnd(slot: number): void {
    const task = this.#tasks[slot] as Task;
    task.end(task.nextEnd);
  }
}
