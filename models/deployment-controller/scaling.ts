import type { Deployment } from '../api/index.js';
import { fencepostsOf, replicasOf } from './fenceposts.js';
import { type AnyReplicaSet, bySizeNewer, bySizeOlder, isActive, totalReplicas } from './replica-sets.js';
import { desiredReplicas, maxReplicas } from './revisions.js';

/** A ReplicaSet, the size it has by now and the one it should get. */
export interface Resize {
  readonly replicaSet: AnyReplicaSet;
  readonly from: number;
  readonly to: number;
}

/**
 * Shares a change of the Deployment's size among the ReplicaSets of an unfinished rolling update, in proportion to their sizes;
 * what rounding leaves goes to the first. As the proportional part of scale (pkg/controller/deployment/sync.go).
 */
export function proportionalResizes(deployment: Deployment, all: readonly AnyReplicaSet[]): readonly Resize[] {
  const replicas = replicasOf(deployment);
  const allowed = replicas > 0 ? replicas + fencepostsOf(deployment).maxSurge : 0;
  const active = all.filter(isActive);
  const toAdd = allowed - totalReplicas(active);
  const order = toAdd > 0 ? [...active].sort(bySizeNewer) : toAdd < 0 ? [...active].sort(bySizeOlder) : active;
  let added = 0;
  const sizes = order.map((replicaSet) => {
    const share = toAdd === added ? 0 : shareOf(replicaSet, deployment, toAdd - added);
    added += share;
    return replicasOf(replicaSet) + share;
  });
  return order.map((replicaSet, i) => ({
    replicaSet,
    from: replicasOf(replicaSet),
    to: i === 0 ? Math.max(0, (sizes[0] as number) + toAdd - added) : (sizes[i] as number),
  }));
}

/** Never past what is left to add or remove. As GetReplicaSetProportion. */
function shareOf(replicaSet: AnyReplicaSet, deployment: Deployment, left: number): number {
  const fraction = fractionOf(replicaSet, deployment);
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** What keeps the ReplicaSet's part of the whole. As getReplicaSetFraction. */
function fractionOf(replicaSet: AnyReplicaSet, deployment: Deployment): number {
  const size = replicasOf(replicaSet);
  const replicas = replicasOf(deployment);
  if (replicas === 0) {
    return -size;
  }
  const maxNow = replicas + fencepostsOf(deployment).maxSurge;
  const maxBefore = maxReplicas(replicaSet) || (deployment.status?.replicas ?? 0);
  return maxBefore === 0 ? 0 : Math.floor((size * maxNow) / maxBefore + 0.5) - size;
}

/**
 * How far the new ReplicaSet may grow now: to the full size when pods are recreated, else within the surge.
 * As NewRSNewReplicas (pkg/controller/deployment/util/deployment_util.go).
 */
export function newReplicaSetSize(
  deployment: Deployment,
  all: readonly AnyReplicaSet[],
  newReplicaSet: AnyReplicaSet,
): number {
  const replicas = replicasOf(deployment);
  if (deployment.spec.strategy?.type !== 'RollingUpdate') {
    return replicas;
  }
  const room = replicas + fencepostsOf(deployment).maxSurge - totalReplicas(all);
  const size = replicasOf(newReplicaSet);
  return room <= 0 ? size : size + Math.min(room, replicas - size);
}

/**
 * Which old ReplicaSets shrink by how much in a rolling update: first pods that are not available, then available ones as far
 * as the minimum allows. As reconcileOldReplicaSets (pkg/controller/deployment/rolling.go). A ReplicaSet
 * that loses both kinds appears twice, as it is written twice.
 */
export function oldReplicaSetResizes(
  deployment: Deployment,
  oldestFirst: readonly AnyReplicaSet[],
  newReplicaSet: AnyReplicaSet,
): readonly Resize[] {
  const available = (one: AnyReplicaSet): number => one.status?.availableReplicas ?? 0;
  const minAvailable = replicasOf(deployment) - fencepostsOf(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newReplicaSet) - available(newReplicaSet);
  const mayGo = totalReplicas([...oldestFirst, newReplicaSet]) - minAvailable - newUnavailable;
  if (oldestFirst.length === 0 || mayGo <= 0) {
    return [];
  }
  const sizes = new Map(oldestFirst.map((one) => [one, replicasOf(one)]));
  const resizes: Resize[] = [];
  const shrink = (one: AnyReplicaSet, by: number): number => {
    const from = sizes.get(one) as number;
    sizes.set(one, from - by);
    resizes.push({ replicaSet: one, from, to: from - by });
    return by;
  };
  let unhealthyLeft = mayGo;
  for (const one of oldestFirst) {
    const size = sizes.get(one) as number;
    const unhealthy = size - available(one);
    if (unhealthyLeft > 0 && size > 0 && unhealthy < 0) {
      // cleanupUnhealthyReplicas takes a shrinking ReplicaSet for an invalid request, and its caller gives up silently.
      return resizes;
    }
    if (unhealthyLeft > 0 && unhealthy > 0) {
      unhealthyLeft -= shrink(one, Math.min(unhealthyLeft, unhealthy));
    }
  }
  const availableNow = [...oldestFirst, newReplicaSet].reduce((sum, one) => sum + available(one), 0);
  let healthyLeft = availableNow - minAvailable;
  for (const one of oldestFirst) {
    const size = sizes.get(one) as number;
    if (healthyLeft > 0 && size > 0) {
      healthyLeft -= shrink(one, Math.min(healthyLeft, size));
    }
  }
  return resizes;
}

/** All its pods are up and it has been told this size. As IsSaturated. */
export const isSaturated = (deployment: Deployment, replicaSet: AnyReplicaSet): boolean =>
  [replicasOf(replicaSet), desiredReplicas(replicaSet), replicaSet.status?.availableReplicas ?? 0].every(
    (count) => count === replicasOf(deployment),
  );
