import type { ContainerStatus, PodStatus } from '../../api/index.js';

/** What the status manager knows, not who made the status. */
type StatusManagers = 'conditions' | 'observedGeneration' | 'startTime';

/**
 * A pod's status with every field that the kubelet ever sets, always in this order; what is not said is undefined. A copy of such an
 * object that only replaces fields stays of one kind to the engine, which keeps all that reads statuses fast.
 */
export const fullStatus = (
  status: PodStatus,
  { conditions, observedGeneration, startTime }: Pick<PodStatus, StatusManagers> = status,
): PodStatus => ({
  conditions,
  containerStatuses: status.containerStatuses,
  ephemeralContainerStatuses: status.ephemeralContainerStatuses,
  hostIP: status.hostIP,
  hostIPs: status.hostIPs,
  initContainerStatuses: status.initContainerStatuses,
  message: status.message,
  observedGeneration,
  phase: status.phase,
  podIP: status.podIP,
  podIPs: status.podIPs,
  qosClass: status.qosClass,
  reason: status.reason,
  startTime,
});

/** The same for one container. */
export const fullContainerStatus = (status: ContainerStatus): ContainerStatus => ({
  allocatedResources: status.allocatedResources,
  containerID: status.containerID,
  image: status.image,
  imageID: status.imageID,
  lastState: status.lastState,
  name: status.name,
  ready: status.ready,
  resources: status.resources,
  restartCount: status.restartCount,
  started: status.started,
  state: status.state,
  volumeMounts: status.volumeMounts,
});
