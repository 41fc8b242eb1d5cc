import type { Micros } from '../../engine/time/micros.js';
import {
  type IntOrString,
  isBeingDeleted,
  isPodAvailable,
  isPodReady,
  POD_REVISION_LABEL,
  type Pod,
  type PodTemplateSpec,
  type StatefulSet,
  type StatefulSetStatus,
  scaledIntOrPercent,
  withoutZeros,
} from '../api/index.js';
import { hasIdentity, hasStorage, newReplica, ordinalOf, type Replica, replicasOf, startOrdinal } from './identity.js';

/** A template and the name of the revision that keeps it. */
export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

/** How the versions differ; named as the feature gates where there are any. */
export interface StatefulSetGates {
  readonly MaxUnavailableStatefulSet: boolean;
  readonly StatefulSetAutoDeletePVC: boolean;
  readonly PodIndexLabel: boolean;
  /** Pods that succeeded are replaced, too, and a replacement waits for the removal of the old pod. */
  readonly replacesSucceededPods: boolean;
  /** Parallel begins in batches that double, not with one pod after another. */
  readonly parallelBeginsInBatches: boolean;
  /** A rollout is complete only at full size, and with OnDelete, too. */
  readonly completesAtFullSize: boolean;
}

/** What a sync of a StatefulSet sees. */
export interface Seen {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly currentRevision: Revision;
  readonly updateRevision: Revision;
  readonly collisionCount: number;
  /** Whether a pod's claims lack the owners that the retention policy wants. */
  hasForeignClaims(pod: Replica, isCondemned: boolean): boolean;
}

/** What is done about one pod. */
export type Action =
  | { readonly do: 'create'; readonly pod: Replica }
  | { readonly do: 'delete'; readonly pod: Replica; readonly isFailed?: boolean }
  /** Claims that were deleted under a pod that waits for them. */
  | { readonly do: 'createClaims'; readonly pod: Replica }
  | { readonly do: 'fixIdentity'; readonly pod: Replica }
  | { readonly do: 'fixClaims'; readonly pod: Replica };

/** What is done about each pod of a phase, most often nothing. */
export type Phase = readonly (readonly Action[])[];

/**
 * Actions in the order of a sync. The phases follow one another; within a phase one pod follows another (OrderedReady) or they begin in
 * batches (Parallel). The first refusal is the end.
 */
export interface Plan {
  readonly phases: readonly Phase[];
  /** Deletions of the rolling update: each takes one off currentReplicas. */
  readonly updates: readonly Action[];
  /** As it is when the updates have not begun. */
  readonly status: StatefulSetStatus;
}

export const isParallel = ({ spec }: StatefulSet): boolean => spec.podManagementPolicy === 'Parallel';

const phaseOf = (pod: Replica): string => pod.status?.phase ?? '';
const revisionOf = (pod: Replica): string | undefined => pod.metadata.labels?.[POD_REVISION_LABEL];
const isCreated = (pod: Replica): boolean => phaseOf(pod) !== '';
const isTerminating = (pod: Replica): boolean => isBeingDeleted(pod as Pod);
const isRunningAndReady = (pod: Replica): boolean => phaseOf(pod) === 'Running' && isPodReady(pod as Pod);

/** As ControllerRevision-driven updateStatefulSet (pkg/controller/statefulset/stateful_set_control.go). */
export function planSync(seen: Seen, now: Micros, gates: StatefulSetGates): Plan {
  const { set } = seen;
  const { replicas, condemned } = partition(seen, gates);
  const statusOf = (...lists: readonly (readonly Replica[])[]): StatefulSetStatus =>
    calculateStatus(seen, lists.flat(), now);
  const nothing = { phases: [], updates: [] };
  if (isBeingDeleted(set)) {
    return { ...nothing, status: statusOf(seen.pods) };
  }
  const isUnavailable = (pod: Replica): boolean => !isAvailable(set, pod, now) || isTerminating(pod);
  const processed = isParallel(set)
    ? { actions: replicas.map((pod) => actionsFor(seen, pod, gates)), isBlocked: false }
    : processInOrder(seen, replicas, now, gates);
  const status = statusOf(replicas, condemned);
  if (processed.isBlocked) {
    return { phases: [processed.actions], updates: [], status };
  }
  const claims = condemned.map((pod) =>
    gates.StatefulSetAutoDeletePVC && seen.hasForeignClaims(pod, true) ? [fixClaims(pod)] : [],
  );
  const firstUnavailable = replicas.find(isUnavailable) ?? [...condemned].reverse().find(isUnavailable);
  const removed = isParallel(set)
    ? { actions: condemned.map((pod) => (isTerminating(pod) ? [] : [remove(pod)])), isBlocked: false }
    : condemnInOrder(set, condemned, firstUnavailable, now);
  const phases = [processed.actions, claims, removed.actions];
  const mayUpdate = !removed.isBlocked && set.spec.updateStrategy?.type !== 'OnDelete';
  return { phases, updates: mayUpdate ? updates(seen, replicas, isUnavailable, gates) : [], status };
}

