import { isSameValue } from '../../api/equality.js';
import {
  type Container,
  type ContainerState,
  type ContainerStateTerminated,
  type ContainerStatus,
  isRestartableInitContainer,
  type Pod,
} from '../../api/index.js';
import type { RuntimeContainer, RuntimePod } from '../../world/index.js';
import {
  hasAnyActiveRegularContainer,
  type PodActionsGates,
  shouldContainerBeRestarted,
} from '../pod-actions/index.js';
import type { StartFailure } from '../sync-pod/sync-results.js';
import { fullContainerStatus } from './full-status.js';
import { withWholeSeconds } from './whole-seconds.js';

export interface ContainerStatusGates extends PodActionsGates {
  readonly InPlacePodVerticalScaling: boolean;
  /** Gate: false [37] keeps `started` of containers that ran before the kubelet did. */
  readonly ChangeContainerStatusOnKubeletRestart: boolean;
}

export interface ContainerStatusInput {
  readonly pod: Pod;
  /** What the runtime holds, newest instance first. */
  readonly runtime: Pick<RuntimePod, 'sandboxes' | 'containers'>;
  /** All containers of the pod are being restarted. */
  readonly isRestartingAll: boolean;
  /** Why the last sync did not start a container. */
  failureOf(container: string): StartFailure | undefined;
}

const UNKNOWN_EXIT_CODE = 137;
const RESTARTING_ALL = 'RestartingAllContainers';

/**
 * Statuses of init or regular containers, without `started` and `ready`, which probes tell. As convertToAPIContainerStatuses
 * (k8s 1.37 and 1.23 pkg/kubelet/kubelet_pods.go). A status that says what the old one said is the old one.
 */
