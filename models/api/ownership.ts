import type { LabelSelector, ObjectMeta, OwnerReference } from './generated/types.js';
import { controllerOf } from './object.js';
import { isBeingDeleted } from './pod.js';
import { matchesAll, requirementsOf } from './selector.js';

interface Owned {
  readonly metadata: ObjectMeta;
}

/** The reference that makes `owner` the managing controller of what carries it. As metav1.NewControllerRef. */
export const controllerReference = (owner: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** What a controller does about each object that it owns or could own. */
export interface Claims<T> {
  readonly owned: readonly T[];
  /** Orphans that its selector matches. */
  readonly toAdopt: readonly T[];
  /** Its own that the selector no longer matches. */
  readonly toRelease: readonly T[];
}

/** As BaseControllerRefManager.ClaimObject (pkg/controller/controller_ref_manager.go); writes nothing. */
export function claim<T extends Owned>(
  owner: Owned,
  selector: LabelSelector | undefined,
  candidates: Iterable<T>,
): Claims<T> {
  const owned: T[] = [];
  const toAdopt: T[] = [];
  const toRelease: T[] = [];
  const isOwnerLeaving = isBeingDeleted(owner);
  const requirements = selector && requirementsOf(selector);
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = requirements !== undefined && matchesAll(requirements, object.metadata.labels);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) {
        continue;
      }
      if (matches) {
        owned.push(object);
      } else if (!isOwnerLeaving) {
        toRelease.push(object);
      }
    } else if (
      matches &&
      !isOwnerLeaving &&
      !isBeingDeleted(object) &&
      object.metadata.namespace === owner.metadata.namespace
    ) {
      toAdopt.push(object);
    }
  }
  return { owned, toAdopt, toRelease };
}
