import { type Micros, type Seconds, seconds } from '../../../engine/index.js';
import { allContainers, type Container, type Pod } from '../../api/index.js';
import type { ContainerRuntime } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { HookRunner } from '../lifecycle-hooks.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import type { ProcessClock } from '../process-clock.js';
import {
  graceBudget,
  type KillCause,
  type TerminationRules,
  terminationGracePeriod,
  terminationOrder,
} from './decisions.js';
import { Turns } from './turns.js';

export interface ContainerKillerOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly hooks: HookRunner;
  readonly rules: TerminationRules;
}

/** A running container that is to end. */
export interface Victim {
  readonly id: string;
  readonly name: string;
}

interface Kill {
  /** Of the event; undefined: "Stopping container …". */
  readonly message?: string | undefined;
  readonly cause?: KillCause;
  readonly gracePeriodOverride?: Seconds | undefined;
  readonly turns?: Turns;
}

/** Stops containers and pods: preStop, SIGTERM, SIGKILL. As kuberuntime (k8s 1.37 kuberuntime_container.go, killPodWithSyncResult). */
export class ContainerKiller {
  readonly #options: ContainerKillerOptions;

  constructor(options: ContainerKillerOptions) {
    this.#options = options;
  }

  killContainer(pod: Pod, victim: Victim, kill: Kill, then: () => void): void {
    const { clock, events, rules } = this.#options;
    const container = allContainers(pod).find(({ name }) => name === victim.name);
    if (container === undefined) {
      then();
      return;
    }
    events.record(
      pod,
      container.name,
      'Normal',
      REASONS.killing,
      kill.message ?? `Stopping container ${container.name}`,
    );
    const own = terminationGracePeriod(pod, container, kill.cause, rules);
    const budget = graceBudget(own, kill.gracePeriodOverride, rules);
    const begunAt = clock.now;
    this.#runPreStop(pod, container, victim.id, budget.preStopLimit, () => {
      const preStopTook = clock.now - begunAt;
      const stop = (): void => {
        const timeout = budget.stopTimeout(preStopTook, clock.now - begunAt - preStopTook);
        this.#stop(pod, victim.id, seconds(timeout), () => {
          kill.turns?.ended(victim.name);
          then();
        });
      };
      if (kill.turns === undefined) {
        stop();
      } else {
        kill.turns.wait(victim.name, budget.waitLimit(preStopTook), stop);
      }
    });
  }

  /** All running containers at once, then the sandboxes. `then` is called when all are stopped. */
  killPod(pod: Pod, { pod: runtimePod }: CachedPod, gracePeriodOverride: Seconds | undefined, then: () => void): void {
    const running = runtimePod?.containers.filter(({ state }) => state === 'running') ?? [];
    const order = terminationOrder(pod);
    const turns =
      order.size === 0
        ? {}
        : {
            turns: new Turns(
              this.#options.clock,
              order,
              running.map(({ name }) => name),
            ),
          };
    forEachDone(
      running,
      (container, done) => this.killContainer(pod, container, { gracePeriodOverride, ...turns }, done),
      () => this.#stopSandboxes(runtimePod?.uid, runtimePod?.sandboxes.map(({ id }) => id) ?? [], then),
    );
  }

  /** What the runtime holds of a pod nobody knows the spec of. */
  killRuntimePod({ pod }: CachedPod, gracePeriod: Seconds, then: () => void): void {
    const running = pod?.containers.filter(({ state }) => state === 'running') ?? [];
    forEachDone(
      running,
      ({ id }, done) => this.#options.runtime.stopContainer(pod?.uid ?? '', id, this.#atLeast(gracePeriod), done),
      () => this.#stopSandboxes(pod?.uid, pod?.sandboxes.map(({ id }) => id) ?? [], then),
    );
  }

  #atLeast(gracePeriod: Seconds): Micros {
    return seconds(Math.max(gracePeriod, this.#options.rules.minimumGracePeriodSeconds));
  }

  #runPreStop(pod: Pod, container: Container, containerId: string, limit: Seconds, then: () => void): void {
    const { clock, events, hooks, rules } = this.#options;
    const handler = container.lifecycle?.preStop;
    if (handler === undefined || limit <= 0) {
      then();
      return;
    }
    let isOver = false;
    const once = (): void => {
      if (!isOver) {
        isOver = true;
        timeout.cancel();
        then();
      }
    };
    const timeout = clock.after(seconds(limit), once);
    hooks.run('preStop', pod, container, containerId, handler, (error) => {
      if (error !== undefined) {
        const message = rules.hookEventsTellDetails ? error : 'PreStopHook failed';
        events.record(pod, container.name, 'Warning', REASONS.failedPreStopHook, message);
      }
      once();
    });
  }

  #stop(pod: Pod, containerId: string, timeout: Micros, then: () => void): void {
    const { clock, runtime } = this.#options;
    runtime.stopContainer(pod.metadata.uid as string, containerId, timeout, clock.whileAlive(then));
  }

  #stopSandboxes(podUid: string | undefined, sandboxIds: readonly string[], then: () => void): void {
    const [first, ...rest] = sandboxIds;
    if (podUid === undefined || first === undefined) {
      then();
      return;
    }
    const { clock, runtime } = this.#options;
    runtime.stopPodSandbox(
      podUid,
      first,
      clock.whileAlive(() => this.#stopSandboxes(podUid, rest, then)),
    );
  }
}

/** Begins all at once; calls `then` when the last has called `done`. */
function forEachDone<T>(items: readonly T[], begin: (item: T, done: () => void) => void, then: () => void): void {
  let left = items.length;
  if (left === 0) {
    then();
    return;
  }
  for (const item of items) {
    begin(item, () => {
      left--;
      if (left === 0) {
        then();
      }
    });
  }
}