export function containerStatuses(
  input: ContainerStatusInput,
  containers: readonly Container[],
  isInit: boolean,
  old: readonly ContainerStatus[] | undefined,
  gates: ContainerStatusGates,
): readonly ContainerStatus[] {
  const statuses = containers.map((container) => {
    const before = old?.find(({ name }) => name === container.name);
    const instances = input.runtime.containers.filter(({ name }) => name === container.name);
    const shown =
      instances.length === 0
        ? statusWithoutInstance(input, container, before, gates)
        : statusOfInstances(container, instances, before, gates);
    const status = withWaitingReason(input, container, isInit, instances[0], shown, gates);
    if (before === undefined) {
      return status;
    }
    const probed = { ...status, ready: before.ready, started: before.started };
    return isSameValue(probed, before) ? before : status;
  });
  return isInit ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a status says of a container that nothing is known of yet. */
const waiting = ({ pod }: ContainerStatusInput): ContainerState => ({
  waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' },
});

/** The runtime shows no instance: not yet, or no longer. */
function statusWithoutInstance(
  input: ContainerStatusInput,
  container: Container,
  before: ContainerStatus | undefined,
  gates: ContainerStatusGates,
): ContainerStatus {
  const fresh = fullContainerStatus({
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: false,
    restartCount: before?.restartCount ?? 0,
    state: waiting(input),
    lastState: before?.lastState,
  });
  if (before === undefined) {
    return fresh;
  }
  if (gates.RestartAllContainersOnContainerExits && input.isRestartingAll && before.state?.waiting === undefined) {
    const message = 'The container is removed because RestartAllContainers in place';
    return {
      ...(before.state?.terminated === undefined ? fresh : before),
      state: { waiting: { reason: RESTARTING_ALL, message } },
      lastState: { terminated: { reason: RESTARTING_ALL, message, exitCode: UNKNOWN_EXIT_CODE } },
      restartCount: before.restartCount + 1,
    };
  }
  if (before.state?.terminated !== undefined) {
    return before;
  }
  if (before.state?.running === undefined || before.lastState?.terminated !== undefined) {
    return fresh;
  }
  const message = 'The container could not be located when the pod was deleted.  The container used to be Running';
  return {
    ...fresh,
    lastState: { terminated: { reason: 'ContainerStatusUnknown', message, exitCode: UNKNOWN_EXIT_CODE } },
    // A pod on its way out does not restart: its count stays.
    restartCount: before.restartCount + (input.pod.metadata.deletionTimestamp === undefined ? 1 : 0),
  };
}

function statusOfInstances(
  container: Container,
  [newest, previous]: readonly RuntimeContainer[],
  before: ContainerStatus | undefined,
  gates: ContainerStatusGates,
): ContainerStatus {
  const instance = newest as RuntimeContainer;
  const state = stateOf(instance);
  const lastState =
    previous !== undefined
      ? stateOf(previous)
      : gates.RestartAllContainersOnContainerExits
        ? carriedLastState(instance, before)
        : undefined;
  const resources = gates.InPlacePodVerticalScaling ? container.resources : undefined;
  return fullContainerStatus({
    allocatedResources: resources?.requests,
    containerID: containerId(instance),
    image: instance.image,
    imageID: instance.imageRef,
    lastState,
    name: container.name,
    ready: false,
    resources,
    restartCount: restartCount(instance, before, gates),
    started: keepsStarted(instance, gates) ? before?.started : undefined,
    state,
    volumeMounts: before?.volumeMounts,
  });
}

function restartCount(
  instance: RuntimeContainer,
  before: ContainerStatus | undefined,
  { RestartAllContainersOnContainerExits: mayRestartAll }: ContainerStatusGates,
): number {
  if (!mayRestartAll || before === undefined) {
    return instance.restartCount;
  }
  // The runtime forgets what was removed for a restart of all containers; the status does not.
  const wasRestarted =
    instance.state === 'running' &&
    before.state?.terminated !== undefined &&
    before.restartCount >= instance.restartCount;
  return wasRestarted ? before.restartCount + 1 : Math.max(instance.restartCount, before.restartCount);
}

function carriedLastState(instance: RuntimeContainer, before: ContainerStatus | undefined): ContainerState | undefined {
  const isAnother = before?.containerID !== containerId(instance);
  const terminated = (isAnother ? before?.state?.terminated : undefined) ?? before?.lastState?.terminated;
  return terminated && { terminated };
}

const keepsStarted = (instance: RuntimeContainer, gates: ContainerStatusGates): boolean =>
  !gates.ChangeContainerStatusOnKubeletRestart && instance.state === 'running';

export const containerId = ({ id }: RuntimeContainer): string => `containerd://${id}`;

function stateOf(instance: RuntimeContainer): ContainerState {
  switch (instance.state) {
    case 'created':
      return { waiting: {} };
    case 'running':
      return { running: { startedAt: withWholeSeconds(instance.startedAt) } };
    case 'exited': {
      const terminated: ContainerStateTerminated = {
        containerID: containerId(instance),
        exitCode: instance.exitCode ?? 0,
        finishedAt: withWholeSeconds(instance.finishedAt),
        reason: instance.reason,
        startedAt: withWholeSeconds(instance.startedAt),
      };
      return { terminated };
    }
  }
}

/** A container that is to run and does not: why the last sync could not start it. */
function withWaitingReason(
  input: ContainerStatusInput,
  container: Container,
  isInit: boolean,
  newest: RuntimeContainer | undefined,
  status: ContainerStatus,
  gates: ContainerStatusGates,
): ContainerStatus {
  const { pod, runtime } = input;
  if (isInit) {
    if (newest?.state === 'exited' && newest.exitCode === 0) {
      return status;
    }
    const isPast =
      gates.SidecarContainers &&
      newest === undefined &&
      !isRestartableInitContainer(container) &&
      status.state?.waiting !== undefined &&
      hasAnyActiveRegularContainer(pod, runtime);
    if (isPast) {
      const message =
        'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally';
      return { ...status, state: { terminated: { reason: 'Completed', message, exitCode: 0 } } };
    }
  }
  const failure = shouldContainerBeRestarted(container, pod, runtime, gates)
    ? input.failureOf(container.name)
    : undefined;
  if (failure === undefined) {
    return status;
  }
  const { reason, message } = failure;
  const lastState = status.state?.terminated === undefined ? status.lastState : status.state;
  return { ...status, lastState, state: { waiting: { reason, message } } };
}
