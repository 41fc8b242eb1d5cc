import { parseDuration } from '../../engine/time/duration.js';
import type { Micros } from '../../engine/time/micros.js';
import {
  controllerOf,
  coversPod,
  isBeingDeleted,
  isDaemonSetPod,
  isMirrorPod,
  isNodeReady,
  isPodTerminal,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  podCondition,
  semanticallyEqual,
  type Taint,
} from '../api/index.js';
import { asksForGpu, isLongTerminating } from './utilization.js';

/** utils/taints/taints.go */
export const TO_BE_DELETED_TAINT = 'ToBeDeletedByClusterAutoscaler';
export const DELETION_CANDIDATE_TAINT = 'DeletionCandidateOfClusterAutoscaler';
const POD_SCALE_UP_DELAY = 'cluster-autoscaler.kubernetes.io/pod-scale-up-delay';
const SCALE_DOWN_DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const SAFE_LOCAL_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

/** Ready, and no taint says that it is not yet. As GetReadinessState (utils/kubernetes/ready.go). */
export const isReady = (node: Node): boolean =>
  isNodeReady(node) && !node.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');

/** Below --expendable-pods-priority-cutoff: such a pod makes nothing grow, keeps no node and takes no room. */
export const isExpendable = (pod: Pod, cutoff: number): boolean =>
  pod.spec.priority !== undefined && pod.spec.priority < cutoff;

/** Waits for a node because the scheduler found none; the pods that may make the cluster grow. */
export function needsHelp(pod: Pod, cutoff: number): boolean {
  const scheduled = podCondition(pod, 'PodScheduled');
  const isUnschedulable = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  const isWaiting = !pod.spec.nodeName && !isBeingDeleted(pod) && !isPodTerminal(pod);
  return isUnschedulable && isWaiting && !isDaemonSetPod(pod) && !isExpendable(pod, cutoff);
}

/** Whether the pod waits for as long as it has to: the flag's delay, or the longer one of its annotation. As filterOutYoungPods. */
export function isOldEnough({ metadata }: Pod, now: Micros, newPodScaleUpDelay: Micros): boolean {
  const own = readDuration(metadata.annotations?.[POD_SCALE_UP_DELAY]);
  const delay = own === undefined || own < newPodScaleUpDelay ? newPodScaleUpDelay : own;
  return now - (metadata.creationTimestamp ?? 0) > delay;
}

function readDuration(text: string | undefined): Micros | undefined {
  try {
    return text === undefined ? undefined : parseDuration(text);
  } catch {
    return undefined;
  }
}

export interface PodTimeBuffers {
  readonly unschedulablePodTimeBuffer: Micros;
  readonly unschedulablePodWithGpuTimeBuffer: Micros;
}

/** Whether more pods are likely to come, so that a pass had better wait for the next one. As allPodsAreNew. */
export function areAllNew(pods: readonly Pod[], now: Micros, buffers: PodTimeBuffers): boolean {
  const isNew = (some: readonly Pod[], buffer: Micros): boolean =>
    some.length > 0 && Math.min(...some.map(({ metadata }) => metadata.creationTimestamp ?? 0)) + buffer > now;
  return (
    isNew(pods, buffers.unschedulablePodTimeBuffer) ||
    isNew(pods.filter(asksForGpu), buffers.unschedulablePodWithGpuTimeBuffer)
  );
}

/**
 * Pods of one controller with the same labels and spec go together; a pod without a controller alone. As BuildPodGroups (autoscaler
 * cluster-autoscaler/core/scaleup/equivalence/groups.go).
 */
export function equivalenceGroups(pods: readonly Pod[]): readonly (readonly Pod[])[] {
  const groups: Pod[][] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod)?.uid;
    const known = groups.find(
      ([first]) =>
        owner !== undefined && first !== undefined && controllerOf(first)?.uid === owner && isAlike(first, pod),
    );
    if (known === undefined) {
      groups.push([pod]);
    } else {
      known.push(pod);
    }
  }
  return groups;
}

const isAlike = (a: Pod, b: Pod): boolean =>
  semanticallyEqual(a.metadata.labels, b.metadata.labels) && semanticallyEqual(a.spec, b.spec);

export const hasTaintOf = ({ spec }: Node, taint: string): boolean =>
  spec.taints?.some(({ key }) => key === taint) ?? false;

export const withoutTaint = (node: Node, taint: string): Node => ({
  ...node,
  spec: { ...node.spec, taints: (node.spec.taints ?? []).filter(({ key }) => key !== taint) },
});

/** With this taint at the end, in the place of another of its key. */
export function withTaint(node: Node, taint: Taint): Node {
  const { spec, ...rest } = withoutTaint(node, taint.key);
  return { ...rest, spec: { ...spec, taints: [...(spec.taints ?? []), taint] } };
}

/** Marked for being removed, by whoever did it. */
export const isBeingRemoved = (node: Node): boolean => hasTaintOf(node, TO_BE_DELETED_TAINT);

