import {
  type CSINode,
  isBeingDeleted,
  type Node,
  type NodeSelectorTerm,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  VOLUME_ANNOTATIONS,
  type VolumeAttachment,
} from '../api/index.js';

/** kubernetes-csi/external-provisioner, sig-storage-lib-external-provisioner finalizerPV. */
export const PROVISIONER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

/** kubernetes-csi/external-attacher GetFinalizerName. */
export const attacherFinalizer = (driver: string): string =>
  `external-attacher/${driver.replace(/[^a-zA-Z0-9-]/g, '-').replace(/-$/, '-X')}`;

/** The driver that is to make a volume for the claim now; undefined for none. As shouldProvision. */
export function provisionerFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): string | undefined {
  const { annotations = {} } = claim.metadata;
  const provisioner = annotations[VOLUME_ANNOTATIONS.provisioner] ?? annotations[VOLUME_ANNOTATIONS.betaProvisioner];
  if (claim.spec.volumeName || provisioner === undefined || storageClass === undefined) {
    return undefined;
  }
  const isDelayed = storageClass.volumeBindingMode === 'WaitForFirstConsumer';
  return isDelayed && annotations[VOLUME_ANNOTATIONS.selectedNode] === undefined ? undefined : provisioner;
}

/** Where the volume of a class may be, given the first node and all others. */
export interface Topology {
  readonly selected: Node | undefined;
  /** Labels that say where a volume is; none: anywhere. */
  readonly keys: readonly string[];
  /** Candidates where no node was selected, in order of name. */
  readonly nodes: readonly Node[];
  /** Uniform in [0, 1): which of several places. */
  readonly luck: number;
}

export function topologyKeysOf(csiNode: CSINode | undefined, driver: string, fallback: string): readonly string[] {
  const keys = csiNode?.spec.drivers.find(({ name }) => name === driver)?.topologyKeys;
  return keys ?? (fallback === '' ? [] : [fallback]);
}

/** The volume of a claim. As csiProvisioner.Provision and provisionClaimOperation (sig-storage-lib-external-provisioner). */
export function provisionedVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  driver: string,
  topology: Topology,
  isFinalized: boolean,
): PersistentVolume {
  const { apiVersion, kind, metadata } = claim;
  const { namespace, name, uid, resourceVersion } = metadata;
  const volumeName = volumeNameOf(claim);
  const place = placeOf(topology);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      annotations: { [VOLUME_ANNOTATIONS.provisionedBy]: driver },
      ...(isFinalized && { finalizers: [PROVISIONER_FINALIZER] }),
    },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      claimRef: { apiVersion, kind, namespace, name, uid, resourceVersion },
      csi: { driver, volumeHandle: volumeName },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode,
      ...(storageClass.mountOptions && { mountOptions: storageClass.mountOptions }),
      ...(place && { nodeAffinity: { required: { nodeSelectorTerms: [place] } } }),
    },
  };
}

export const volumeNameOf = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`;

/** As GenerateVolumeNodeAffinity, of a driver that makes the volume where its first consumer is. */
function placeOf({ selected, keys, nodes, luck }: Topology): NodeSelectorTerm | undefined {
  const found = keys.filter((key) => (selected ?? nodes[0])?.metadata.labels?.[key] !== undefined);
  if (found.length === 0) {
    return undefined;
  }
  const placed = nodes.filter(({ metadata }) => found.every((key) => metadata.labels?.[key] !== undefined));
  const node = selected ?? placed[Math.floor(luck * placed.length)];
  return {
    matchExpressions: found.map((key) => ({
      key,
      operator: 'In',
      values: [node?.metadata.labels?.[key] as string],
    })),
  };
}

/** Whether the volume's driver is to delete it. As shouldDelete. */
export function isToBeDeleted(volume: PersistentVolume, isFinalized: boolean): boolean {
  const { annotations, finalizers } = volume.metadata;
  return (
    volume.status?.phase === 'Released' &&
    volume.spec.persistentVolumeReclaimPolicy === 'Delete' &&
    volume.spec.csi !== undefined &&
    annotations?.[VOLUME_ANNOTATIONS.provisionedBy] === volume.spec.csi.driver &&
    (!isBeingDeleted(volume) || (isFinalized && (finalizers?.includes(PROVISIONER_FINALIZER) ?? false)))
  );
}

/** What the attacher has to do about an attachment. */
export function attacherStep({ metadata, spec, status }: VolumeAttachment): 'attach' | 'detach' | undefined {
  if (metadata.deletionTimestamp !== undefined) {
    return metadata.finalizers?.includes(attacherFinalizer(spec.attacher)) ? 'detach' : undefined;
  }
  return status?.attached ? undefined : 'attach';
}

export function withFinalizer<T extends PersistentVolume | VolumeAttachment>(object: T, finalizer: string): T {
  const { finalizers = [] } = object.metadata;
  return finalizers.includes(finalizer)
    ? object
    : { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

export function withoutFinalizer<T extends PersistentVolume | VolumeAttachment>(object: T, finalizer: string): T {
  const { finalizers = [] } = object.metadata;
  return finalizers.includes(finalizer)
    ? { ...object, metadata: { ...object.metadata, finalizers: finalizers.filter((other) => other !== finalizer) } }
    : object;
}
