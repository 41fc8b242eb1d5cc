import type { PersistentVolumeClaim, StorageClass } from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/** Gives a claim that names no class the default one. Plugin DefaultStorageClass: of several, the newest. */
export function withDefaultStorageClass(claim: PersistentVolumeClaim, reader: AdmissionReader): PersistentVolumeClaim {
  const isNamed =
    claim.spec.storageClassName !== undefined ||
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined;
  const found = isNamed ? undefined : defaultStorageClass(reader);
  return found ? { ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } } : claim;
}

/** pkg/volume/util GetDefaultClass: newest first, then by name. */
function defaultStorageClass(reader: AdmissionReader): StorageClass | undefined {
  const marked = [...reader.list('StorageClass')].filter(
    (candidate) => candidate.metadata.annotations?.[IS_DEFAULT] === 'true',
  );
  return marked.sort(
    (a, b) =>
      (b.metadata.creationTimestamp ?? 0) - (a.metadata.creationTimestamp ?? 0) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )[0];
}
