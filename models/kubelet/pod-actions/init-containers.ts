import { type Container, isRestartableInitContainer, type Pod } from '../../api/index.js';
import {
  type ContainerToKill,
  type KillReason,
  killUnknown,
  type PodActions,
  type PodActionsGates,
  type ProbeResults,
} from './actions.js';
import { shouldContainerBeRestarted } from './restart.js';
import {
  findActiveContainer,
  findContainer,
  hasAnyActiveRegularContainer,
  type PodRuntimeStatus,
  type RuntimeContainerStatus,
} from './runtime-status.js';

/** Adds what is to be done for init containers; answers whether the pod is initialized. */
export function computeInitContainerActions(
  pod: Pod,
  status: PodRuntimeStatus,
  probes: ProbeResults,
  actions: PodActions,
  gates: PodActionsGates,
): boolean {
  if (pod.spec.initContainers === undefined || pod.spec.initContainers.length === 0) {
    return true;
  }
  return gates.SidecarContainers
    ? computeWithSidecars(pod, pod.spec.initContainers, status, probes, actions, gates)
    : computeWithoutSidecars(pod, status, actions);
}

/**
 * From the last init container to the first, because those that completed may be gone from the runtime: the last one
 * known tells how far the pod is. As computeInitContainerActions (k8s 1.37
 * pkg/kubelet/kuberuntime/kuberuntime_container.go).
 */
function computeWithSidecars(
  pod: Pod,
  initContainers: readonly Container[],
  status: PodRuntimeStatus,
  probes: ProbeResults,
  actions: PodActions,
  gates: PodActionsGates,
): boolean {
  let podHasInitialized = hasAnyActiveRegularContainer(pod, status);
  let isPreviouslyInitialized = podHasInitialized;
  const last = initContainers.length - 1;
  /** In reverse order of the spec, as found. */
  const toStart: number[] = [];
  for (let i = last; i >= 0; i--) {
    const container = initContainers[i]!;
    const isSidecar = isRestartableInitContainer(container);
    const current = findActiveContainer(status, container.name);
    if (current === undefined) {
      if (isPreviouslyInitialized && isSidecar) {
        toStart.push(i);
      }
      continue;
    }
    if (isPreviouslyInitialized && !isSidecar) {
      continue;
    }
    const next = isSidecar
      ? computeSidecar(container, current, probes)
      : computeInitContainer(container, current, pod, status, gates);
    if (next.failsPod) {
      actions.killPod = true;
      return false;
    }
    if (next.isInitialized && i === last) {
      podHasInitialized = true;
    } else if (next.isInitialized && !isPreviouslyInitialized) {
      toStart.push(i + 1);
    }
    if (next.kill !== undefined) {
      actions.containersToKill.push(next.kill);
    }
    if (next.start) {
      toStart.push(i);
    }
    isPreviouslyInitialized = true;
  }
  if (!isPreviouslyInitialized) {
    toStart.push(0);
  }
  actions.initContainersToStart = toStart.reverse();
  return podHasInitialized;
}

interface InitContainerStep {
  /** The next one may start. */
  readonly isInitialized?: boolean;
  readonly start?: boolean;
  readonly kill?: ContainerToKill;
  /** It failed and will not be tried again. */
  readonly failsPod?: boolean;
}

function computeInitContainer(
  container: Container,
  current: RuntimeContainerStatus,
  pod: Pod,
  status: PodRuntimeStatus,
  gates: PodActionsGates,
): InitContainerStep {
  const podRestarts = pod.spec.restartPolicy !== 'Never';
  switch (current.state) {
    case 'created':
      // Create and start are one step, so the runtime failed to start it: do not get stuck.
      return { start: true };
    case 'running':
      return {};
    case 'exited': {
      if (!isInitContainerFailed(current)) {
        return { isInitialized: true };
      }
      const restarts = gates.ContainerRestartRules
        ? shouldContainerBeRestarted(container, pod, status, gates)
        : podRestarts;
      return restarts ? { start: true } : { failsPod: true };
    }
    case 'unknown': {
      // It may not have exited, so there is no exit code for rules to look at.
      const policy = gates.ContainerRestartRules ? container.restartPolicy : undefined;
      const restarts = policy === undefined ? podRestarts : policy !== 'Never';
      return restarts ? { start: true, kill: killUnknown('Init container', current) } : { failsPod: true };
    }
  }
}

