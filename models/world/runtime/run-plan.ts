import {
  type Distribution,
  draw,
  type EntityKey,
  entityKey,
  type Micros,
  type Simulation,
} from '../../../engine/index.js';
import type { ContainerBehaviour, ContainerExit } from '../behaviour.js';
import type { World } from '../world.js';
import type { ContainerConfig, SandboxConfig } from './status.js';

/** What a process will do if nobody interferes, drawn when it is started. Times count from the start of the run. */
export interface RunPlan {
  /** From the start call until the process runs. */
  readonly startLatency: Micros;
  /** Infinity: it never serves. */
  readonly readyAfter: Micros;
  readonly exit: PlannedExit | undefined;
}

export interface PlannedExit {
  /** Infinity where `until` says when. */
  readonly after: Micros;
  readonly code: number;
  readonly reason: string;
  readonly until: ContainerExit['until'];
  readonly unless: ContainerExit['unless'];
}

/** A container's behaviour, and what its next run will be. */
export interface Plan {
  readonly key: EntityKey;
  readonly behaviour: ContainerBehaviour;
  readonly plan: RunPlan;
}

/** Whether its time alone decides when the process exits. */
export const isForeseen = ({ until, unless }: PlannedExit): boolean => until === undefined && unless === undefined;

/** The runtime's word for an exit code. */
export const reasonOf = (code: number): string => (code === 0 ? 'Completed' : 'Error');

/** What a container will do that is being started: an init container ends by itself if nothing is said. */
export function planFor(world: World, sandbox: SandboxConfig, config: ContainerConfig): Plan {
  const { simulation, settings } = world;
  const { podKey, labels, annotations } = sandbox;
  const key = entityKey(`${podKey}/${config.name}`);
  const given = world.behaviourOf({ key: podKey, labels, annotations, container: config.name });
  const behaviour = config.isInit ? withInitRun(given, settings.initContainerRun) : given;
  return { key, behaviour, plan: planRun(simulation, behaviour, settings.containerStart, key, config.restartCount) };
}

/** An init container ends well if its behaviour does not say otherwise. */
const withInitRun = (given: ContainerBehaviour, run: Distribution): ContainerBehaviour =>
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
      after: exit.after === undefined ? Number.POSITIVE_INFINITY : duration('container exit', exit.after),
      code: exit.code,
      reason: exit.reason ?? reasonOf(exit.code),
      until: exit.until,
      unless: exit.unless,
    },
  };
}
