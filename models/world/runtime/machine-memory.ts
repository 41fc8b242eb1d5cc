import type { EventHandle, Micros, Simulation } from '../../../engine/index.js';
import { type Usage, usageAt } from '../usage-curve.js';
import { UsageMeter } from '../usage-meter.js';
import type { Task } from './task.js';

/** Memory that stays in use without a process: files in a memory-backed volume whose writer is gone. */
export interface HeldMemory {
  readonly podUid: string;
}

/**
 * Memory of one machine: what its processes use together, and the kernel's way out when that exceeds what there is. Only
 * processes whose behaviour tells of memory count; what the system itself uses is left out.
 */
export class MachineMemory {
  readonly #simulation: Simulation;
  readonly #users = new UsageMeter<Task | HeldMemory>();
  readonly #tasks = new Set<Task>();
  readonly #kill: (victim: Task) => void;
  #outOfMemory: EventHandle | undefined;
  #limitOfPods = Number.POSITIVE_INFINITY;
  /** Bytes. */
  readonly capacity: number;

  constructor(simulation: Simulation, capacity: number, kill: (victim: Task) => void) {
    this.#simulation = simulation;
    this.capacity = capacity;
    this.#kill = kill;
  }

  /** The limit of the cgroup that all pods are in: beyond it the kernel kills, even if the machine has more. */
  limitPods(bytes: number): void {
    if (bytes !== this.#limitOfPods) {
      this.#limitOfPods = bytes;
      this.#foresee();
    }
  }

  /** To be called when a process begins, ends, or changes its use. Answers whether that makes a difference. */
  account(task: Task, isRunning: boolean): boolean {
    const matters = this.#users.set(task, isRunning ? task.memory : []);
    if (matters) {
      if (isRunning) {
        this.#tasks.add(task);
      } else {
        this.#tasks.delete(task);
      }
      this.#foresee();
    }
    return matters;
  }

  /** Memory in use that no process answers for. Answers whether that makes a difference. */
  hold(held: HeldMemory, usages: readonly Usage[]): boolean {
    const matters = this.#users.set(held, usages);
    if (matters) {
      this.#foresee();
    }
    return matters;
  }

  /** Bytes of working set of all containers. */
  usedAt(at: Micros): number {
    return this.#users.usedAt(at);
  }

  usedByPodAt(podUid: string, at: Micros): number {
    let sum = 0;
    for (const user of this.#users.users()) {
      sum += user.podUid === podUid ? usageAt(this.#users.of(user), at) : 0;
    }
    return sum;
  }

  usedByContainerAt(podUid: string, container: string, at: Micros): number {
    let sum = 0;
    for (const task of this.#tasks) {
      sum += task.podUid === podUid && task.name === container ? usageAt(task.memory, at) : 0;
    }
    return sum;
  }

  /** The first instant ≥ `from` at which `bytes` or more are used, if nothing changes. */
  reaches(bytes: number, from: Micros): Micros {
    return this.#users.reaches(bytes, from);
  }

  /** The first instant ≥ `from` at which less than `bytes` are used, if nothing changes. */
  fallsBelow(bytes: number, from: Micros): Micros {
    return this.#users.fallsBelow(bytes, from);
  }

  #foresee(): void {
    this.#outOfMemory?.cancel();
    this.#outOfMemory = undefined;
    const { now } = this.#simulation;
    const at = this.#users.reaches(Math.min(this.capacity, this.#limitOfPods) + 1, now);
    if (at !== Number.POSITIVE_INFINITY) {
      this.#outOfMemory = this.#simulation.after(at - now, () => this.#onOutOfMemory());
    }
  }

  #onOutOfMemory(): void {
    this.#outOfMemory = undefined;
    const victim = this.#worst();
    if (victim !== undefined) {
      this.#kill(victim);
    }
  }

  /** As oom_badness of Linux (mm/oom_kill.c): share of memory in thousandths plus oom_score_adj; −1000 would be exempt. */
  #worst(): Task | undefined {
    const { now } = this.#simulation;
    let worst: Task | undefined;
    let worstPoints = Number.NEGATIVE_INFINITY;
    for (const task of this.#tasks) {
      const points = (usageAt(task.memory, now) / this.capacity) * 1000 + task.oomScoreAdj;
      if (points > worstPoints) {
        worst = task;
        worstPoints = points;
      }
    }
    return worst;
  }
}
