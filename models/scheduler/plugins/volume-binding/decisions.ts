import {
  type CSIStorageCapacity,
  compareQuantities,
  type Labels,
  matchesLabelSelector,
  type PersistentVolumeClaim,
  requestedStorage,
  type StorageClass,
  type TopologySelectorTerm,
  valueOf,
} from '../../../api/index.js';

/** Smallest request first, so that small claims leave large volumes to large ones. */
export const bySize = (a: PersistentVolumeClaim, b: PersistentVolumeClaim): number =>
  compareQuantities(requestedStorage(a), requestedStorage(b));

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
      volumeLimit(capacity) >= size &&
      capacity.nodeTopology !== undefined &&
      matchesLabelSelector(capacity.nodeTopology, labels),
  );

/** The largest volume that can be made, as far as it is known. */
export const volumeLimit = ({ capacity, maximumVolumeSize }: CSIStorageCapacity): number => {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? Number.NEGATIVE_INFINITY : valueOf(limit);
};
