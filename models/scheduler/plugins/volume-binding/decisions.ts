import {
  type CSIStorageCapacity,
  compareQuantities,
  type Labels,
  matchesLabelSelector,
  matchesNodeSelectorTerm,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Quantity,
  type StorageClass,
  type TopologySelectorTerm,
  valueOf,
} from '../../../api/index.js';
import { storageClassOf } from '../volume-claims.js';

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;

export const requestOf = ({ spec }: PersistentVolumeClaim): Quantity | undefined => spec.resources?.requests?.storage;

/** Whether the volume may be used on a node. As CheckNodeAffinity (k8s.io/component-helpers storage/volume). */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  // Only labels are looked at: fields of the node are not known here.
  const labelled = { metadata: { name: '', labels: node.metadata.labels } };
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, labelled));
}

/** The volume refers to this claim. As IsVolumeBoundToClaim. */
export function refersToClaim({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  return (
    claimRef !== undefined &&
    claimRef.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (!claimRef.uid || claimRef.uid === metadata.uid)
  );
}

/**
 * The volume to bind a waiting claim to on this node: the one reserved for it, else the smallest that will do.
 * As FindMatchingVolume (k8s.io/component-helpers storage/volume).
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    const isReserved = refersToClaim(volume, claim);
    if (
      taken.has(volume.metadata.name) ||
      (volume.spec.claimRef !== undefined && !isReserved) ||
      compareQuantities(capacityOf(volume), requestOf(claim) ?? 0) < 0 ||
      (volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem') ||
      (volume.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '') ||
      volume.metadata.deletionTimestamp !== undefined
    ) {
      continue;
    }
    if (isReserved) {
      return isReachable(volume, node) ? volume : undefined;
    }
    if (
      isCandidate(volume, claim, node) &&
      (!smallest || compareQuantities(capacityOf(smallest), capacityOf(volume)) > 0)
    ) {
      smallest = volume;
    }
  }
  return smallest;
}

const capacityOf = ({ spec }: PersistentVolume): Quantity => spec.capacity?.storage ?? 0;

const isCandidate = (volume: PersistentVolume, claim: PersistentVolumeClaim, node: Node): boolean =>
  volume.status?.phase === 'Available' &&
  (claim.spec.selector === undefined || matchesLabelSelector(claim.spec.selector, volume.metadata.labels)) &&
  storageClassOf(volume) === storageClassOf(claim) &&
  isReachable(volume, node) &&
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

/** Smallest request first, so that small claims leave large volumes to large ones. */
export const bySize = (a: PersistentVolumeClaim, b: PersistentVolumeClaim): number =>
  compareQuantities(requestOf(a) ?? 0, requestOf(b) ?? 0);

/** As MatchTopologySelectorTerms: alternatives of label sets; none allow every node. */
export function allowsTopology({ allowedTopologies }: StorageClass, labels: Labels | undefined): boolean {
  const terms: readonly TopologySelectorTerm[] = allowedTopologies ?? [];
  return (
    terms.length === 0 ||
    terms.some(
      ({ matchLabelExpressions = [] }) =>
        matchLabelExpressions.length > 0 &&
        matchLabelExpressions.every(({ key, values }) => {
          const value = labels?.[key];
          return value !== undefined && values.includes(value);
        }),
    )
  );
}

/** Storage that the driver says it can provision where the node is. As hasEnoughCapacity. */
export const findCapacity = (
  capacities: Iterable<CSIStorageCapacity>,
  className: string,
  size: number,
  labels: Labels | undefined,
): CSIStorageCapacity | undefined =>
  [...capacities].find(
    (capacity) =>
      capacity.storageClassName === className &&
      limitOf(capacity) >= size &&
      capacity.nodeTopology !== undefined &&
      matchesLabelSelector(capacity.nodeTopology, labels),
  );

const limitOf = ({ capacity, maximumVolumeSize }: CSIStorageCapacity): number => {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? Number.NEGATIVE_INFINITY : valueOf(limit);
};
