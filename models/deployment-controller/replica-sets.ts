import { type Deployment, isSameTemplate, type ObjectMeta, type ReplicaSet } from '../api/index.js';
import { replicasOf } from './fenceposts.js';
import { revisionOf } from './revisions.js';

/** A ReplicaSet that stands, or one just drafted: what a Deployment reckons with. */
export type AnyReplicaSet = Omit<ReplicaSet, 'metadata'> & {
  readonly metadata: Partial<ObjectMeta> & { name: string };
};

export const byCreation = (a: AnyReplicaSet, b: AnyReplicaSet): number =>
  createdAt(a) - createdAt(b) || compareNames(a, b);

/** A draft is younger than everything that stands. */
const createdAt = (replicaSet: AnyReplicaSet): number =>
  replicaSet.metadata.creationTimestamp ?? Number.MAX_SAFE_INTEGER;

const compareNames = (a: AnyReplicaSet, b: AnyReplicaSet): number =>
  a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;

/** Largest first; of equal ones the younger (ReplicaSetsBySizeNewer) or the older (ReplicaSetsBySizeOlder). */
export const bySizeNewer = (a: AnyReplicaSet, b: AnyReplicaSet): number =>
  replicasOf(b) - replicasOf(a) || byCreation(b, a);
export const bySizeOlder = (a: AnyReplicaSet, b: AnyReplicaSet): number =>
  replicasOf(b) - replicasOf(a) || byCreation(a, b);

/** As ReplicaSetsByRevision. */
export function byRevision(a: AnyReplicaSet, b: AnyReplicaSet): number {
  const [left, right] = [revisionOf(a), revisionOf(b)];
  return left === undefined || right === undefined || left === right ? byCreation(a, b) : left - right;
}

export const isActive = (replicaSet: AnyReplicaSet): boolean => replicasOf(replicaSet) > 0;

export const totalReplicas = (replicaSets: readonly AnyReplicaSet[]): number =>
  replicaSets.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);

/** The oldest ReplicaSet that makes the Deployment's pods. As FindNewReplicaSet: with several, not the roll-out decides. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const matching = replicaSets.filter((one) => isSameTemplate(one.spec.template, deployment.spec.template));
  return matching.sort(byCreation)[0];
}

/** The one that takes a change of size alone: the only one with pods, or the newest when none has any. As FindActiveOrLatest. */
export function findActiveOrLatest(
  newReplicaSet: AnyReplicaSet | undefined,
  old: readonly AnyReplicaSet[],
): AnyReplicaSet | undefined {
  const active = [...old, ...(newReplicaSet ? [newReplicaSet] : [])].filter(isActive);
  if (active.length === 0) {
    return newReplicaSet ?? [...old].sort((a, b) => byCreation(b, a))[0];
  }
  return active.length === 1 ? active[0] : undefined;
}
