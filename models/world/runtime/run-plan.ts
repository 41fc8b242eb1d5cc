import { type Distribution, draw, type EntityKey, type Micros, type Simulation } from '../../../engine/index.js';
import type { ContainerBehaviour } from '../behaviour.js';

/** What a process will do if nobody interferes, drawn when it is started. Times count from the start of the run. */
export interface RunPlan {
  /** From the start call until the process runs. */
  readonly startLatency: Micros;
  /** Infinity: it never serves. */
  readonly readyAfter: Micros;
  readonly exit: PlannedExit | undefined;
}

export interface PlannedExit {
  readonly after: Micros;
  readonly code: number;
  readonly reason: string;
}

/** The runtime's word for an exit code. */
export const reasonOf = (code: number): string => (code === 0 ? 'Completed' : 'Error');

/** An init container ends well if its behaviour does not say otherwise. */
export const withInitRun = (given: ContainerBehaviour, run: Distribution): ContainerBehaviour =>
  given.exits === undefined ? { ...given, exits: [{ after: run, code: 0 }] } : given;

/** Draws the n-th run of the container that `key` stands for. */
export function planRun(
  simulation: Simulation,
  behaviour: ContainerBehaviour,
  defaultStart: Distribution,
  key: EntityKey,
  n: number,
): RunPlan {
  const duration = (purpose: string, distribution: Distribution): Micros =>
    Math.max(0, Math.round(draw(simulation.stream(purpose), key, n, distribution)));
  const exits = behaviour.exits ?? [];
  const exit = exits[Math.min(n, exits.length - 1)];
  return {
    startLatency: duration('container start', behaviour.start ?? defaultStart),
    readyAfter:
      behaviour.ready === 'never'
        ? Number.POSITIVE_INFINITY
        : behaviour.ready === undefined
          ? 0
          : duration('container ready', behaviour.ready),
    exit: exit && {
      after: duration('container exit', exit.after),
      code: exit.code,
      reason: exit.reason ?? reasonOf(exit.code),
    },
  };
}
