import { type Micros, seconds } from '../../engine/index.js';
import type { Container, LifecycleHandler, Pod } from '../api/index.js';
import type { ContainerRuntime } from '../world/index.js';
import type { ProcessClock } from './process-clock.js';

/** How a hook ended: undefined when all went well, else what the kubelet says about it. */
export type HookError = string | undefined;

/**
 * Runs postStart and preStop hooks. As handlerRunner (k8s 1.37 pkg/kubelet/lifecycle/handlers.go). How long exec and httpGet
 * take, and whether they fail, is behaviour of the container; an exec of `sleep N` takes N seconds.
 */
export class HookRunner {
  readonly #clock: ProcessClock;
  readonly #runtime: ContainerRuntime;

  constructor(clock: ProcessClock, runtime: ContainerRuntime) {
    this.#clock = clock;
    this.#runtime = runtime;
  }

  run(
    hook: 'postStart' | 'preStop',
    pod: Pod,
    container: Container,
    containerId: string,
    handler: LifecycleHandler,
    then: (error: HookError) => void,
  ): void {
    if (handler.exec === undefined && handler.httpGet === undefined && handler.sleep === undefined) {
      // tcpSocket is in the API for the sake of old objects; no version runs it.
      then('Cannot run handler: invalid handler');
      return;
    }
    const behaviour = this.#runtime.hookOf(containerId, hook);
    const takes = behaviour?.takes ?? durationOf(handler);
    const fails = behaviour?.fails && handler.sleep === undefined;
    const error = fails ? failureText(pod, container, handler) : undefined;
    if (takes === 0) {
      then(error);
    } else {
      this.#clock.after(takes, () => then(error));
    }
  }
}

const SLEEP = /(?:^|[\s;&])sleep\s+(\d+(?:\.\d+)?)s?\s*$/;

function durationOf(handler: LifecycleHandler): Micros {
  if (handler.sleep !== undefined) {
    return seconds(handler.sleep.seconds);
  }
  const slept = SLEEP.exec(handler.exec?.command?.join(' ') ?? '');
  return slept === null ? 0 : seconds(Number(slept[1]));
}

/** A sleep cannot fail; what a command wrote or a server answered is not simulated. */
function failureText({ metadata }: Pod, { name }: Container, handler: LifecycleHandler): string {
  const pod = `${metadata.name}_${metadata.namespace ?? ''}(${metadata.uid ?? ''})`;
  const command = handler.exec?.command?.join(' ') ?? '';
  const [what, error] =
    handler.exec === undefined
      ? [`HTTP lifecycle hook (${handler.httpGet?.path ?? ''})`, 'HTTP request failed with statuscode: 500']
      : [`Exec lifecycle hook ([${command}])`, `command '${command}' exited with 1: `];
  return `${what} for Container "${name}" in Pod "${pod}" failed - error: ${error}, message: ""`;
}
