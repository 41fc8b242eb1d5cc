import { isBeingDeleted, type ObjectMeta } from '../api/index.js';

interface Finalized {
  readonly metadata: ObjectMeta;
}

/** What a protection controller does about its finalizer. As IsDeletionCandidate and NeedToAddFinalizer (pkg/controller/volume/protectionutil). */
export function finalizerStep(object: Finalized, finalizer: string): 'add' | 'remove unless used' | undefined {
  const isThere = object.metadata.finalizers?.includes(finalizer) ?? false;
  if (isBeingDeleted(object)) {
    return isThere ? 'remove unless used' : undefined;
  }
  return isThere ? undefined : 'add';
}

export const withFinalizer = <T extends Finalized>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), finalizer] },
});

export const withoutFinalizer = <T extends Finalized>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: object.metadata.finalizers?.filter((other) => other !== finalizer) },
});
