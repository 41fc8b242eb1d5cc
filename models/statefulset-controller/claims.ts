import {
  controllerOf,
  controllerReference,
  type OwnerReference,
  type PersistentVolumeClaim,
  type Pod,
  type StatefulSet,
} from '../api/index.js';
import type { Replica } from './identity.js';

/** Whose deletion shall take a claim along. */
type WantedOwner = 'set' | 'pod' | 'nobody';

/** By the retention policy; only pods that are being scaled away own their claims. As claimOwnerMatchesSetAndPod. */
function wantedOwner(set: StatefulSet, isCondemned: boolean): WantedOwner {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled === 'Delete' && isCondemned) {
    return 'pod';
  }
  return whenDeleted === 'Delete' ? 'set' : 'nobody';
}

/**
 * The claim with the owners that the set's retention policy wants for it; the same object when it has them.
 * One that somebody else controls is left alone.
 */
export function withWantedOwner(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Replica,
  isCondemned: boolean,
): PersistentVolumeClaim {
  const uids = [set.metadata.uid, pod.metadata.uid];
  const controller = controllerOf(claim);
  if (controller && !uids.includes(controller.uid)) {
    return claim;
  }
  const owner = wantedOwner(set, isCondemned);
  const wanted = owner === 'set' ? controllerReference(set) : owner === 'pod' ? podReference(pod) : undefined;
  const present = claim.metadata.ownerReferences ?? [];
  const others = present.filter(({ uid }) => !uids.includes(uid));
  const isAsWanted = wanted ? present.some(({ uid }) => uid === wanted.uid) : true;
  if (isAsWanted && others.length + (wanted ? 1 : 0) === present.length) {
    return claim;
  }
  const ownerReferences = wanted ? [...others, wanted] : others;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences } };
}

const podReference = (pod: Replica): OwnerReference => controllerReference(pod as Pod);

/** It belongs to an earlier pod of that name and goes with it. As hasStaleOwnerRef. */
export const isStale = (claim: PersistentVolumeClaim, pod: Replica): boolean =>
  claim.metadata.ownerReferences?.some(
    ({ kind, name, uid }) => kind === 'Pod' && name === pod.metadata.name && uid !== pod.metadata.uid,
  ) ?? false;
