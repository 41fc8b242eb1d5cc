import {
  type Distribution,
  draw,
  type EntityKey,
  entityKey,
  type Micros,
  type RandomStream,
  type Simulation,
} from '../../../engine/index.js';
import type { ProbeBehaviour, ProbeKind } from '../behaviour.js';
import type { Task } from './task.js';

/** How a process answers one kind of probe over the life of its run. Attempts are numbered from the start of the run. */
export class ProbeTarget {
  readonly #task: Task;
  readonly #kind: ProbeKind;
  readonly #behaviour: ProbeBehaviour | undefined;
  readonly #isForcedToFail: () => boolean;
  readonly #flakes: RandomStream;
  readonly #latencies: RandomStream;
  readonly #key: EntityKey;
  /** Ordinals of the attempts that fail by chance, as far as they were looked up; ascending. */
  readonly #flaky: number[] = [];

  constructor(simulation: Simulation, task: Task, kind: ProbeKind, isForcedToFail: () => boolean) {
    this.#task = task;
    this.#kind = kind;
    this.#behaviour = task.behaviour.probes?.[kind];
    this.#isForcedToFail = isForcedToFail;
    this.#flakes = simulation.stream(`${kind} probe flake`);
    this.#latencies = simulation.stream(`${kind} probe latency`);
    this.#key = task.restartCount === 0 ? task.key : entityKey(`${task.key}/${task.restartCount}`);
  }

  /** The process listens: it has become ready, well or not. */
  servesAt(at: Micros): boolean {
    return at - this.#task.startedAt >= this.#task.plan.readyAfter;
  }

  /** Whether the process answers well at an instant, chance left aside. */
  succeedsAt(at: Micros): boolean {
    const elapsed = at - this.#task.startedAt;
    if (elapsed < this.#task.plan.readyAfter || this.#isForcedToFail() || this.#task.dependence?.isUnmet(this.#kind)) {
      return false;
    }
    return !this.#behaviour?.failing?.some(
      ({ from, until }) => elapsed >= from && elapsed < (until ?? Number.POSITIVE_INFINITY),
    );
  }

  /** The first instant after `at` at which `succeedsAt` may answer differently; Infinity when it never will by itself. */
  changesAfter(at: Micros): Micros {
    const { startedAt, plan } = this.#task;
    let next = Number.POSITIVE_INFINITY;
    const consider = (elapsed: Micros | undefined): void => {
      if (elapsed !== undefined && startedAt + elapsed > at) {
        next = Math.min(next, startedAt + elapsed);
      }
    };
    consider(plan.readyAfter);
    for (const { from, until } of this.#behaviour?.failing ?? []) {
      consider(from);
      consider(until);
    }
    return next;
  }

  /** Whether this attempt fails by chance. */
  failsByChance(attempt: number): boolean {
    return this.nextChanceFailure(attempt) === attempt;
  }

  /**
   * The first attempt from `attempt` on that fails by chance; Infinity when none does. Gaps between failures are drawn, not
   * attempts: a long run of successes costs nothing. By inversion of the geometric law.
   */
  nextChanceFailure(attempt: number): number {
    const p = this.#behaviour?.failureProbability ?? 0;
    if (p <= 0) {
      return Number.POSITIVE_INFINITY;
    }
    if (p >= 1) {
      return attempt;
    }
    for (let last = this.#flaky.at(-1) ?? -1; last < attempt; last = this.#flaky.at(-1) as number) {
      const uniform = this.#flakes.uniform(this.#key, this.#flaky.length);
      this.#flaky.push(last + 1 + Math.floor(Math.log1p(-uniform) / Math.log1p(-p)));
    }
    // Asked mostly about the newest; a probe that is not asked again needs none of the earlier ones.
    return this.#flaky.findLast((failing, i) => failing >= attempt && (this.#flaky[i - 1] ?? -1) < attempt) as number;
  }

  /** How long the attempt takes. */
  latencyOf(attempt: number): Micros {
    const latency = this.#behaviour?.latency;
    return latency === undefined ? 0 : Math.max(0, Math.round(draw(this.#latencies, this.#key, attempt, latency)));
  }

  /** Undefined when attempts differ in how long they take. */
  get constantLatency(): Micros | undefined {
    return constantOf(this.#behaviour?.latency);
  }
}

const constantOf = (latency: Distribution | undefined): Micros | undefined =>
  latency === undefined ? 0 : latency.kind === 'constant' ? Math.max(0, Math.round(latency.value)) : undefined;
