import type { Container, Pod } from '../../api/index.js';
import {
  type ContainerToKill,
  type KillReason,
  killUnknown,
  type PodActions,
  type PodActionsGates,
  type ProbeResults,
} from './actions.js';
import { computeInitContainerActions, findNextInitContainerToRun } from './init-containers.js';
import { containersToReset, shouldContainerBeRestarted } from './restart.js';
import { findContainer, type PodRuntimeStatus, type RuntimeContainerStatus } from './runtime-status.js';

export interface SandboxChange {
  readonly isNeeded: boolean;
  readonly attempt: number;
  readonly sandboxId: string | undefined;
  /** Why a new sandbox is needed, as the condition PodReadyToStartContainers says it. */
  readonly problem: string | undefined;
}

/** Whether a pod needs a new sandbox. As PodSandboxChanged (k8s 1.37 pkg/kubelet/kuberuntime/util/util.go). */
export function podSandboxChange(pod: Pod, status: PodRuntimeStatus): SandboxChange {
  const newest = status.sandboxes[0];
  if (newest === undefined) {
    return { isNeeded: true, attempt: 0, sandboxId: undefined, problem: 'no pod sandbox exists' };
  }
  const replace = (problem: string, sandboxId: string | undefined = newest.id): SandboxChange => ({
    isNeeded: true,
    attempt: newest.attempt + 1,
    sandboxId,
    problem,
  });
  if (status.sandboxes.filter(({ isReady }) => isReady).length > 1) {
    return replace('multiple pod sandboxes are ready and need to be reconciled');
  }
  if (!newest.isReady) {
    return replace('pod sandbox is not ready');
  }
  const isHostNetwork = pod.spec.hostNetwork ?? false;
  if (newest.isHostNetwork !== isHostNetwork) {
    return {
      ...replace('network namespace mode changed and sandbox needs to be recreated'),
      sandboxId: undefined,
    };
  }
  if (!isHostNetwork && !newest.hasIP) {
    return replace('pod sandbox has no IP address');
  }
  return { isNeeded: false, attempt: newest.attempt, sandboxId: newest.id, problem: undefined };
}

/**
 * As computePodActions (k8s 1.37 and 1.23 pkg/kubelet/kuberuntime/kuberuntime_manager.go); leaves out in-place
 * resizing.
 */
export function computePodActions(
  pod: Pod,
  status: PodRuntimeStatus,
  probes: ProbeResults,
  restartAllContainers: boolean,
  gates: PodActionsGates,
): PodActions {
  const sandbox = podSandboxChange(pod, status);
  const actions: PodActions = {
    killPod: sandbox.isNeeded,
    createSandbox: sandbox.isNeeded,
    attempt: sandbox.attempt,
    sandboxId: sandbox.sandboxId,
    initContainersToStart: [],
    containersToStart: [],
    ephemeralContainersToStart: [],
    containersToKill: [],
    containersToReset: [],
  };
  if (gates.RestartAllContainersOnContainerExits && restartAllContainers) {
    actions.containersToReset = containersToReset(pod.spec, status);
    return actions;
  }
  if (sandbox.isNeeded) {
    computeActionsForNewSandbox(pod, status, actions, gates);
    return actions;
  }
  pod.spec.ephemeralContainers?.forEach((container, i) => {
    if (findContainer(status, container.name) === undefined) {
      actions.ephemeralContainersToStart.push(i);
    }
  });
  const hasInitialized = computeInitContainerActions(pod, status, probes, actions, gates);
  if (!actions.killPod && hasInitialized) {
    computeRegularContainerActions(pod, status, probes, actions, gates);
  }
  return actions;
}

/** A new sandbox means beginning again from the first init container, unless nothing is left to run. */
function computeActionsForNewSandbox(
  pod: Pod,
  status: PodRuntimeStatus,
  actions: PodActions,
  gates: PodActionsGates,
): void {
  const { spec } = pod;
  // A pod that never got a container may try again; one whose containers ran is done.
  if (spec.restartPolicy === 'Never' && actions.attempt !== 0 && status.containers.length !== 0) {
    actions.createSandbox = false;
    return;
  }
  const toStart: number[] = [];
  spec.containers.forEach((container, i) => {
    const policy = (gates.ContainerRestartRules && container.restartPolicy) || spec.restartPolicy;
    const end = findContainer(status, container.name);
    const hasSucceeded = end?.state === 'exited' && (end.exitCode ?? 0) === 0;
    if (policy !== 'OnFailure' || !hasSucceeded) {
      toStart.push(i);
    }
  });
  if (toStart.length === 0) {
    const hasInitialized = gates.SidecarContainers
      ? spec.containers.some(({ name }) => wasCreated(findContainer(status, name)))
      : findNextInitContainerToRun(pod, status).isDone;
    if (hasInitialized) {
      actions.createSandbox = false;
      return;
    }
  }
  if (spec.initContainers !== undefined && spec.initContainers.length !== 0) {
    actions.initContainersToStart = [0];
  } else {
    actions.containersToStart = toStart;
  }
}

const wasCreated = (container: RuntimeContainerStatus | undefined): boolean =>
  container !== undefined && container.state !== 'unknown';

function computeRegularContainerActions(
  pod: Pod,
  status: PodRuntimeStatus,
  probes: ProbeResults,
  actions: PodActions,
  gates: PodActionsGates,
): void {
  let kept = 0;
  pod.spec.containers.forEach((container, i) => {
    const current = findContainer(status, container.name);
    if (current?.state !== 'running') {
      if (shouldContainerBeRestarted(container, pod, status, gates)) {
        actions.containersToStart.push(i);
        if (current?.state === 'unknown') {
          // It may still run: never have two of it.
          actions.containersToKill.push(killUnknown('Container', current));
        }
      }
      return;
    }
    const kill = whyKill(container, current, probes);
    if (kill === undefined) {
      kept++;
      return;
    }
    // Rules look at exit codes, and a running container has none: only policies count here.
    const policy = (gates.ContainerRestartRules && container.restartPolicy) || pod.spec.restartPolicy;
    const willRestart = kill.reason === undefined || policy !== 'Never';
    if (willRestart) {
      actions.containersToStart.push(i);
    }
    actions.containersToKill.push(willRestart ? { ...kill, message: `${kill.message}, will be restarted` } : kill);
  });
  if (kept === 0 && actions.containersToStart.length === 0) {
    actions.killPod = true;
    // Sidecars must not keep a finished pod alive.
    actions.initContainersToStart = [];
  }
}

function whyKill(
  container: Container,
  current: RuntimeContainerStatus,
  probes: ProbeResults,
): ContainerToKill | undefined {
  const kill = (what: string, reason?: KillReason): ContainerToKill => ({
    id: current.id,
    name: container.name,
    message: `Container ${container.name} ${what}`,
    reason,
  });
  if (current.image !== container.image) {
    return kill('definition changed');
  }
  if (probes.liveness(current.id) === 'Failure') {
    return kill('failed liveness probe', 'LivenessProbe');
  }
  return probes.startup(current.id) === 'Failure' ? kill('failed startup probe', 'StartupProbe') : undefined;
}
