import { type Micros, seconds } from '../../engine/time/micros.js';
import {
  controllerOf,
  coversPod,
  isBeingDeleted,
  isDaemonSetPod,
  isMirrorPod,
  isPodActive,
  isPodTerminal,
  isPodTerminating,
  isTolerated,
  milliValueOf,
  type NodeClaim,
  type Pod,
  type PodDisruptionBudget,
  podCondition,
  requestsOfPod,
} from '../api/index.js';
import { DISRUPTED_TAINT, DO_NOT_DISRUPT } from './labels.js';
import { DEFAULT_EXPIRE_AFTER, nillable } from './node-pools.js';

/** Waits because the scheduler found no node, and a new one may help. As IsProvisionable (karpenter pkg/utils/pod/scheduling.go). */
export function isProvisionable(pod: Pod): boolean {
  const scheduled = podCondition(pod, 'PodScheduled');
  const isRefused = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  const isPreempting = Boolean(pod.status?.nominatedNodeName);
  return isRefused && !pod.spec.nodeName && !isPreempting && isPodActive(pod) && !isBoundToNode(pod);
}

/** Belongs to its node: nobody moves it. */
const isBoundToNode = (pod: Pod): boolean => isDaemonSetPod(pod) || isMirrorPod(pod);

/** Needs a place elsewhere when its node goes; a StatefulSet's also while it leaves, for its successor. As IsReschedulable. */
export const isReschedulable = (pod: Pod): boolean =>
  (isPodActive(pod) || (isPodTerminating(pod) && controllerOf(pod)?.kind === 'StatefulSet')) && !isBoundToNode(pod);

export const mayNotBeDisrupted = ({ metadata }: Pick<Pod, 'metadata'>): boolean =>
  metadata.annotations?.[DO_NOT_DISRUPT] === 'true';

/** As IsEvictable: what tolerates the taint of the node's end stays to its end. */
export const isEvictable = (pod: Pod): boolean =>
  isPodActive(pod) &&
  !isTolerated(DISRUPTED_TAINT, pod.spec.tolerations) &&
  !isMirrorPod(pod) &&
  !mayNotBeDisrupted(pod);

/** Should have been gone a minute ago. As IsStuckTerminating. */
const isStuck = ({ metadata }: Pod, now: Micros): boolean =>
  metadata.deletionTimestamp !== undefined && now > metadata.deletionTimestamp + STUCK_AFTER;

const STUCK_AFTER: Micros = seconds(60);

/** Has to be gone before the machine may go. As IsDrainable and IsWaitingEviction. */
export const holdsDrain = (pod: Pod, now: Micros): boolean =>
  !isPodTerminal(pod) && !isTolerated(DISRUPTED_TAINT, pod.spec.tolerations) && !isMirrorPod(pod) && !isStuck(pod, now);

const isCritical = ({ spec }: Pod): boolean =>
  spec.priorityClassName === 'system-cluster-critical' || spec.priorityClassName === 'system-node-critical';

/** Those that go next: daemons after the others, critical ones last. As groupPodsByPriority (node/termination/terminator). */
export function drainGroup(pods: readonly Pod[]): readonly Pod[] {
  const rank = (pod: Pod): number => (isCritical(pod) ? 2 : 0) + (isDaemonSetPod(pod) ? 1 : 0);
  const first = Math.min(...pods.map(rank));
  return pods.filter((pod) => rank(pod) === first);
}

/** Why the node's pods may not be disrupted now; undefined when they may. As ValidatePodsDisruptable (controllers/state). */
export function disruptionObstacle(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): string | undefined {
  const active = pods.filter(isPodActive);
  const guarded = active.find(mayNotBeDisrupted);
  if (guarded !== undefined) {
    return `pod has "${DO_NOT_DISRUPT}" annotation`;
  }
  for (const pod of active.filter(isEvictable)) {
    const covering = budgets.filter((budget) => coversPod(budget, pod));
    if (covering.length > 1) {
      return 'eviction does not support multiple PDBs';
    }
    const [budget] = covering;
    if (budget !== undefined && (budget.status?.disruptionsAllowed ?? 0) === 0) {
      return `pdb prevents pod evictions (PodDisruptionBudget=[${budget.metadata.namespace}/${budget.metadata.name}])`;
    }
  }
  return undefined;
}

const clamp = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value));

/** As EvictionCost (pkg/utils/disruption/disruption.go). */
export function evictionCost({ metadata, spec }: Pod): number {
  const deletionCost = Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
  const byAnnotation = Number.isFinite(deletionCost) ? deletionCost / 2 ** 27 : 0;
  return clamp(-10, 1 + byAnnotation + (spec.priority ?? 0) / 2 ** 25, 10);
}

export const expireAfterOf = ({ spec }: NodeClaim): Micros | undefined =>
  nillable(spec.expireAfter ?? DEFAULT_EXPIRE_AFTER);

/** What disrupting a node costs: the cost of its pods, less for one that expires soon. As ReschedulingCost, LifetimeRemaining. */
export function disruptionCost(claim: NodeClaim, pods: readonly Pod[], now: Micros): number {
  const expireAfter = expireAfterOf(claim);
  const age = now - (claim.metadata.creationTimestamp ?? now);
  const remaining = expireAfter === undefined ? 1 : clamp(0, (expireAfter - age) / expireAfter, 1);
  return pods.reduce((sum, pod) => sum + evictionCost(pod), 0) * remaining;
}

/** Large ones first, by CPU, then memory, then age. As byCPUAndMemoryDescending (provisioning/scheduling/queue.go). */
export function inOrderOfPacking(pods: readonly Pod[]): readonly Pod[] {
  const amount = (pod: Pod, resource: string): number => milliValueOf(requestsOfPod(pod.spec)[resource] ?? '0');
  return pods.toSorted(
    (a, b) =>
      amount(b, 'cpu') - amount(a, 'cpu') ||
      amount(b, 'memory') - amount(a, 'memory') ||
      (a.metadata.creationTimestamp ?? 0) - (b.metadata.creationTimestamp ?? 0) ||
      ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1),
  );
}

/** Whether the change of a pod is one that consolidation waits after: bound, ended, or asked to go. As podevents Register. */
export function isPodEvent(pod: Pod, before: Pod): boolean {
  const isBound = !before.spec.nodeName && Boolean(pod.spec.nodeName);
  const hasEnded = !isPodTerminal(before) && isPodTerminal(pod);
  const isLeaving = !isBeingDeleted(before) && isBeingDeleted(pod);
  return !isDaemonSetPod(pod) && (isBound || hasEnded || isLeaving);
}
