import type { Simulation } from '../../engine/index.js';
import type { Kind } from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';
import { errorLine } from '../actions/action.js';
import type { Arrival, Workload } from '../workloads/workload.js';

/** Refusals told one by one; the rest is counted. */
const TOLD_REFUSALS = 20;

/** Creates what workloads generate, each object at its time: one event is pending a workload, whatever its length. */
export class WorkloadFeed {
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #say: (line: string) => void;
  readonly #refusals = new Map<string, number>();

  /** `say`: what the API server refuses, as kubectl would print it. */
  constructor(simulation: Simulation, cluster: Cluster, say: (line: string) => void) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#say = say;
  }

  start(workloads: readonly Workload[]): void {
    for (const workload of workloads) {
      this.#next(workload, workload.begin(this.#simulation));
    }
  }

  /** Tells how many refusals were only counted. */
  close(): void {
    for (const [workload, count] of this.#refusals) {
      if (count > TOLD_REFUSALS) {
        this.#say(`… and ${count - TOLD_REFUSALS} more objects of ${workload} were refused`);
      }
    }
  }

  #next(workload: Workload, arrivals: Iterator<Arrival, undefined>): void {
    const { done, value } = arrivals.next();
    if (!done) {
      this.#simulation.after(Math.max(0, value.at - this.#simulation.now), () => {
        this.#create(workload, value);
        this.#next(workload, arrivals);
      });
    }
  }

  #create({ name }: Workload, { kind, object }: Arrival): void {
    this.#cluster.user.create<Kind>(kind, object, (reply) => {
      if (!reply.ok) {
        const count = (this.#refusals.get(name) ?? 0) + 1;
        this.#refusals.set(name, count);
        if (count <= TOLD_REFUSALS) {
          this.#say(errorLine(reply.error));
        }
      }
    });
  }
}
