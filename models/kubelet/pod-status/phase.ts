import {
  type Container,
  type ContainerState,
  type ContainerStateTerminated,
  type ContainerStatus,
  containerShouldRestart,
  isRestartableInitContainer,
  isStaticPod,
  type Pod,
  type PodPhase,
  type PodSpec,
  type RestartPolicyGates,
} from '../../api/index.js';

export const isTerminalPhase = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

/** Container statuses of a pod, as its status holds them. */
export interface ContainerStatuses {
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  readonly containerStatuses?: readonly ContainerStatus[] | undefined;
}

export interface PodPhaseGates extends RestartPolicyGates {
  /** Not a gate: since 1.27 (kubernetes#115331) a pod that is being terminated ends Succeeded or Failed, whatever its restartPolicy. */
  readonly terminatedPodsReachTerminalPhase: boolean;
}

/** What the pod worker and the runtime know beside the statuses. */
export interface PodProgress {
  /** The pod is being terminated for good and none of its containers will run again. */
  readonly podIsTerminal: boolean;
  /** A regular container was created in the current sandbox. */
  readonly podHasInitialized: boolean;
}

/** Phase of a pod by its container statuses. As getPhase (k8s 1.37 and 1.23 pkg/kubelet/kubelet_pods.go). */
export function podPhase(pod: Pod, statuses: ContainerStatuses, progress: PodProgress, gates: PodPhaseGates): PodPhase {
  const { spec } = pod;
  const init = countInitContainers(spec, statuses, gates);
  if (init.failedForGood > 0) {
    return 'Failed';
  }
  const all = countContainers(spec, statuses, gates);
  // A sidecar that restarts does not put a pod back to Pending once regular containers ran.
  const waitsForSidecar = all.pendingSidecars > 0 && !progress.podHasInitialized;
  if (init.pending > 0 || waitsForSidecar || all.waiting > 0) {
    return 'Pending';
  }
  if (all.unknown > 0) {
    return 'Pending';
  }
  if (all.running > 0) {
    return 'Running';
  }
  if (all.stopped === 0) {
    return 'Pending';
  }
  const isTerminal = progress.podIsTerminal && gates.terminatedPodsReachTerminalPhase && !isStaticPod(pod);
  if (!isTerminal && all.stopped !== all.stoppedForGood) {
    return 'Running';
  }
  return all.stopped === all.succeeded ? 'Succeeded' : 'Failed';
}

function countInitContainers(
  spec: PodSpec,
  statuses: ContainerStatuses,
  gates: RestartPolicyGates,
): { pending: number; failedForGood: number } {
  let pending = 0;
  let failedForGood = 0;
  for (const container of spec.initContainers ?? []) {
    if (isRestartableInitContainer(container)) {
      continue;
    }
    const status = statusOf(statuses, container.name);
    const end = status && lastEnd(status);
    if (end === undefined) {
      pending++;
    } else if (end.exitCode !== 0 && !willRestart(container, spec, end, gates)) {
      failedForGood++;
    }
  }
  return { pending, failedForGood };
}

interface ContainerCounts {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  stoppedForGood: number;
  succeeded: number;
  pendingSidecars: number;
}

function countContainers(spec: PodSpec, statuses: ContainerStatuses, gates: RestartPolicyGates): ContainerCounts {
  const counts = {
    unknown: 0,
    running: 0,
    waiting: 0,
    stopped: 0,
    stoppedForGood: 0,
    succeeded: 0,
    pendingSidecars: 0,
  };
  for (const container of spec.initContainers ?? []) {
    if (isRestartableInitContainer(container)) {
      countSidecar(statusOf(statuses, container.name), counts);
    }
  }
  for (const container of spec.containers) {
    countRegular(container, spec, statusOf(statuses, container.name), gates, counts);
  }
  return counts;
}

/** A sidecar that ended says nothing about the phase. */
function countSidecar(status: ContainerStatus | undefined, counts: ContainerCounts): void {
  const state = status && currentState(status);
  if (status === undefined) {
    counts.unknown++;
  } else if (state === 'running') {
    counts.running++;
    counts.pendingSidecars += status.started ? 0 : 1;
  } else if (state === 'waiting' && status.lastState?.terminated === undefined) {
    counts.waiting++;
    counts.pendingSidecars++;
  } else if (state === undefined) {
    counts.unknown++;
    counts.pendingSidecars++;
  }
}

function countRegular(
  container: Container,
  spec: PodSpec,
  status: ContainerStatus | undefined,
  gates: RestartPolicyGates,
  counts: ContainerCounts,
): void {
  const state = status && currentState(status);
  if (status === undefined || state === undefined) {
    counts.unknown++;
    return;
  }
  if (state === 'running') {
    counts.running++;
    return;
  }
  const end = lastEnd(status);
  if (end === undefined) {
    counts.waiting++;
    return;
  }
  // A waiting container that ran before counts as stopped: a pod in CrashLoopBackOff stays Running.
  counts.stopped++;
  counts.succeeded += state === 'terminated' && end.exitCode === 0 ? 1 : 0;
  // Without container rules, a waiting container of an OnFailure pod is on its way back whatever its last exit code
  // was.
  const isOnItsWayBack = !gates.ContainerRestartRules && state === 'waiting' && spec.restartPolicy === 'OnFailure';
  counts.stoppedForGood += isOnItsWayBack || willRestart(container, spec, end, gates) ? 0 : 1;
}

/** How the container ended, if it is not running and ever ran. */
function lastEnd(status: ContainerStatus): ContainerStateTerminated | undefined {
  const state = currentState(status);
  if (state === 'terminated') {
    return status.state?.terminated;
  }
  return state === 'waiting' ? status.lastState?.terminated : undefined;
}

function currentState({ state }: ContainerStatus): keyof ContainerState | undefined {
  if (state?.running) {
    return 'running';
  }
  if (state?.terminated) {
    return 'terminated';
  }
  return state?.waiting && 'waiting';
}

const willRestart = (
  container: Container,
  spec: PodSpec,
  end: ContainerStateTerminated,
  gates: RestartPolicyGates,
): boolean =>
  containerShouldRestart(container, spec, end.exitCode, gates) ||
  (gates.RestartAllContainersOnContainerExits && end.reason === 'RestartingAllContainers');

/** The status of an init or regular container by name; names are unique within a pod. */
export const statusOf = (statuses: ContainerStatuses, name: string): ContainerStatus | undefined =>
  statuses.containerStatuses?.find((status) => status.name === name) ??
  statuses.initContainerStatuses?.find((status) => status.name === name);
