import { defaultStorageClassOf, type PersistentVolumeClaim, VOLUME_ANNOTATIONS } from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** Gives a claim that names no class the default one. Plugin DefaultStorageClass. */
export function withDefaultStorageClass(claim: PersistentVolumeClaim, reader: AdmissionReader): PersistentVolumeClaim {
  const isNamed =
    claim.spec.storageClassName !== undefined ||
    claim.metadata.annotations?.[VOLUME_ANNOTATIONS.betaClass] !== undefined;
  const found = isNamed ? undefined : defaultStorageClassOf(reader.list('StorageClass'));
  return found ? { ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } } : claim;
}
