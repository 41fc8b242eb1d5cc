import type { AnyObject, OwnerReference } from '../api/index.js';
import { FOREGROUND_DELETION, hasFinalizer, ORPHAN } from './graph.js';

/** How an owner stands to its dependent. */
export type OwnerState = 'solid' | 'dangling' | 'waitingForDependentsDeletion';

/** As the classification of one reference by classifyReferences: `owner` is undefined when it does not exist. */
export function ownerState(owner: AnyObject | undefined): OwnerState {
  if (owner === undefined) {
    return 'dangling';
  }
  const isWaiting = owner.metadata.deletionTimestamp !== undefined && hasFinalizer(owner.metadata, FOREGROUND_DELETION);
  return isWaiting ? 'waitingForDependentsDeletion' : 'solid';
}

export interface ClassifiedOwner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

/** What becomes of an object with owners. */
export type Verdict =
  | { readonly do: 'keep' }
  /** Owners that are gone, or wait for it to go, are taken off it. */
  | { readonly do: 'removeOwners'; readonly uids: readonly string[] }
  | {
      readonly do: 'delete';
      readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan';
      /** It has dependents that wait for theirs: it must not block its owners, or a circle would never end. */
      readonly unblocksOwners: boolean;
    };

/** What is looked at besides the owners. */
export interface Item {
  readonly latest: AnyObject;
  readonly hasDependents: boolean;
  readonly hasDependentDeletingDependents: boolean;
}

/**
 * One solid owner keeps an object; without any it goes, in the foreground when an owner waits for it and it has dependents itself.
 * As the second half of attemptToDeleteItem (pkg/controller/garbagecollector/garbagecollector.go).
 */
export function judge({ latest, ...item }: Item, owners: readonly ClassifiedOwner[]): Verdict {
  const uidsOf = (state: OwnerState): readonly string[] =>
    owners.filter((owner) => owner.state === state).map((owner) => owner.reference.uid);
  const waiting = uidsOf('waitingForDependentsDeletion');
  if (owners.length === 0) {
    return { do: 'keep' };
  }
  if (uidsOf('solid').length > 0) {
    const uids = [...uidsOf('dangling'), ...waiting];
    return uids.length === 0 ? { do: 'keep' } : { do: 'removeOwners', uids };
  }
  if (waiting.length > 0 && item.hasDependents) {
    return { do: 'delete', propagationPolicy: 'Foreground', unblocksOwners: item.hasDependentDeletingDependents };
  }
  const propagationPolicy = hasFinalizer(latest.metadata, ORPHAN)
    ? 'Orphan'
    : hasFinalizer(latest.metadata, FOREGROUND_DELETION)
      ? 'Foreground'
      : 'Background';
  return { do: 'delete', propagationPolicy, unblocksOwners: false };
}

/** The object without these owners. */
export const withoutOwners =
  (uids: readonly string[]) =>
  <T extends AnyObject>(object: T): T =>
    withOwnerReferences(object, (owners) => owners.filter((owner) => !uids.includes(owner.uid)));

/** The object, holding up none of its owners' deletion. */
export const withoutBlocking = <T extends AnyObject>(object: T): T =>
  withOwnerReferences(object, (owners) =>
    owners.map((owner) => (owner.blockOwnerDeletion ? { ...owner, blockOwnerDeletion: false } : owner)),
  );

export const withoutFinalizer =
  (finalizer: string) =>
  <T extends AnyObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, finalizers: object.metadata.finalizers?.filter((one) => one !== finalizer) },
  });

const withOwnerReferences = <T extends AnyObject>(
  object: T,
  change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
): T => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences: change(object.metadata.ownerReferences ?? []) },
});
