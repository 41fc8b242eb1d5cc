import { type Micros, type Seconds, seconds } from '../../engine/time/micros.js';
import { conditionOf } from './conditions.js';
import type { Container, ContainerStatus, Pod, PodCondition } from './generated/types.js';
import { controllerOf } from './object.js';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export const podCondition = (pod: Pod, type: string): PodCondition | undefined =>
  conditionOf(pod.status?.conditions, type);

/** Condition Ready is True. As podutil.IsPodReady (pkg/api/v1/pod). */
export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True';

/** Since when the pod could be called available, or undefined while it is not ready. */
export function availableFrom(pod: Pod, minReadySeconds: Seconds = 0): Micros | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') {
    return undefined;
  }
  if (minReadySeconds === 0) {
    return ready.lastTransitionTime ?? Number.NEGATIVE_INFINITY;
  }
  return ready.lastTransitionTime === undefined ? undefined : ready.lastTransitionTime + seconds(minReadySeconds);
}

/** Ready for minReadySeconds at least. As podutil.IsPodAvailable. */
export function isPodAvailable(pod: Pod, minReadySeconds: Seconds, now: Micros): boolean {
  if (minReadySeconds === 0) {
    return isPodReady(pod);
  }
  const from = availableFrom(pod, minReadySeconds);
  return from !== undefined && from <= now;
}

/** Phase Succeeded or Failed: it will never run again. As podutil.IsPodTerminal. */
export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Deletion was asked for; the pod may still run. As podutil.IsPodTerminating: terminal pods are past that. */
export const isPodTerminating = (pod: Pod): boolean => !isPodTerminal(pod) && isBeingDeleted(pod);

export const isBeingDeleted = (object: Pick<Pod, 'metadata'>): boolean =>
  object.metadata.deletionTimestamp !== undefined;

/** Run by a DaemonSet: it comes and goes with its node. */
export const isDaemonSetPod = (pod: Pod): boolean => controllerOf(pod)?.kind === 'DaemonSet';

/** Neither terminal nor being deleted: counts as a replica. As controller.IsPodActive (pkg/controller). */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !isBeingDeleted(pod);

/** Regular and init containers, in the order of the spec: init containers first, as they run. */
export const allContainers = (pod: Pick<Pod, 'spec'>): readonly Container[] => [
  ...(pod.spec.initContainers ?? []),
  ...pod.spec.containers,
];

export const containerStatusOf = (pod: Pod, name: string): ContainerStatus | undefined =>
  pod.status?.containerStatuses?.find((status) => status.name === name) ??
  pod.status?.initContainerStatuses?.find((status) => status.name === name);