export const isKeptByUser = ({ metadata }: Node): boolean => metadata.annotations?.[SCALE_DOWN_DISABLED] === 'true';

export interface DrainRules {
  readonly skipsSystemPods: boolean;
  readonly skipsLocalStorage: boolean;
  readonly skipsCustomControllerPods: boolean;
  readonly minReplicaCount: number;
  readonly expendablePodsPriorityCutoff: number;
}

/** What drain rules look up. */
export interface DrainSights {
  readonly now: Micros;
  readonly budgets: readonly PodDisruptionBudget[];
  /** spec.replicas of the pod's controller; undefined when it is not known. */
  replicasOf(pod: Pod): number | undefined;
}

export type Drainability =
  | { readonly isDrainable: true; readonly pods: readonly Pod[]; readonly daemonSetPods: readonly Pod[] }
  | { readonly isDrainable: false; readonly reason: string; readonly pod: Pod };

/**
 * Which pods would have to move if the node went; or which of them keeps it. In the order of the drainability rules (autoscaler
 * cluster-autoscaler/simulator/drainability/rules/rules.go).
 */
export function podsToMove(pods: readonly Pod[], rules: DrainRules, sights: DrainSights): Drainability {
  const moving: Pod[] = [];
  const daemonSetPods: Pod[] = [];
  for (const pod of pods) {
    if (
      isMirrorPod(pod) ||
      isLongTerminating(pod, sights.now) ||
      isPodTerminal(pod) ||
      isExpendable(pod, rules.expendablePodsPriorityCutoff)
    ) {
      continue;
    }
    if (isDaemonSetPod(pod)) {
      daemonSetPods.push(pod);
      continue;
    }
    const reason = blockingReason(pod, rules, sights);
    if (reason !== undefined) {
      return { isDrainable: false, reason, pod };
    }
    moving.push(pod);
  }
  const exhausted = sights.budgets.find((budget) => isExhausted(budget, moving));
  const held = exhausted && moving.find((pod) => coversPod(exhausted, pod));
  return held === undefined
    ? { isDrainable: true, pods: moving, daemonSetPods }
    : { isDrainable: false, reason: 'not enough pod disruption budget', pod: held };
}

/** simulator/drainability/rules/replicated/rule.go */
const REPLICATED_KINDS = new Set(['ReplicationController', 'Job', 'ReplicaSet', 'StatefulSet']);

function blockingReason(pod: Pod, rules: DrainRules, sights: DrainSights): string | undefined {
  const safe = pod.metadata.annotations?.[SAFE_TO_EVICT];
  if (safe === 'true') {
    return undefined;
  }
  if (safe === 'false') {
    return 'pod annotated as not safe to evict';
  }
  const kind = controllerOf(pod)?.kind;
  if (kind === undefined || (rules.skipsCustomControllerPods && !REPLICATED_KINDS.has(kind))) {
    return 'pod is not replicated';
  }
  const replicas = sights.replicasOf(pod);
  if (replicas !== undefined && replicas < rules.minReplicaCount) {
    return 'controller has too few replicas';
  }
  if (
    rules.skipsSystemPods &&
    pod.metadata.namespace === 'kube-system' &&
    !sights.budgets.some((each) => coversPod(each, pod))
  ) {
    return 'kube-system pod without a pod disruption budget';
  }
  return rules.skipsLocalStorage && hasLocalStorage(pod) ? 'pod uses local storage' : undefined;
}

function hasLocalStorage(pod: Pod): boolean {
  const safe = (pod.metadata.annotations?.[SAFE_LOCAL_VOLUMES] ?? '').split(',');
  return (pod.spec.volumes ?? []).some(
    ({ name, hostPath, emptyDir }) =>
      (hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== 'Memory')) && !safe.includes(name),
  );
}

const isExhausted = (budget: PodDisruptionBudget, pods: readonly Pod[]): boolean =>
  pods.filter((pod) => coversPod(budget, pod)).length > (budget.status?.disruptionsAllowed ?? 0);

/** Whether too many nodes are unready for anything to be decided. As IsClusterHealthy (clusterstate). */
export const isTooUnready = (unready: number, all: number, okCount: number, maxPercentage: number): boolean =>
  unready > okCount && unready * 100 > maxPercentage * all;

/** A group that failed to grow waits, twice as long each time. As exponentialBackoff (utils/backoff). */
export interface Backoff {
  readonly duration: Micros;
  readonly until: Micros;
  readonly failedAt: Micros;
}

export function backedOff(
  before: Backoff | undefined,
  now: Micros,
  { initialBackoff, maxBackoff, backoffReset }: { initialBackoff: Micros; maxBackoff: Micros; backoffReset: Micros },
): Backoff {
  const isForgotten = before === undefined || now - before.failedAt > backoffReset;
  const duration = isForgotten ? initialBackoff : Math.min(maxBackoff, before.duration * 2);
  return { duration, until: now + duration, failedAt: now };
}
