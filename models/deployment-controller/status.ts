import { MICROS_PER_SECOND, type Micros, seconds, wholeSecond } from '../../engine/time/micros.js';
import {
  conditionOf,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  semanticallyEqual,
} from '../api/index.js';
import { fencepostsOf, replicasOf } from './fenceposts.js';
import { type AnyReplicaSet, totalReplicas } from './replica-sets.js';

type Conditions = readonly DeploymentCondition[] | undefined;
type Reason =
  | 'DeploymentPaused'
  | 'DeploymentResumed'
  | 'FoundNewReplicaSet'
  | 'MinimumReplicasAvailable'
  | 'MinimumReplicasUnavailable'
  | 'NewReplicaSetAvailable'
  | 'NewReplicaSetCreated'
  | 'ProgressDeadlineExceeded'
  | 'ReplicaSetCreateError'
  | 'ReplicaSetUpdated';

const MAX_INT32 = 2 ** 31 - 1;

/** A deadline of MaxInt32 means none (pkg/apis/apps/v1beta1 compatibility). As HasProgressDeadline. */
export const hasProgressDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== MAX_INT32;

export const progressingOf = (status: DeploymentStatus | undefined): DeploymentCondition | undefined =>
  conditionOf(status?.conditions, 'Progressing');

export const condition = (
  type: 'Available' | 'Progressing',
  status: 'True' | 'False' | 'Unknown',
  reason: Reason,
  message: string,
  now: Micros,
): DeploymentCondition => ({
  type,
  status,
  reason,
  message,
  lastUpdateTime: wholeSecond(now),
  lastTransitionTime: wholeSecond(now),
});

/**
 * The list with this condition, last; the same list when status and reason stand there already. The transition time stays
 * while the status does. As SetDeploymentCondition.
 */
export function withDeploymentCondition(conditions: Conditions, added: DeploymentCondition): Conditions {
  const standing = conditionOf(conditions, added.type as string);
  if (standing?.status === added.status && standing?.reason === added.reason) {
    return conditions;
  }
  const lastTransitionTime =
    standing?.status === added.status ? standing?.lastTransitionTime : added.lastTransitionTime;
  return [...without(conditions, added.type as string), { ...added, lastTransitionTime }];
}

const without = (conditions: Conditions, type: string): readonly DeploymentCondition[] =>
  (conditions ?? []).filter((one) => one.type !== type);

export const withProgressing = (deployment: Deployment, added: DeploymentCondition): Deployment => ({
  ...deployment,
  status: { ...deployment.status, conditions: withDeploymentCondition(deployment.status?.conditions, added) },
});

/** What a status adds up, leaving out what is zero as the API does. As calculateStatus (pkg/controller/deployment/sync.go). */
export function calculateStatus(
  deployment: Deployment,
  all: readonly AnyReplicaSet[],
  newReplicaSet: AnyReplicaSet | undefined,
  now: Micros,
  countsTerminating: boolean,
): DeploymentStatus {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    all.reduce((total, one) => total + (one.status?.[field] ?? 0), 0);
  const available = sum('availableReplicas');
  const terminating = countsTerminating ? terminatingReplicas(all) : undefined;
  const isAvailable = available >= replicasOf(deployment) - fencepostsOf(deployment).maxUnavailable;
  const minimum = isAvailable
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      );
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum('replicas') || undefined,
    updatedReplicas: newReplicaSet?.status?.replicas || undefined,
    readyReplicas: sum('readyReplicas') || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, totalReplicas(all) - available) || undefined,
    collisionCount: deployment.status?.collisionCount,
    terminatingReplicas: terminating,
    conditions: withDeploymentCondition(deployment.status?.conditions, minimum),
  };
}

