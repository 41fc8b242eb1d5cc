import {
  type Container,
  isRestartableInitContainer,
  milliValueOf,
  oomScoreAdjust,
  type Pod,
  valueOf,
} from '../../api/index.js';
import type { ContainerConfig, ContainerRuntime, RuntimePod } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { ImageManager } from '../image-pull/image-manager.js';
import type { HookRunner } from '../lifecycle-hooks.js';
import { environmentError } from '../objects/decisions.js';
import type { ObjectCache } from '../objects/object-cache.js';
import { referencesOf } from '../objects/references.js';
import type { ProcessClock } from '../process-clock.js';
import type { ContainerKiller } from '../termination/container-killer.js';
import type { StartFailure } from './sync-results.js';

/** What the kubelet keeps a container to. */
export interface LogAndProcessLimits {
  /** Bytes at which rotation keeps the logs of a container. */
  readonly logLimit: number;
  /** Processes a pod may have. */
  readonly processLimit: number;
}

export interface ContainerStarterOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly images: ImageManager;
  readonly hooks: HookRunner;
  readonly killer: ContainerKiller;
  readonly objects: ObjectCache;
  /** [23] Events about hooks that failed say why. */
  readonly hookEventsTellDetails: boolean;
  /** [23] The events Created and Started name the container. */
  readonly eventsNameContainers: boolean;
  readonly limits: LogAndProcessLimits;
}

type Then = (failure: StartFailure | undefined) => void;

/** Image, create, start, postStart: one container. As startContainer (k8s 1.37 pkg/kubelet/kuberuntime/kuberuntime_container.go). */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /** `known` is what the sync knows of the pod: its newest instance of the container tells the restart count. */
  start(pod: Pod, container: Container, sandboxId: string, known: RuntimePod | undefined, then: Then): void {
    this.#options.images.ensureImageExists(pod, container, (reply) => {
      if (!reply.ok) {
        this.#record(pod, container, 'Warning', REASONS.failed, `Error: ${reply.failure.reason}`);
        then(reply.failure);
        return;
      }
      this.#withEnvironment(pod, container, (error) => {
        if (error === undefined) {
          this.#create(pod, container, sandboxId, this.#configOf(pod, container, reply.imageRef, known), then);
          return;
        }
        this.#record(pod, container, 'Warning', REASONS.failed, `Error: ${error}`);
        then({ reason: 'CreateContainerConfigError', message: error });
      });
    });
  }

  /** Looks up what the container's environment is made of. */
  #withEnvironment(pod: Pod, container: Container, then: (error: string | undefined) => void): void {
    const { clock, objects } = this.#options;
    if (referencesOf(pod).length === 0) {
      then(undefined);
      return;
    }
    objects.register(pod);
    objects.whenSynced(clock.whileAlive(() => then(environmentError(container, pod, objects.sourceOf(pod)))));
  }

  #configOf(pod: Pod, container: Container, imageRef: string, known: RuntimePod | undefined): ContainerConfig {
    const { limits, runtime } = this.#options;
    const uid = pod.metadata.uid as string;
    const newest = known?.containers.find(({ name }) => name === container.name);
    const { memory: limit, cpu } = container.resources?.limits ?? {};
    return {
      name: container.name,
      image: container.image ?? '',
      imageRef,
      restartCount: newest === undefined ? runtime.startsOf(uid, container.name) : newest.restartCount + 1,
      isInit: !isRestartableInitContainer(container) && isAmong(pod.spec.initContainers, container),
      memoryLimit: limit === undefined ? undefined : Number(valueOf(limit)),
      cpuLimit: cpu === undefined ? undefined : milliValueOf(cpu) / 1000,
      oomScoreAdj: oomScoreAdjust(pod, container, runtime.memory.capacity),
      emptyDirs: emptyDirsOf(pod),
      ...limits,
      ports: (container.ports ?? []).map(({ containerPort: port, protocol = 'TCP' }) => ({ port, protocol })),
    };
  }

  #create(pod: Pod, container: Container, sandboxId: string, config: ContainerConfig, then: Then): void {
    const { clock, runtime } = this.#options;
    const uid = pod.metadata.uid as string;
    const onCreated: Parameters<ContainerRuntime['createContainer']>[3] = (created) => {
      if (!created.ok) {
        this.#record(pod, container, 'Warning', REASONS.failed, `Error: ${created.message}`);
        then({ reason: 'CreateContainerError', message: created.message });
        return;
      }
      this.#record(pod, container, 'Normal', REASONS.created, this.#text('created', container));
      this.#run(pod, container, created.value.id, config, then);
    };
    runtime.createContainer(uid, sandboxId, config, clock.whileAlive(onCreated));
  }

  #run(pod: Pod, container: Container, id: string, config: ContainerConfig, then: Then): void {
    const { clock, runtime } = this.#options;
    const onStarted: Parameters<ContainerRuntime['startContainer']>[3] = (started) => {
      if (!started.ok) {
        this.#record(pod, container, 'Warning', REASONS.failed, `Error: ${started.message}`);
        then({ reason: 'RunContainerError', message: started.message });
        return;
      }
      this.#record(pod, container, 'Normal', REASONS.started, this.#text('started', container));
      this.#runPostStart(pod, container, id, then);
    };
    runtime.startContainer(pod.metadata.uid as string, id, config, clock.whileAlive(onStarted));
  }

  #runPostStart(pod: Pod, container: Container, id: string, then: Then): void {
    const { hooks, killer } = this.#options;
    const handler = container.lifecycle?.postStart;
    if (handler === undefined) {
      then(undefined);
      return;
    }
    hooks.run('postStart', pod, container, id, handler, (error) => {
      if (error === undefined) {
        then(undefined);
        return;
      }
      const message = this.#options.hookEventsTellDetails ? error : 'PostStartHook failed';
      this.#record(pod, container, 'Warning', REASONS.failedPostStartHook, message);
      killer.killContainer(pod, { id, name: container.name }, { message: 'FailedPostStartHook' }, () =>
        then({ reason: 'PostStartHookError', message: error }),
      );
    });
  }

  #text(what: 'created' | 'started', container: Container): string {
    return this.#options.eventsNameContainers
      ? `${what === 'created' ? 'Created' : 'Started'} container ${container.name}`
      : `Container ${what}`;
  }

  #record(pod: Pod, container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#options.events.record(pod, container.name, type, reason, message);
  }
}

const isAmong = (containers: readonly Container[] | undefined, { name }: Container): boolean =>
  containers?.some((other) => other.name === name) ?? false;

function emptyDirsOf({ spec }: Pod): ContainerConfig['emptyDirs'] {
  const emptyDirs = spec.volumes?.filter(({ emptyDir }) => emptyDir !== undefined) ?? [];
  return emptyDirs.length === 0
    ? undefined
    : Object.fromEntries(
        emptyDirs.map(({ emptyDir, name }) => [name, emptyDir?.medium === 'Memory' ? 'memory' : 'disk']),
      );
}
