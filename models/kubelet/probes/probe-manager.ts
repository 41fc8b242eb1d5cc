import { entityKey, type Micros, type RandomStream, seconds, type Timeline } from '../../../engine/index.js';
import {
  type Container,
  type ContainerStatus,
  containerShouldRestart,
  isRestartableInitContainer,
  type Pod,
  type PodStatus,
  type Probe,
  type RestartPolicyGates,
} from '../../api/index.js';
import type { ContainerRuntime, ProbeTarget } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import { type ProbeResults, shouldAllContainersRestart } from '../pod-actions/index.js';
import { isTerminalPhase } from '../pod-status/index.js';
import type { ProcessClock } from '../process-clock.js';
import type { Statuses } from '../status/pod-status-generator.js';
import type { ProbeAttemptRow } from '../timelines.js';
import { type ContainerProbeStatus, containerProbeStatus } from './container-status.js';
import {
  limitedByTimeout,
  type ProbeAttempt,
  type ProbeHost,
  type ProbeKind,
  type ProbeResult,
  type ProbeSettings,
  type ProbeView,
  ProbeWorker,
  periodOf,
} from './decisions.js';
import { type FailureCause, failureOutput } from './failure-output.js';
import { newlyProbed, nextNoticedFailure, type Probed, type Probing } from './probing.js';
import { WakeTable } from './wake-table.js';

export interface ProbeManagerGates extends RestartPolicyGates {
  readonly SidecarContainers: boolean;
}

export interface ProbeManagerOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly settings: ProbeSettings;
  readonly gates: ProbeManagerGates;
  /** Draws how long a worker waits that was created soon after the kubelet started. */
  readonly startDelays: RandomStream;
  readonly timeline: Timeline<ProbeAttemptRow> | undefined;
  /** What the status manager holds. */
  statusOf(uid: string): PodStatus | undefined;
  /** A result changed: time to tell the status manager, and to sync the pod. */
  onResult(uid: string, kind: ProbeKind, containerId: string, result: ProbeResult): void;
}

const PROBES = [
  ['startup', 'startupProbe'],
  ['readiness', 'readinessProbe'],
  ['liveness', 'livenessProbe'],
] as const;

const CONTAINER_ID_PREFIX = 'containerd://';

/**
 * The probe workers of all pods, each on its own timer. As prober manager (k8s 1.37 pkg/kubelet/prober/prober_manager.go). A
 * worker is woken only when its next wake could be noticed; before anything changes what it sees, it catches up.
 */
export class ProbeManager {
  readonly #options: ProbeManagerOptions;
  readonly #pods = new Map<string, Probing[]>();
  readonly #wakes: WakeTable<Probing>;
  #made = 0;

  constructor(options: ProbeManagerOptions) {
    this.#options = options;
    this.#wakes = new WakeTable(options.clock, (probing) => this.#wake(probing));
  }

  /** Makes the workers that are missing (AddPod). */
  addPod(pod: Pod): void {
    const uid = pod.metadata.uid as string;
    for (const container of probedContainers(pod)) {
      for (const [kind, field] of PROBES) {
        const probe = container[field];
        if (probe !== undefined && this.#find(uid, container.name, kind) === undefined) {
          this.#add(uid, pod, container, kind, probe);
        }
      }
    }
  }

