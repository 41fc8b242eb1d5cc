import type { EventHandle, Micros, Simulation } from '../../../engine/index.js';
import { firstBelow, firstReaching, type Usage, usageAt } from '../usage-curve.js';
import type { Task } from './task.js';

/**
 * Memory of one machine: what its processes use together, and the kernel's way out when that exceeds what there is. Only
 * processes whose behaviour tells of memory count; what the system itself uses is left out.
 */
export class MachineMemory {
  readonly #simulation: Simulation;
  readonly #users = new Set<Task>();
  readonly #kill: (victim: Task) => void;
  #outOfMemory: EventHandle | undefined;
  /** Bytes. */
  readonly capacity: number;

  constructor(simulation: Simulation, capacity: number, kill: (victim: Task) => void) {
    this.#simulation = simulation;
    this.capacity = capacity;
    this.#kill = kill;
  }

  /** To be called when a process begins, ends, or changes its use. Answers whether that makes a difference. */
  account(task: Task, isRunning: boolean): boolean {
    const isUser = isRunning && task.memory.length > 0;
    const wasUser = this.#users.delete(task);
    if (isUser) {
      this.#users.add(task);
    }
    if (isUser || wasUser) {
      this.#foresee();
    }
    return isUser || wasUser;
  }

  /** Bytes of working set of all containers. */
  usedAt(at: Micros): number {
    return usageAt(this.#usages(), at);
  }

  usedByPodAt(podUid: string, at: Micros): number {
    return this.#usedBy((task) => task.podUid === podUid, at);
  }

  usedByContainerAt(podUid: string, container: string, at: Micros): number {
    return this.#usedBy((task) => task.podUid === podUid && task.name === container, at);
  }

  /** The first instant ≥ `from` at which `bytes` or more are used, if nothing changes. */
  reaches(bytes: number, from: Micros): Micros {
    return firstReaching(this.#usages(), bytes, from);
  }

  /** The first instant ≥ `from` at which less than `bytes` are used, if nothing changes. */
  fallsBelow(bytes: number, from: Micros): Micros {
    return firstBelow(this.#usages(), bytes, from);
  }

  #usedBy(isMeant: (task: Task) => boolean, at: Micros): number {
    let sum = 0;
    for (const task of this.#users) {
      sum += isMeant(task) ? usageAt(task.memory, at) : 0;
    }
    return sum;
  }

  #usages(): readonly Usage[] {
    const usages: Usage[] = [];
    for (const task of this.#users) {
      usages.push(...task.memory);
    }
    return usages;
  }

  #foresee(): void {
    this.#outOfMemory?.cancel();
    this.#outOfMemory = undefined;
    const { now } = this.#simulation;
    const at = firstReaching(this.#usages(), this.capacity + 1, now);
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
    for (const task of this.#users) {
      const points = (usageAt(task.memory, now) / this.capacity) * 1000 + task.oomScoreAdj;
      if (points > worstPoints) {
        worst = task;
        worstPoints = points;
      }
    }
    return worst;
  }
}
