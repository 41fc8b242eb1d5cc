import {
  allContainers,
  asksToRestartAllContainers,
  type Container,
  type ContainerStatus,
  containerShouldRestart,
  type Pod,
  type PodSpec,
  type PodStatus,
  type RestartPolicyGates,
} from '../../api/index.js';
import type { ContainerToReset } from './actions.js';
import { findContainer, type PodRuntimeStatus } from './runtime-status.js';

/** As ShouldContainerBeRestarted (k8s 1.37 pkg/kubelet/container/helpers.go). */
export function shouldContainerBeRestarted(
  container: Container,
  pod: Pod,
  status: PodRuntimeStatus,
  gates: RestartPolicyGates,
): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) {
    return false;
  }
  const current = findContainer(status, container.name);
  if (current === undefined) {
    return true;
  }
  return current.state === 'exited'
    ? containerShouldRestart(container, pod.spec, current.exitCode ?? 0, gates)
    : current.state !== 'running';
}

/**
 * Whether some container ended in a way that restarts them all, or such a restart is under way by the pod's status. As
 * ShouldAllContainersRestart (k8s 1.37 pkg/kubelet/container/helpers.go): without a runtime status only the API's is
 * looked at.
 */
export function shouldAllContainersRestart(
  pod: Pod,
  status: PodRuntimeStatus | undefined,
  apiStatus: PodStatus | undefined,
): boolean {
  if (apiStatus?.conditions?.some(({ type, status }) => type === 'AllContainersRestarting' && status === 'True')) {
    return true;
  }
  const asks = (container: Container): boolean => {
    if (container.restartPolicyRules === undefined) {
      return false;
    }
    if (status !== undefined) {
      // The runtime's word goes first; if the container has not exited there, the API status is not asked.
      const current = findContainer(status, container.name);
      if (current?.state !== 'exited') {
        return false;
      }
      if (asksToRestartAllContainers(container, current.exitCode ?? 0)) {
        return true;
      }
    }
    const end = apiStatusOf(apiStatus, container.name)?.state?.terminated;
    return end !== undefined && asksToRestartAllContainers(container, end.exitCode);
  };
  return pod.spec.containers.some(asks) || (pod.spec.initContainers?.some(asks) ?? false);
}

/**
 * As AllContainersRestartCleanedUp (k8s 1.37 pkg/kubelet/container/helpers.go): a restart of all containers may begin.
 */
export const allContainersRestartCleanedUp = (pod: Pod, status: PodRuntimeStatus): boolean =>
  allContainers(pod).every(({ name }) => findContainer(status, name) === undefined);

const apiStatusOf = (status: PodStatus | undefined, name: string): ContainerStatus | undefined =>
  status?.containerStatuses?.find((container) => container.name === name) ??
  status?.initContainerStatuses?.find((container) => container.name === name);

/** Every instance goes; containers that asked for the restart last (k8s 1.37 getContainersToReset). */
export function containersToReset(spec: PodSpec, status: PodRuntimeStatus): ContainerToReset[] {
  const regular = split(spec.containers, status);
  const init = split(spec.initContainers ?? [], status);
  return [...regular.targets, ...init.targets, ...regular.sources, ...init.sources];
}

function split(
  containers: readonly Container[],
  status: PodRuntimeStatus,
): { readonly sources: ContainerToReset[]; readonly targets: ContainerToReset[] } {
  const sources: ContainerToReset[] = [];
  const targets: ContainerToReset[] = [];
  for (const container of containers) {
    for (const { id, name, state, exitCode } of status.containers) {
      if (name === container.name) {
        const isSource = state === 'exited' && asksToRestartAllContainers(container, exitCode ?? 0);
        (isSource ? sources : targets).push({ id, name, kill: state !== 'exited' });
      }
    }
  }
  return { sources, targets };
}