/** Unknown as long as one ReplicaSet that was looked at does not tell. As GetTerminatingReplicaCountForReplicaSets. */
function terminatingReplicas(all: readonly AnyReplicaSet[]): number | undefined {
  const told = all.filter(({ status }) => status?.observedGeneration || status?.terminatingReplicas !== undefined);
  const counts = told.map(({ status }) => status?.terminatingReplicas);
  return counts.includes(undefined) ? undefined : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** As DeploymentComplete. */
export const isComplete = (deployment: Deployment, status: DeploymentStatus | undefined): boolean =>
  (status?.updatedReplicas ?? 0) === replicasOf(deployment) &&
  (status?.replicas ?? 0) === replicasOf(deployment) &&
  (status?.availableReplicas ?? 0) === replicasOf(deployment) &&
  (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);

/** More updated, fewer old, more ready or more available pods than before. As DeploymentProgressing. */
function isProgressing(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const count = (status: DeploymentStatus | undefined, field: keyof DeploymentStatus): number =>
    (status?.[field] as number | undefined) ?? 0;
  const old = (status: DeploymentStatus | undefined): number =>
    count(status, 'replicas') - count(status, 'updatedReplicas');
  return (
    count(after, 'updatedReplicas') > count(before, 'updatedReplicas') ||
    old(after) < old(before) ||
    count(after, 'readyReplicas') > count(before, 'readyReplicas') ||
    count(after, 'availableReplicas') > count(before, 'availableReplicas')
  );
}

/** As DeploymentTimedOut: measured from lastUpdateTime, so pausing and every step of progress start the clock anew. */
function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: Micros): boolean {
  const progressing = progressingOf(status);
  if (progressing === undefined || progressing.reason === 'NewReplicaSetAvailable') {
    return false;
  }
  return progressing.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, progressing) < now;
}

const deadlineOf = (deployment: Deployment, progressing: DeploymentCondition): Micros =>
  (progressing.lastUpdateTime ?? Number.NEGATIVE_INFINITY) + seconds(deployment.spec.progressDeadlineSeconds ?? 0);

/** The status with what this sync says about progress and failures. As syncRolloutStatus (progress.go). */
export function rolloutStatus(
  deployment: Deployment,
  calculated: DeploymentStatus,
  all: readonly AnyReplicaSet[],
  newReplicaSet: AnyReplicaSet | undefined,
  now: Micros,
): DeploymentStatus {
  let conditions = calculated.conditions;
  const current = progressingOf(deployment.status);
  const isSettled =
    (calculated.replicas ?? 0) === (calculated.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (!hasProgressDeadline(deployment)) {
    conditions = without(conditions, 'Progressing');
  } else if (!isSettled) {
    const subject = newReplicaSet
      ? `ReplicaSet "${newReplicaSet.metadata.name}"`
      : `Deployment "${deployment.metadata.name}"`;
    const say = (status: 'True' | 'False', reason: Reason, what: string): DeploymentCondition =>
      condition('Progressing', status, reason, `${subject} ${what}`, now);
    if (isComplete(deployment, calculated)) {
      const done = say('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
      conditions = withDeploymentCondition(conditions, done);
    } else if (isProgressing(deployment.status, calculated)) {
      const moving = say('True', 'ReplicaSetUpdated', 'is progressing.');
      // Replaced even when status and reason stand: each step of progress moves lastUpdateTime.
      const since = current?.status === 'True' ? current.lastTransitionTime : moving.lastTransitionTime;
      conditions = [...without(conditions, 'Progressing'), { ...moving, lastTransitionTime: since }];
    } else if (hasTimedOut(deployment, calculated, now)) {
      const late = say('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
      conditions = withDeploymentCondition(conditions, late);
    }
  }
  const failure = replicaFailure(all, newReplicaSet);
  conditions = failure ? withDeploymentCondition(conditions, failure) : without(conditions, 'ReplicaFailure');
  return { ...calculated, conditions };
}

/** The new ReplicaSet's failure, else any old one's. As getReplicaFailures. */
function replicaFailure(
  all: readonly AnyReplicaSet[],
  newReplicaSet: AnyReplicaSet | undefined,
): DeploymentCondition | undefined {
  for (const one of newReplicaSet ? [newReplicaSet, ...all] : all) {
    const failure = conditionOf(one.status?.conditions, 'ReplicaFailure');
    if (failure) {
      return { ...failure, lastUpdateTime: failure.lastTransitionTime };
    }
  }
  return undefined;
}

export type ProgressCheck = { readonly after: Micros } | 'rateLimited';

/**
 * When to look at the progress again though nothing happens: a second after the deadline, or soon with the queue's back-off
 * when less than a second is left. As requeueStuckDeployment.
 */
export function progressCheck(
  deployment: Deployment,
  status: DeploymentStatus,
  now: Micros,
): ProgressCheck | undefined {
  const current = progressingOf(deployment.status);
  if (
    !hasProgressDeadline(deployment) ||
    current === undefined ||
    isComplete(deployment, status) ||
    current.reason === 'ProgressDeadlineExceeded'
  ) {
    return undefined;
  }
  const left = deadlineOf(deployment, current) - now;
  return left < MICROS_PER_SECOND ? 'rateLimited' : { after: left + MICROS_PER_SECOND };
}

export const isSameStatus = (a: DeploymentStatus | undefined, b: DeploymentStatus): boolean =>
  semanticallyEqual(a ?? {}, b);
