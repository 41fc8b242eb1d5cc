import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/index.js';
import { containersReadyCondition, type PodPhase, readyCondition } from '../pod-status/index.js';

/** The status once a container became ready or not; undefined when nothing changes (SetContainerReadiness, k8s 1.37). */
export function withContainerReadiness(
  pod: Pod,
  status: PodStatus,
  containerId: string,
  ready: boolean,
): PodStatus | undefined {
  const changed = withContainer(status, containerId, (container) =>
    container.ready === ready ? container : { ...container, ready },
  );
  if (changed === undefined) {
    return undefined;
  }
  const input = { ...changed, pod, phase: changed.phase as PodPhase };
  const containersReady = containersReadyCondition(input);
  const podReady = readyCondition(input, changed.conditions, containersReady);
  const conditions = changed.conditions?.map((condition) => {
    switch (condition.type) {
      case 'ContainersReady':
        return withGenerationOf(condition, containersReady);
      case 'Ready':
        return withGenerationOf(condition, podReady);
      default:
        return condition;
    }
  });
  return { ...changed, conditions };
}

const withGenerationOf = (before: PodCondition, { type, status, reason, message }: PodCondition): PodCondition => ({
  type,
  status,
  observedGeneration: before.observedGeneration,
  reason,
  message,
});

/** The status once a container has started by its probe, or not (SetContainerStartup). */
export const withContainerStartup = (status: PodStatus, containerId: string, started: boolean): PodStatus | undefined =>
  withContainer(status, containerId, (container) =>
    container.started === started ? container : { ...container, started },
  );

/** Changes one container's status, regular or init; undefined when it is not there or stays as it is. */
function withContainer(
  status: PodStatus,
  containerId: string,
  change: (container: ContainerStatus) => ContainerStatus,
): PodStatus | undefined {
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
    const containers = status[list];
    const at = containers?.findIndex((container) => container.containerID === containerId) ?? -1;
    const before = containers?.[at];
    if (containers !== undefined && before !== undefined) {
      const after = change(before);
      return after === before ? undefined : { ...status, [list]: containers.with(at, after) };
    }
  }
  return undefined;
}
