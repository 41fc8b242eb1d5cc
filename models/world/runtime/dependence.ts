import type { EventHandle } from '../../../engine/index.js';
import type { ContainerBehaviour, Need, ProbeKind } from '../behaviour.js';
import type { Onlooker } from '../surroundings.js';
import type { World } from '../world.js';
import { isForeseen, type PlannedExit, type RunPlan } from './run-plan.js';
import type { Task } from './task.js';

export interface DependenceOptions {
  readonly world: World;
  readonly task: Task;
  readonly from: Onlooker;
  /** Probes answer otherwise than before. */
  readonly answersChanged: () => void;
}

export const dependsOnOthers = ({ probes }: ContainerBehaviour, { exit }: RunPlan): boolean =>
  (exit !== undefined && !isForeseen(exit)) ||
  Object.values(probes ?? {}).some(({ dependsOn }) => dependsOn !== undefined);

/** How one run of a container depends on what it finds around it: when it exits, and how it answers probes. */
export class Dependence {
  readonly #options: DependenceOptions;
  readonly #unmet = new Set<ProbeKind>();
  readonly #stops: (() => void)[] = [];
  #exit: EventHandle | undefined;

  constructor(options: DependenceOptions) {
    this.#options = options;
    this.#beginExit();
    this.#beginProbes();
  }

  /** Whether a kind of probe lacks what it needs. */
  isUnmet(kind: ProbeKind): boolean {
    return this.#unmet.has(kind);
  }

  /** The process ends. */
  stop(): void {
    this.#exit?.cancel();
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  #beginExit(): void {
    const { world, task, from } = this.#options;
    const { surroundings } = world;
    const planned = task.plan.exit;
    const exit = ({ code, reason }: PlannedExit): void => task.end({ at: world.simulation.now, code, reason });
    const { until, unless } = planned ?? {};
    if (planned === undefined) {
      return;
    }
    if (until !== undefined) {
      this.#stops.push(surroundings.waitFor(from, until.need, until.every, () => exit(planned)));
    } else if (unless !== undefined) {
      this.#exit = world.simulation.after(planned.after, () => {
        if (!surroundings.isMet(from, unless)) {
          exit(planned);
        }
      });
    }
  }

  #beginProbes(): void {
    const { world, task } = this.#options;
    const needs = Object.entries(task.behaviour.probes ?? {}).flatMap(([kind, probe]) =>
      probe.dependsOn === undefined ? [] : [[kind as ProbeKind, probe.dependsOn] as const],
    );
    if (needs.length > 0) {
      this.#look(needs);
      this.#stops.push(world.surroundings.onChange(() => this.#look(needs)));
    }
  }

  #look(needs: readonly (readonly [ProbeKind, Need])[]): void {
    const { world, from, answersChanged } = this.#options;
    let isChanged = false;
    for (const [kind, need] of needs) {
      const isMet = world.surroundings.isMet(from, need);
      isChanged ||= isMet === this.#unmet.has(kind);
      if (isMet) {
        this.#unmet.delete(kind);
      } else {
        this.#unmet.add(kind);
      }
    }
    if (isChanged) {
      answersChanged();
    }
  }
}
