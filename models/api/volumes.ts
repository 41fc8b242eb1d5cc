import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Quantity,
  StorageClass,
  Volume,
} from './generated/types.js';
import { matchesNodeSelectorTerm } from './node-selector.js';
import { compareQuantities } from './quantity.js';
import { matchesLabelSelector } from './selector.js';

// What components agree on about volumes and claims: k8s.io/component-helpers storage/volume and storage/ephemeral

/** Annotations by which the components that bind and provision talk to each other. */
export const VOLUME_ANNOTATIONS = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  selectedNode: 'volume.kubernetes.io/selected-node',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  betaClass: 'volume.beta.kubernetes.io/storage-class',
} as const;

/** What looks like a claim or a volume as far as its class goes. */
interface Classed {
  readonly metadata: { readonly annotations?: { readonly [key: string]: string } | undefined };
  readonly spec: { readonly storageClassName?: string | undefined };
}

/** The storage class of a claim or volume; '' for none. As GetPersistentVolumeClaimClass, GetPersistentVolumeClass. */
export const storageClassOf = ({ metadata, spec }: Classed): string =>
  metadata.annotations?.[VOLUME_ANNOTATIONS.betaClass] ?? spec.storageClassName ?? '';

/** The name of the claim that a pod's volume stands for; undefined for other volumes. */
export const claimNameOf = (pod: Pod, volume: Volume): string | undefined =>
  volume.persistentVolumeClaim?.claimName ??
  (volume.ephemeral === undefined ? undefined : `${pod.metadata.name}-${volume.name}`);

/** Keys of the claims that the pod's volumes stand for, in order. */
export function claimKeysOf(pod: Pod): readonly string[] {
  const { volumes } = pod.spec;
  if (volumes === undefined || volumes.length === 0) {
    return NONE;
  }
  return volumes.flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? NONE : [`${pod.metadata.namespace}/${name}`];
  });
}

const NONE: readonly string[] = [];

export const requestedStorage = ({ spec }: PersistentVolumeClaim): Quantity =>
  spec.resources?.requests?.['storage'] ?? 0;

export const storageCapacity = ({ spec }: PersistentVolume): Quantity => spec.capacity?.['storage'] ?? 0;

/** The claim names its volume and the volume its claim. */
export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec.volumeName) && metadata.annotations?.[VOLUME_ANNOTATIONS.bindCompleted] !== undefined;

/** Whether the volume may be used on a node. As CheckNodeAffinity. */
export function isVolumeReachable({ spec }: PersistentVolume, node: Node): boolean {
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

export const hasSameVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');

export const hasSameAttributesClass = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');

/** As CheckAccessModes. */
export const offersAccessModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

/** Where a volume is looked for: on a node, as the scheduler does, or anywhere, as the binder does. */
export interface VolumeSearch {
  readonly node?: Node;
  readonly taken?: ReadonlySet<string>;
  /** The claim waits for its first consumer: only a volume that is reserved for it will do. */
  readonly isDelayed?: boolean;
}

/** The volume for a claim: the one reserved for it, else the smallest that will do. As FindMatchingVolume. */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { node, taken, isDelayed = false }: VolumeSearch,
): PersistentVolume | undefined {
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    const isReserved = refersToClaim(volume, claim);
    if (
      taken?.has(volume.metadata.name) ||
      (volume.spec.claimRef !== undefined && !isReserved) ||
      compareQuantities(storageCapacity(volume), requestedStorage(claim)) < 0 ||
      !hasSameVolumeMode(volume, claim) ||
      !hasSameAttributesClass(volume, claim) ||
      volume.metadata.deletionTimestamp !== undefined
    ) {
      continue;
    }
    if (isReserved) {
      return node === undefined || isVolumeReachable(volume, node) ? volume : undefined;
    }
    if (
      !isDelayed &&
      isCandidate(volume, claim, node) &&
      (!smallest || compareQuantities(storageCapacity(smallest), storageCapacity(volume)) > 0)
    ) {
      smallest = volume;
    }
  }
  return smallest;
}

/** Without a node the caller goes through volumes that offer the access modes already. */
const isCandidate = (volume: PersistentVolume, claim: PersistentVolumeClaim, node: Node | undefined): boolean =>
  volume.status?.phase === 'Available' &&
  (claim.spec.selector === undefined || matchesLabelSelector(claim.spec.selector, volume.metadata.labels)) &&
  storageClassOf(volume) === storageClassOf(claim) &&
  (node === undefined || (isVolumeReachable(volume, node) && offersAccessModes(volume, claim)));

/** The volume with a reference to this claim; the same object when it has it. As GetBindVolumeToClaim. */
export function volumeBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { apiVersion, kind, metadata } = claim;
  const isReserved = refersToClaim(volume, claim);
  const annotations = volume.metadata.annotations;
  const isMarked = isReserved || annotations?.[VOLUME_ANNOTATIONS.boundByController] !== undefined;
  if (isReserved && volume.spec.claimRef?.uid === metadata.uid) {
    return volume;
  }
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    ...volume,
    metadata: isMarked
      ? volume.metadata
      : { ...volume.metadata, annotations: { ...annotations, [VOLUME_ANNOTATIONS.boundByController]: 'yes' } },
    spec: { ...volume.spec, claimRef: { apiVersion, kind, namespace, name, uid, resourceVersion } },
  };
}

const IS_DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** The class marked as default; of several the newest, then the first by name. As GetDefaultClass (pkg/volume/util). */
export const defaultStorageClassOf = (classes: Iterable<StorageClass>): StorageClass | undefined =>
  [...classes]
    .filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT_CLASS] === 'true')
    .sort(
      (a, b) =>
        (b.metadata.creationTimestamp ?? 0) - (a.metadata.creationTimestamp ?? 0) ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    )[0];