function computeSidecar(
  container: Container,
  current: RuntimeContainerStatus,
  probes: ProbeResults,
): InitContainerStep {
  if (current.state === 'unknown') {
    return { start: true, kill: killUnknown('Init container', current) };
  }
  if (current.state !== 'running') {
    return { start: true };
  }
  const kill = (what: string, reason?: KillReason): ContainerToKill => ({
    id: current.id,
    name: container.name,
    message: `Init container ${container.name} ${what}`,
    reason,
  });
  if (container.startupProbe !== undefined) {
    const startup = probes.startup(current.id);
    if (startup !== 'Success') {
      return startup === 'Failure' ? { start: true, kill: kill('failed startup probe', 'StartupProbe') } : {};
    }
  }
  if (current.image !== container.image) {
    return { isInitialized: true, start: true, kill: kill('definition changed') };
  }
  if (container.livenessProbe !== undefined && probes.liveness(current.id) === 'Failure') {
    return { isInitialized: true, start: true, kill: kill('failed liveness probe', 'LivenessProbe') };
  }
  return { isInitialized: true };
}

/**
 * As isInitContainerFailed (k8s 1.37 pkg/kubelet/kuberuntime/helpers.go): killed for memory is failed, whatever the
 * code.
 */
const isInitContainerFailed = (container: RuntimeContainerStatus): boolean =>
  container.reason === 'OOMKilled' ||
  container.state === 'unknown' ||
  (container.state === 'exited' && (container.exitCode ?? 0) !== 0);

interface NextInitContainer {
  readonly isDone: boolean;
  /** Index of the one to start, if any may start now. */
  readonly next?: number;
  /** The instance that failed and would be replaced. */
  readonly failed?: RuntimeContainerStatus;
}

/** Before sidecars: k8s 1.23 pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions. */
function computeWithoutSidecars(pod: Pod, status: PodRuntimeStatus, actions: PodActions): boolean {
  const { isDone, next, failed } = findNextInitContainerToRun(pod, status);
  if (isDone || next === undefined) {
    return isDone;
  }
  if (failed !== undefined && pod.spec.restartPolicy === 'Never') {
    actions.killPod = true;
    return false;
  }
  if (failed?.state === 'unknown') {
    actions.containersToKill.push(killUnknown('Init container', failed));
  }
  actions.initContainersToStart = [next];
  return false;
}

/** As findNextInitContainerToRun (k8s 1.23 pkg/kubelet/kuberuntime/kuberuntime_container.go). */
export function findNextInitContainerToRun(pod: Pod, status: PodRuntimeStatus): NextInitContainer {
  const initContainers = pod.spec.initContainers ?? [];
  const hasRunning = pod.spec.containers.some(({ name }) => findContainer(status, name)?.state === 'running');
  if (initContainers.length === 0 || hasRunning) {
    return { isDone: true };
  }
  const instances = initContainers.map(({ name }) => findContainer(status, name));
  const failedAt = instances.findLastIndex((instance) => instance !== undefined && isInitContainerFailed(instance));
  if (failedAt >= 0) {
    return { isDone: false, next: failedAt, failed: instances[failedAt]! };
  }
  const lastAt = instances.findLastIndex((instance) => instance?.state === 'running' || instance?.state === 'exited');
  if (lastAt < 0) {
    return { isDone: false, next: 0 };
  }
  if (instances[lastAt]!.state === 'running') {
    return { isDone: false };
  }
  return lastAt === initContainers.length - 1 ? { isDone: true } : { isDone: false, next: lastAt + 1 };
}
