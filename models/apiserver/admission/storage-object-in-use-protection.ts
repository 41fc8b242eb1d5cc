import type { PersistentVolume, PersistentVolumeClaim } from '../../api/index.js';

const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

/** Plugin StorageObjectInUseProtection: a claim stays while a pod uses it. */
export const protectedClaim = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  withFinalizer(claim, CLAIM_PROTECTION);

/** The same plugin: a volume stays while it is bound. */
export const protectedVolume = (volume: PersistentVolume): PersistentVolume => withFinalizer(volume, VOLUME_PROTECTION);

function withFinalizer<T extends PersistentVolume | PersistentVolumeClaim>(object: T, finalizer: string): T {
  const { finalizers = [] } = object.metadata;
  return finalizers.includes(finalizer)
    ? object
    : { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
