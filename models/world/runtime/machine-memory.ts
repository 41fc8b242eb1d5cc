import type { EventHandle, Micros, Simulation } from '../../../engine/index.js';
import { firstBelow, firstReaching, type Usage, usageAt } from '../usage-curve.js';
import type { Process } from './process.js';

/**
 * Memory of one machine: what its processes use together, and the kernel's way out when that exceeds what there is. Only
 * processes whose behaviour tells of memory count; what the system itself uses is left out.
 */
export class MachineMemory {
  readonly #simulation: Simulation;
  readonly #users = new Set<Process>();
  readonly #kill: (victim: Process) => void;
  #outOfMemory: EventHandle | undefined;
  /** Bytes. */
  readonly capacity: number;

  constructor(simulation: Simulation, capacity: number, kill: (victim: Process) => void) {
    this.#simulation = simulation;
    this.capacity = capacity;
    this.#kill = kill;
  }

  /** To be called when a process begins, ends, or changes its use. Answers whether that makes a difference. */
  account(process: Process, isRunning: boolean): boolean {
    const isUser = isRunning && process.memory.length > 0;
    const wasUser = this.#users.delete(process);
    if (isUser) {
      this.#users.add(process);
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
    let sum = 0;
    for (const process of this.#users) {
      sum += process.podUid === podUid ? usageAt(process.memory, at) : 0;
    }
    return sum;
  }

  /** The first instant ≥ `from` at which `bytes` or more are used, if nothing changes. */
  reaches(bytes: number, from: Micros): Micros {
    return firstReaching(this.#usages(), bytes, from);
  }

  /** The first instant ≥ `from` at which less than `bytes` are used, if nothing changes. */
  fallsBelow(bytes: number, from: Micros): Micros {
    return firstBelow(this.#usages(), bytes, from);
  }

  #usages(): readonly Usage[] {
    const usages: Usage[] = [];
    for (const process of this.#users) {
      usages.push(...process.memory);
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
  #worst(): Process | undefined {
    const { now } = this.#simulation;
    let worst: Process | undefined;
    let worstPoints = Number.NEGATIVE_INFINITY;
    for (const process of this.#users) {
      const points = (usageAt(process.memory, now) / this.capacity) * 1000 + process.oomScoreAdj;
      if (points > worstPoints) {
        worst = process;
        worstPoints = points;
      }
    }
    return worst;
  }
}