const remove = (pod: Replica): Action => ({ do: 'delete', pod });
const fixClaims = (pod: Replica): Action => ({ do: 'fixClaims', pod });

const isAvailable = (set: StatefulSet, pod: Replica, now: Micros): boolean =>
  phaseOf(pod) === 'Running' && isPodAvailable(pod as Pod, set.spec.minReadySeconds ?? 0, now);

/** Pods by ordinal, missing ones drafted; and those beyond, highest first. */
function partition(
  seen: Seen,
  gates: StatefulSetGates,
): { readonly replicas: readonly Replica[]; readonly condemned: readonly Replica[] } {
  const { set, pods } = seen;
  const start = startOrdinal(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const replicas = Array.from({ length: replicasOf(set) }, (_, i) => {
    const ordinal = start + i;
    return byOrdinal.get(ordinal) ?? draft(seen, ordinal, gates);
  });
  const isCondemned = (ordinal: number): boolean =>
    ordinal >= 0 && (ordinal < start || ordinal >= start + replicas.length);
  const condemned = pods.filter((pod) => isCondemned(ordinalOf(pod)));
  return { replicas, condemned: condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a)) };
}

/** A missing pod below the partition comes back as it was. As newVersionedStatefulSetPod. */
function draft({ set, currentRevision, updateRevision }: Seen, ordinal: number, gates: StatefulSetGates): Replica {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status?.currentReplicas ?? 0);
  const isKept = type === 'RollingUpdate' && ordinal < startOrdinal(set) + kept;
  const { name, template } = isKept ? currentRevision : updateRevision;
  return newReplica(set, template, name, ordinal, gates.PodIndexLabel);
}

/** What one pod needs, whatever the others do. As processReplica where bursts are allowed. */
function actionsFor(seen: Seen, pod: Replica, gates: StatefulSetGates): readonly Action[] {
  if (hasEnded(pod, gates)) {
    return endActions(seen, pod, gates);
  }
  if (!isCreated(pod)) {
    return [{ do: 'create', pod }];
  }
  return [...(phaseOf(pod) === 'Pending' ? [createClaims(pod)] : []), ...fixes(seen, pod, gates)];
}

const createClaims = (pod: Replica): Action => ({ do: 'createClaims', pod });

const hasEnded = (pod: Replica, gates: StatefulSetGates): boolean =>
  phaseOf(pod) === 'Failed' || (gates.replacesSucceededPods && phaseOf(pod) === 'Succeeded');

/** Up to 1.30 the replacement was created in the sync that deleted the failed pod. */
function endActions(seen: Seen, pod: Replica, gates: StatefulSetGates): readonly Action[] {
  if (gates.replacesSucceededPods) {
    return isTerminating(pod) ? [] : [remove(pod)];
  }
  return [
    { do: 'delete', pod, isFailed: true },
    { do: 'create', pod: draft(seen, ordinalOf(pod), gates) },
  ];
}

function fixes(seen: Seen, pod: Replica, gates: StatefulSetGates): readonly Action[] {
  if (!hasIdentity(seen.set, pod) || !hasStorage(seen.set, pod)) {
    return [{ do: 'fixIdentity', pod }];
  }
  return gates.StatefulSetAutoDeletePVC && seen.hasForeignClaims(pod, false) ? [fixClaims(pod)] : [];
}

interface Ordered {
  readonly actions: Phase;
  /** Something has to happen first; the sync goes no further. */
  readonly isBlocked: boolean;
}

/** Each pod waits until the one before it is available. As processReplica in monotonic mode. */
function processInOrder(seen: Seen, replicas: readonly Replica[], now: Micros, gates: StatefulSetGates): Ordered {
  const actions: (readonly Action[])[] = [];
  for (const pod of replicas) {
    const waits =
      hasEnded(pod, gates) ||
      !isCreated(pod) ||
      isTerminating(pod) ||
      !isRunningAndReady(pod) ||
      !isAvailable(seen.set, pod, now);
    const isFix = (action: Action): boolean => action.do === 'fixIdentity' || action.do === 'fixClaims';
    actions.push(actionsFor(seen, pod, gates).filter((action) => !waits || !isFix(action)));
    if (waits) {
      return { actions, isBlocked: true };
    }
  }
  return { actions, isBlocked: false };
}

