import { type Micros, wholeSecond } from '../../engine/time/micros.js';
import {
  availableFrom,
  compareByProgress,
  compareByRestarts,
  conditionOf,
  isPodActive,
  isPodAvailable,
  isPodReady,
  matchesSet,
  type Pod,
  podCondition,
  type ReplicaSet,
  type ReplicaSetCondition,
  type ReplicaSetStatus,
} from '../api/index.js';

/** Annotation that makes a pod cheaper or dearer to delete than its siblings. */
const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;

/** How the versions differ in ranking pods for deletion; named as the feature gates. */
export interface RankingGates {
  /** Restarts of sidecars decide between pods whose regular containers restarted equally often. */
  readonly SidecarContainers: boolean;
}

/**
 * Which `count` pods go when a ReplicaSet shrinks. `related` are the pods of all ReplicaSets with the same owner, its own
 * included. As getPodsToDelete (pkg/controller/replicaset/replica_set.go): unsorted when all of them go.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: Iterable<Pod>,
  count: number,
  now: Micros,
  gates: RankingGates,
): readonly Pod[] {
  if (count >= pods.length) {
    return pods;
  }
  const onNode = new Map<string, number>();
  for (const pod of related) {
    if (isPodActive(pod)) {
      onNode.set(pod.spec.nodeName ?? '', (onNode.get(pod.spec.nodeName ?? '') ?? 0) + 1);
    }
  }
  const rankOf = (pod: Pod): number => onNode.get(pod.spec.nodeName ?? '') ?? 0;
  const compare = (a: Pod, b: Pod): number =>
    compareByProgress(a, b) ||
    deletionCost(a) - deletionCost(b) ||
    rankOf(b) - rankOf(a) ||
    compareReadyTimes(a, b, now) ||
    compareByRestarts(a, b, gates.SidecarContainers) ||
    compareAges(a.metadata.creationTimestamp, b.metadata.creationTimestamp, a, b, now);
  return sortedAsGo(pods, compare).slice(0, count);
}

/**
 * The order of two ready pods by UID within one bucket of age is not transitive, so the way of sorting shows: Go's sort.Sort
 * inserts when there are twelve elements or fewer. Above that Go partitions, and we leave the order to the engine.
 */
function sortedAsGo<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  const sorted = [...items];
  if (sorted.length > 12) {
    return sorted.sort(compare);
  }
  for (let i = 1; i < sorted.length; i++) {
    for (let j = i; j > 0 && compare(sorted[j] as T, sorted[j - 1] as T) < 0; j--) {
      const moved = sorted[j] as T;
      sorted[j] = sorted[j - 1] as T;
      sorted[j - 1] = moved;
    }
  }
  return sorted;
}

/** As GetDeletionCostFromPodAnnotations (pkg/apis/core/helper): what is not a plain int32 counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[POD_DELETION_COST];
  if (text === undefined || !/^(0|-\d+|[1-9]\d*)$/.test(text)) {
    return 0;
  }
  const cost = Number(text);
  return cost >= MIN_INT32 && cost <= MAX_INT32 ? cost : 0;
}

function compareReadyTimes(a: Pod, b: Pod, now: Micros): number {
  if (!isPodReady(a) || !isPodReady(b)) {
    return 0;
  }
  const readyTime = (pod: Pod): Micros | undefined => podCondition(pod, 'Ready')?.lastTransitionTime;
  return compareAges(readyTime(a), readyTime(b), a, b, now);
}

/** Younger first; ages count in powers of two, within one power the smaller UID goes first. No time counts as youngest. */
function compareAges(timeA: Micros | undefined, timeB: Micros | undefined, a: Pod, b: Pod, now: Micros): number {
  if (timeA === timeB) {
    return 0;
  }
  if (timeA === undefined || timeB === undefined) {
    return timeA === undefined ? -1 : 1;
  }
  return ageBucket(now - timeA) - ageBucket(now - timeB) || ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1);
}

/** As logarithmicRankDiff (pkg/controller/controller_utils.go): the power of two of the age in nanoseconds. */
const ageBucket = (age: Micros): number => (age <= 0 ? -1 : Math.floor(Math.log2(age * 1_000)));

/** What a sync of a ReplicaSet found, for its status. */
export interface ReplicaSetFindings {
  readonly activePods: readonly Pod[];
  /** Undefined where the version does not count them. */
  readonly terminatingPods: readonly Pod[] | undefined;
  /** Why pods could not be created or deleted. */
  readonly failure: string | undefined;
}

/** As calculateStatus (pkg/controller/replicaset/replica_set_utils.go). */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  { activePods, terminatingPods, failure }: ReplicaSetFindings,
  now: Micros,
): ReplicaSetStatus {
  const templateLabels = replicaSet.spec.template?.metadata?.labels;
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  let [fullyLabeled, ready, available] = [0, 0, 0];
  for (const pod of activePods) {
    fullyLabeled += Number(matchesSet(templateLabels, pod.metadata.labels));
    if (isPodReady(pod)) {
      ready++;
      available += Number(isPodAvailable(pod, minReadySeconds, now));
    }
  }
  const conditions = withFailure(replicaSet, activePods.length, failure, now);
  // All fields, always in this order: statuses of one kind to the engine are quick to compare.
  return {
    replicas: activePods.length,
    fullyLabeledReplicas: fullyLabeled || undefined,
    readyReplicas: ready || undefined,
    availableReplicas: available || undefined,
    terminatingReplicas: terminatingPods?.length,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    conditions: conditions.length > 0 ? conditions : undefined,
  };
}

function withFailure(
  replicaSet: ReplicaSet,
  replicas: number,
  failure: string | undefined,
  now: Micros,
): readonly ReplicaSetCondition[] {
  const conditions = replicaSet.status?.conditions ?? [];
  const standing = conditionOf(conditions, FAILED);
  if (failure !== undefined && standing === undefined) {
    const missing = (replicaSet.spec.replicas ?? 1) - replicas;
    const reason = missing > 0 ? 'FailedCreate' : missing < 0 ? 'FailedDelete' : undefined;
    return [
      ...conditions,
      {
        type: FAILED,
        status: 'True',
        lastTransitionTime: wholeSecond(now),
        ...(reason && { reason }),
        message: failure,
      },
    ];
  }
  return failure === undefined && standing !== undefined
    ? conditions.filter(({ type }) => type !== FAILED)
    : conditions;
}

const FAILED = 'ReplicaFailure';

/** When the next of these ready pods becomes available; undefined when none is on its way. As FindMinNextPodAvailabilityCheck. */
export function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: Micros): Micros | undefined {
  let next: Micros | undefined;
  for (const pod of pods) {
    const from = availableFrom(pod, minReadySeconds);
    if (from !== undefined && from > now && (next === undefined || from < next)) {
      next = from;
    }
  }
  return next;
}
