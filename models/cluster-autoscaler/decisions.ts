import type { Micros } from '../../engine/time/micros.js';
import {
  controllerOf,
  coversPod,
  isBeingDeleted,
  isDaemonSetPod,
  isMirrorPod,
  isNodeReady,
  isPodTerminal,
  milliValueOf,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  podCondition,
  requestsOfPod,
  semanticallyEqual,
  valueOf,
} from '../api/index.js';

export const TO_BE_DELETED_TAINT = 'ToBeDeletedByClusterAutoscaler';
const SCALE_DOWN_DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const SAFE_LOCAL_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

/** Ready, and no taint says that it is not yet. As GetReadinessState (utils/kubernetes/ready.go). */
export const isReady = (node: Node): boolean =>
  isNodeReady(node) && !node.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');

const isExpendable = (pod: Pod, cutoff: number): boolean =>
  pod.spec.priority !== undefined && pod.spec.priority < cutoff;

/** Waits for a node because the scheduler found none; the pods that may make the cluster grow. */
export function needsHelp(pod: Pod, cutoff: number): boolean {
  const scheduled = podCondition(pod, 'PodScheduled');
  const isUnschedulable = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  const isWaiting = !pod.spec.nodeName && !isBeingDeleted(pod) && !isPodTerminal(pod);
  return isUnschedulable && isWaiting && !isDaemonSetPod(pod) && !isExpendable(pod, cutoff);
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

/** Share of a node that its pods ask for: the larger of CPU and memory. As utilization.Calculate (simulator/utilization). */
export function utilization(node: Node, pods: readonly Pod[], ignoresDaemonSets: boolean): number {
  const counted = pods.filter((pod) => !(ignoresDaemonSets && isDaemonSetPod(pod)) && !isPodTerminal(pod));
  const { allocatable } = node.status ?? {};
  const cpu = share(
    counted,
    (pod) => milliValueOf(requestsOfPod(pod.spec).cpu ?? '0'),
    milliValueOf(allocatable?.cpu ?? '0'),
  );
  const memory = share(
    counted,
    (pod) => valueOf(requestsOfPod(pod.spec).memory ?? '0'),
    valueOf(allocatable?.memory ?? '0'),
  );
  return Math.max(cpu, memory);
}

const share = (pods: readonly Pod[], amount: (pod: Pod) => number, whole: number): number =>
  whole === 0 ? 0 : pods.reduce((sum, pod) => sum + amount(pod), 0) / whole;

/** How much of a node a pod takes, CPU and memory added up: large pods are packed first. As DecreasingPodOrderer (estimator). */
export function packingScore(pod: Pod, node: Node): number {
  const requests = requestsOfPod(pod.spec);
  const { allocatable } = node.status ?? {};
  const [cpu, memory] = [milliValueOf(allocatable?.cpu ?? '0'), valueOf(allocatable?.memory ?? '0')];
  return (
    (cpu > 0 ? milliValueOf(requests.cpu ?? '0') / cpu : 0) +
    (memory > 0 ? valueOf(requests.memory ?? '0') / memory : 0)
  );
}

/** Share of CPU plus share of memory that so many new nodes would leave unused. As leastwaste.BestOptions (expander/waste). */
export function waste(node: Node, count: number, pods: readonly Pod[]): number {
  const { allocatable } = node.status ?? {};
  const unused = (whole: number, used: number): number => (whole === 0 ? 0 : (whole * count - used) / (whole * count));
  const sum = (amount: (pod: Pod) => number): number => pods.reduce((total, pod) => total + amount(pod), 0);
  return (
    unused(
      milliValueOf(allocatable?.cpu ?? '0'),
      sum((pod) => milliValueOf(requestsOfPod(pod.spec).cpu ?? '0')),
    ) +
    unused(
      valueOf(allocatable?.memory ?? '0'),
      sum((pod) => valueOf(requestsOfPod(pod.spec).memory ?? '0')),
    )
  );
}

export const isKeptByUser = ({ metadata }: Node): boolean => metadata.annotations?.[SCALE_DOWN_DISABLED] === 'true';

export interface DrainRules {
  readonly skipsSystemPods: boolean;
  readonly skipsLocalStorage: boolean;
  readonly minReplicaCount: number;
  readonly expendablePodsPriorityCutoff: number;
}

/** What drain rules look up. */
export interface DrainSights {
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
      isBeingDeleted(pod) ||
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

function blockingReason(pod: Pod, rules: DrainRules, sights: DrainSights): string | undefined {
  const safe = pod.metadata.annotations?.[SAFE_TO_EVICT];
  if (safe === 'true') {
    return undefined;
  }
  if (safe === 'false') {
    return 'pod annotated as not safe to evict';
  }
  if (controllerOf(pod) === undefined) {
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