/** One at a time from the top, each after the one before is gone. As processCondemned in monotonic mode. */
function condemnInOrder(
  set: StatefulSet,
  condemned: readonly Replica[],
  firstUnavailable: Replica | undefined,
  now: Micros,
): Ordered {
  const pod = condemned[0];
  if (pod === undefined) {
    return { actions: [], isBlocked: false };
  }
  const waits = isTerminating(pod) || (!isAvailable(set, pod, now) && pod !== firstUnavailable);
  return { actions: waits ? [] : [[remove(pod)]], isBlocked: true };
}

/**
 * Pods of an old revision, from the top down to the partition, that go now so that their successors come.
 * As updateStatefulSetAfterInvariantEstablished; before MaxUnavailableStatefulSet as the end of updateStatefulSet.
 */
function updates(
  { set, updateRevision }: Seen,
  replicas: readonly Replica[],
  isUnavailable: (pod: Replica) => boolean,
  gates: StatefulSetGates,
): readonly Action[] {
  const { partition: first = 0, maxUnavailable } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const fromTop = replicas.slice(first).reverse();
  const isOld = (pod: Replica): boolean => revisionOf(pod) !== updateRevision.name && !isTerminating(pod);
  if (!gates.MaxUnavailableStatefulSet) {
    const stop = fromTop.find((pod) => isOld(pod) || isUnavailable(pod));
    return stop && isOld(stop) ? [remove(stop)] : [];
  }
  const budget = maxUnavailableOf(maxUnavailable, replicasOf(set)) - replicas.filter(isUnavailable).length;
  const old = fromTop.filter(isOld);
  if (!isParallel(set)) {
    return old.slice(0, Math.max(0, budget)).map(remove);
  }
  // What serves nobody is replaced at once; the budget is for those that serve.
  const unavailable = old.filter(isUnavailable);
  const available = old.filter((pod) => !isUnavailable(pod));
  return [...unavailable, ...available.slice(0, Math.max(0, budget))].map(remove);
}

/** Rounded down, one at least. As getStatefulSetMaxUnavailable. */
export const maxUnavailableOf = (maxUnavailable: IntOrString | undefined, replicas: number): number =>
  Math.max(1, scaledIntOrPercent(maxUnavailable ?? 1, replicas, 'down'));

/** As updateStatus. */
function calculateStatus(seen: Seen, pods: readonly Replica[], now: Micros): StatefulSetStatus {
  const { set, currentRevision, updateRevision, collisionCount } = seen;
  const count = (test: (pod: Replica) => boolean): number => pods.filter(test).length;
  const isOf = (revision: Revision) => (pod: Replica) =>
    isCreated(pod) && !isTerminating(pod) && revisionOf(pod) === revision.name;
  return {
    observedGeneration: set.metadata.generation,
    replicas: count(isCreated),
    availableReplicas: count((pod) => isRunningAndReady(pod) && isAvailable(set, pod, now)),
    ...withoutZeros({
      readyReplicas: count(isRunningAndReady),
      currentReplicas: count(isOf(currentRevision)),
      updatedReplicas: count(isOf(updateRevision)),
    }),
    currentRevision: currentRevision.name,
    updateRevision: updateRevision.name,
    collisionCount,
    conditions: set.status?.conditions,
  };
}

/** The status after that many updates have begun: each takes one off currentReplicas, whatever revision its pod had. */
export function statusAfter({ currentReplicas = 0, ...status }: StatefulSetStatus, updates: number): StatefulSetStatus {
  return { ...status, ...withoutZeros({ currentReplicas: currentReplicas - updates }) };
}

/** The status as it is written: a finished rollout makes the new revision the current one. As completeRollingUpdate. */
export function finishedStatus(
  set: StatefulSet,
  status: StatefulSetStatus,
  gates: StatefulSetGates,
): StatefulSetStatus {
  const { replicas, updatedReplicas = 0, readyReplicas = 0, updateRevision } = status;
  const size = gates.completesAtFullSize ? replicasOf(set) : replicas;
  const isComplete =
    (gates.completesAtFullSize || set.spec.updateStrategy?.type === 'RollingUpdate') &&
    [replicas, updatedReplicas, readyReplicas].every((count) => count === size);
  return isComplete ? { ...status, currentRevision: updateRevision, currentReplicas: status.updatedReplicas } : status;
}