  /** Termination begins: sidecars are probed on, and readiness still counts. */
  stopLivenessAndStartup(pod: Pod): void {
    const regular = new Set(pod.spec.containers.map(({ name }) => name));
    this.#stop(
      pod.metadata.uid as string,
      ({ worker, probed }) => worker.kind !== 'readiness' && regular.has(probed.container.name),
    );
  }

  /** No container of the pod will run again. */
  removePod(uid: string): void {
    this.#stop(uid, () => true);
  }

  /** Published results of the pod's containers, by the runtime's ids. */
  resultsOf(uid: string): ProbeResults {
    const result = (kind: ProbeKind, id: string): ProbeResult | undefined => {
      for (const { worker } of this.#pods.get(uid) ?? []) {
        const found = worker.kind === kind ? worker.resultFor(CONTAINER_ID_PREFIX + id) : undefined;
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    };
    return { liveness: (id) => result('liveness', id), startup: (id) => result('startup', id) };
  }

  /** Whether some container waits for its readiness probe: then every status that is made triggers one. */
  hasUnready(status: PodStatus, uid: string): boolean {
    const waits = ({ name, started, ready }: ContainerStatus): boolean =>
      started === true && !ready && this.#find(uid, name, 'readiness') !== undefined;
    return (status.containerStatuses?.some(waits) ?? false) || (status.initContainerStatuses?.some(waits) ?? false);
  }

  /** `started` and `ready` of every container; triggers the readiness probes of those that wait for them (UpdatePodStatus). */
  withProbeResults(pod: Pod, { containerStatuses, initContainerStatuses }: Statuses): Statuses {
    const init = initContainerStatuses?.map((container) => this.#initStatus(pod, container));
    return {
      containerStatuses: containerStatuses.map((container) => withProbed(container, this.#probed(pod, container))),
      initContainerStatuses: init,
    };
  }

  /**
   * The status that the workers see is about to change: what they did until now goes by the old one, and so does a tick at
   * this very instant, whether or not it is an event.
   */
  catchUp(uid: string): void {
    const { clock } = this.#options;
    if (clock.isFrozen) {
      return;
    }
    for (const probing of [...(this.#pods.get(uid) ?? [])]) {
      if (clock.elidesQuietTicks) {
        this.#skip(probing, this.#view(uid, probing));
      }
      if (probing.worker.ticksAt(clock.now)) {
        this.#wakes.set(probing, Number.POSITIVE_INFINITY);
        this.#wake(probing);
      }
    }
  }

  /** The runtime is about to be listed: a probe at this very instant comes before what that finds. */
  beforeRelist(): void {
    this.#wakes.wakeDue();
  }

  /** The process is about to stand still. */
  catchUpAll(): void {
    for (const uid of this.#pods.keys()) {
      this.catchUp(uid);
    }
  }

  /** It goes on: no attempt was made meanwhile. */
  passOver(): void {
    for (const [uid, probings] of this.#pods) {
      for (const { worker } of probings) {
        worker.passOver(this.#options.clock.now);
      }
      this.look(uid);
    }
  }

  /** Looks again when each worker of the pod matters next: its status, or the answers of its containers, have changed. */
  look(uid: string): void {
    for (const probing of this.#pods.get(uid) ?? []) {
      this.#arm(uid, probing);
    }
  }

  #find(uid: string, container: string, kind: ProbeKind): Probing | undefined {
    return this.#pods
      .get(uid)
      ?.find((probing) => probing.worker.kind === kind && probing.probed.container.name === container);
  }

  #add(uid: string, pod: Pod, container: Container, kind: ProbeKind, probe: Probe): void {
    const { clock, settings, startDelays } = this.#options;
    const period = periodOf(probe);
    // After a restart of the kubelet all workers are made at once: spread them (worker.run).
    const isYoung = period > clock.now - clock.startedAt;
    const delay = isYoung
      ? Math.floor(startDelays.uniform(entityKey(`${uid}/${container.name}/${kind}`), 0) * period)
      : 0;
    const creation = {
      startsAt: clock.now + delay,
      kubeletStartedAt: clock.startedAt,
      isSidecar: pod.spec.initContainers?.includes(container) ?? false,
    };
    const probing: Probing = {
      worker: new ProbeWorker(kind, probe, creation, settings),
      probed: this.#probedBefore(uid, pod, container) ?? newlyProbed(pod, container),
      probe,
      target: undefined,
      answer: { outcome: 'Failure', takes: 0 },
      attempts: 0,
      cause: 'refused',
      ordinal: this.#made++,
      wakesAt: Number.POSITIVE_INFINITY,
    };
    const known = this.#pods.get(uid);
    if (known === undefined) {
      this.#pods.set(uid, [probing]);
    } else {
      known.push(probing);
    }
    this.#arm(uid, probing);
  }

  /** What other workers of the container see, if they were made of the same pod. */
  #probedBefore(uid: string, pod: Pod, container: Container): Probed | undefined {
    return this.#pods.get(uid)?.find(({ probed }) => probed.pod === pod && probed.container === container)?.probed;
  }

  #stop(uid: string, isMeant: (probing: Probing) => boolean): void {
    for (const probing of [...(this.#pods.get(uid) ?? [])]) {
      if (isMeant(probing)) {
        probing.worker.stop();
        this.#arm(uid, probing);
      }
    }
  }

  // ------------------------------------------------------------------------------------------------------- one worker

  #arm(uid: string, probing: Probing): void {
    if (probing.worker.isDone) {
      this.#wakes.set(probing, Number.POSITIVE_INFINITY);
      this.#remove(uid, probing);
    } else {
      this.#wakes.set(probing, this.#nextLook(uid, probing));
    }
  }

  #nextLook(uid: string, probing: Probing): Micros {
    const { clock, timeline } = this.#options;
    const view = this.#view(uid, probing);
    const target = this.#targetOf(probing);
    probing.answer = this.#answer(probing, target, clock.now);
    const isForetold = target === undefined || target.constantLatency !== undefined;
    // Whoever records attempts wants to see them all.
    if (!clock.elidesQuietTicks || !isForetold || timeline !== undefined) {
      return probing.worker.wakesAt;
    }
    const matters = probing.worker.mattersAt(view, probing.answer);
    return Math.min(matters, this.#answersOtherwiseAt(probing, view, target));
  }

  /** When the process will answer otherwise than now: foretold, or at the attempt that fails by chance. */
  #answersOtherwiseAt(probing: Probing, view: ProbeView, target: ProbeTarget | undefined): Micros {
    if (target === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const { clock, events } = this.#options;
    const changes = target.changesAfter(clock.now);
    const fails = nextNoticedFailure(probing, target, events.areRead);
    return fails === Number.POSITIVE_INFINITY
      ? changes
      : Math.min(changes, probing.worker.attemptsAt(view, fails - probing.attempts));
  }

  #skip(probing: Probing, view: ProbeView): void {
    const { answer, attempts, target, worker } = probing;
    probing.attempts += worker.skipTo(this.#options.clock.now, view, answer, (n) =>
      target === undefined ? false : target.target.failsByChance(attempts + n),
    );
  }

  #wake(probing: Probing): void {
    const { clock } = this.#options;
    const { worker } = probing;
    const uid = probing.probed.pod.metadata.uid as string;
    const view = this.#view(uid, probing);
    if (clock.elidesQuietTicks) {
      this.#skip(probing, view);
    }
    worker.wake(clock.now, view, this.#hostOf(uid, probing));
    this.#arm(uid, probing);
  }

  #hostOf(uid: string, probing: Probing): ProbeHost {
    const { clock, events, onResult, settings, statusOf, timeline } = this.#options;
    return {
      attempt: () => {
        const target = this.#targetOf(probing);
        const answer = this.#answer(probing, target, clock.now, probing.attempts++);
        probing.cause = causeOf(answer, target, probing.probe, clock.now);
        return answer;
      },
      onAttempt: (kind, outcome) => {
        const { namespace = '', name: pod } = probing.probed.pod.metadata;
        timeline?.append({ namespace, pod, container: probing.probed.container.name, probe: kind, outcome });
        if (outcome !== 'Success') {
          const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
          const text = outcome === 'Failure' ? 'failed' : 'errored and resulted in unknown state';
          const output = failureOutput(probing.probe, outcome === 'Error' ? 'error' : probing.cause, {
            container: probing.probed.container,
            podIP: statusOf(uid)?.podIP ?? '',
            tellsExecTimeout: settings.tellsExecTimeout,
          });
          const message = `${name} probe ${text}: ${output}`;
          events.record(probing.probed.pod, probing.probed.container.name, 'Warning', REASONS.unhealthy, message);
        }
      },
      onResult: (kind, containerId, result) => {
        // The sync loop reads results from a channel: the worker is done with this wake before it does.
        clock.after(0, () => onResult(uid, kind, containerId, result));
      },
    };
  }

  #view(uid: string, { probed }: Probing): ProbeView {
    const status = this.#options.statusOf(uid);
    if (status !== probed.status) {
      probed.status = status;
      probed.view = this.#newView(probed, status);
      probed.containerId = probed.view.container?.containerID?.slice(CONTAINER_ID_PREFIX.length);
    }
    return probed.view;
  }

  #newView({ pod, container }: Probed, status: PodStatus | undefined): ProbeView {
    const { gates } = this.#options;
    const isOurs = ({ name, containerID }: ContainerStatus): boolean => name === container.name && !!containerID;
    return {
      container: status?.containerStatuses?.find(isOurs) ?? status?.initContainerStatuses?.find(isOurs),
      podIsTerminal: isTerminalPhase(status?.phase),
      podIsBeingDeleted: pod.metadata.deletionTimestamp !== undefined,
      willRestart: (exitCode) =>
        gates.ContainerRestartRules
          ? containerShouldRestart(container, pod.spec, exitCode, gates) ||
            (gates.RestartAllContainersOnContainerExits && shouldAllContainersRestart(pod, undefined, status))
          : pod.spec.restartPolicy !== 'Never',
    };
  }

  /** Of the container in the worker's view. */
  #targetOf(probing: Probing): ProbeTarget | undefined {
    const { containerId } = probing.probed;
    if (containerId === undefined) {
      return undefined;
    }
    if (probing.target?.containerId !== containerId) {
      const target = this.#options.runtime.probeTarget(containerId, probing.worker.kind);
      probing.target = target && { containerId, target };
      probing.attempts = 0;
    }
    return this.#options.runtime.isRunning(containerId) ? probing.target?.target : undefined;
  }

  /** What an attempt at this instant finds; with an ordinal, chance has its say. */
  #answer({ probe }: Probing, target: ProbeTarget | undefined, at: Micros, attempt?: number): ProbeAttempt {
    if (target === undefined) {
      // Nobody can exec into a container that is gone; a port that nobody listens on refuses.
      return { outcome: probe.exec === undefined ? 'Failure' : 'Error', takes: 0 };
    }
    const isGood = target.succeedsAt(at) && (attempt === undefined || !target.failsByChance(attempt));
    return limitedByTimeout(
      { outcome: isGood ? 'Success' : 'Failure', takes: target.constantLatency ?? target.latencyOf(attempt ?? 0) },
      probe,
    );
  }

  #remove(uid: string, probing: Probing): void {
    const left = this.#pods.get(uid)?.filter((other) => other !== probing) ?? [];
    if (left.length === 0) {
      this.#pods.delete(uid);
    } else {
      this.#pods.set(uid, left);
    }
  }

  // -------------------------------------------------------------------------------------------------------- statuses

  #initStatus(pod: Pod, status: ContainerStatus): ContainerStatus {
    const container = pod.spec.initContainers?.find(({ name }) => name === status.name);
    if (container !== undefined && isRestartableInitContainer(container)) {
      return withProbed(status, this.#probed(pod, status));
    }
    const ready = status.state?.terminated?.exitCode === 0 || status.ready;
    if (!this.#options.gates.SidecarContainers) {
      return ready === status.ready ? status : { ...status, ready };
    }
    return withProbed(status, { started: this.#probed(pod, status).started, ready });
  }

  #probed(pod: Pod, status: ContainerStatus): ContainerProbeStatus {
    const { clock, settings } = this.#options;
    const uid = pod.metadata.uid as string;
    const startup = this.#find(uid, status.name, 'startup')?.worker;
    const readiness = this.#find(uid, status.name, 'readiness')?.worker;
    const told = containerProbeStatus(
      {
        status,
        startup: { hasWorker: startup !== undefined, result: startup?.resultFor(status.containerID) },
        readiness: {
          hasProbe: probedContainers(pod).some(({ name, readinessProbe }) => name === status.name && readinessProbe),
          hasWorker: readiness !== undefined,
          result: readiness?.resultFor(status.containerID),
        },
        kubeletStartedAt: clock.startedAt,
        podIsReady: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
      },
      settings,
    );
    if (told.triggersReadiness) {
      this.#trigger(uid, status.name);
    }
    return told;
  }

  #trigger(uid: string, container: string): void {
    const { clock } = this.#options;
    const probing = this.#find(uid, container, 'readiness');
    if (probing !== undefined) {
      if (clock.elidesQuietTicks) {
        this.#skip(probing, this.#view(uid, probing));
      }
      probing.worker.trigger(clock.now);
      this.#arm(uid, probing);
    }
  }
}

/** A process that does not serve yet listens to nobody. */
function causeOf(answer: ProbeAttempt, target: ProbeTarget | undefined, probe: Probe, now: Micros): FailureCause {
  if (target === undefined || !target.servesAt(now)) {
    return 'refused';
  }
  return answer.takes >= seconds(probe.timeoutSeconds ?? 1) ? 'timedOut' : 'unhealthy';
}

const probedContainers = ({ spec }: Pod): readonly Container[] =>
  spec.initContainers === undefined
    ? spec.containers
    : [...spec.containers, ...spec.initContainers.filter(isRestartableInitContainer)];

const withProbed = (
  status: ContainerStatus,
  { started, ready }: Pick<ContainerProbeStatus, 'started' | 'ready'>,
): ContainerStatus => (status.started === started && status.ready === ready ? status : { ...status, started, ready });
