import {
  compareQuantities,
  findMatchingVolume,
  hasSameAttributesClass,
  hasSameVolumeMode,
  isFullyBound,
  offersAccessModes,
  type PersistentVolume,
  type PersistentVolumeClaim,
  refersToClaim,
  requestedStorage,
  type StorageClass,
  storageCapacity,
  storageClassOf,
  VOLUME_ANNOTATIONS,
} from '../api/index.js';

/** An event to tell on an object. */
export interface Telling {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What the binder knows when it looks at a claim. */
export interface ClaimSurroundings {
  /** In order of name. */
  readonly volumes: readonly PersistentVolume[];
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** The class that a claim without one gets now; undefined when there is none, or claims never get one later. */
  defaultClass(): string | undefined;
  /** Names of the pods that use the claim and have no node yet, in order. */
  waitingPods(): readonly string[];
}

export type ClaimVerdict =
  | { readonly do: 'bind'; readonly volume: PersistentVolume }
  | { readonly do: 'provision'; readonly className: string }
  | { readonly do: 'assign class'; readonly className: string }
  | { readonly do: 'wait'; readonly telling?: Telling }
  | { readonly do: 'lose'; readonly telling: Telling }
  | { readonly do: 'nothing' };

/** As syncClaim (pkg/controller/volume/persistentvolume/pv_controller.go). */
export function decideClaim(claim: PersistentVolumeClaim, seen: ClaimSurroundings): ClaimVerdict {
  if (claim.metadata.annotations?.[VOLUME_ANNOTATIONS.bindCompleted] !== undefined) {
    return decideBoundClaim(claim, seen);
  }
  return claim.spec.volumeName
    ? decideReservingClaim(claim, claim.spec.volumeName, seen)
    : decideFreeClaim(claim, seen);
}

/** As syncBoundClaim. */
function decideBoundClaim(claim: PersistentVolumeClaim, seen: ClaimSurroundings): ClaimVerdict {
  if (!isFullyBound(claim)) {
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  }
  const volume = seen.volume(claim.spec.volumeName as string);
  if (volume === undefined) {
    return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  }
  const { claimRef } = volume.spec;
  return claimRef === undefined || claimRef.uid === claim.metadata.uid
    ? { do: 'bind', volume }
    : lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

const lost = (reason: string, message: string): ClaimVerdict => ({
  do: 'lose',
  telling: { type: 'Warning', reason, message },
});

const waiting = (type: Telling['type'], reason: string, message: string): ClaimVerdict => ({
  do: 'wait',
  telling: { type, reason, message },
});

/** The claim takes any volume that fits. As the first half of syncUnboundClaim. */
function decideFreeClaim(claim: PersistentVolumeClaim, seen: ClaimSurroundings): ClaimVerdict {
  const className = storageClassOf(claim);
  const isDelayed = className !== '' && seen.storageClass(className)?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = bestMatch(claim, seen.volumes, isDelayed);
  if (volume !== undefined) {
    return { do: 'bind', volume };
  }
  const defaultClass = hasClass(claim) ? undefined : seen.defaultClass();
  if (defaultClass !== undefined) {
    return { do: 'assign class', className: defaultClass };
  }
  if (isDelayed && claim.metadata.annotations?.[VOLUME_ANNOTATIONS.selectedNode] === undefined) {
    return waitForConsumer(seen.waitingPods());
  }
  return className === ''
    ? waiting('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
    : { do: 'provision', className };
}

/** Whether the claim names a class, be it ''. As PersistentVolumeClaimHasClass. */
const hasClass = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  spec.storageClassName !== undefined || metadata.annotations?.[VOLUME_ANNOTATIONS.betaClass] !== undefined;

/** As emitEventForUnboundDelayBindingClaim. */
function waitForConsumer(pods: readonly string[]): ClaimVerdict {
  if (pods.length === 0) {
    return waiting('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  const them = pods.length === 1 ? `pod ${pods[0]}` : `pods ${pods.join(',')}`;
  return waiting('Normal', 'WaitForPodScheduled', `waiting for ${them} to be scheduled`);
}

/** The claim asks for one volume by name. As the second half of syncUnboundClaim. */
function decideReservingClaim(claim: PersistentVolumeClaim, name: string, seen: ClaimSurroundings): ClaimVerdict {
  const volume = seen.volume(name);
  if (volume === undefined) {
    return { do: 'wait' };
  }
  if (volume.spec.claimRef === undefined) {
    const mismatch = mismatchOf(volume, claim);
    return mismatch === undefined
      ? { do: 'bind', volume }
      : waiting('Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
  }
  if (refersToClaim(volume, claim)) {
    return { do: 'bind', volume };
  }
  return claim.metadata.annotations?.[VOLUME_ANNOTATIONS.boundByController] === undefined
    ? waiting('Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`)
    : { do: 'nothing' };
}

/** Why a volume that a claim asks for is none for it. As checkVolumeSatisfyClaim. */
function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion "${volume.metadata.name}"`;
  }
  if (compareQuantities(storageCapacity(volume), requestedStorage(claim)) < 0) {
    return 'requested PV is too small';
  }
  if (storageClassOf(volume) !== storageClassOf(claim)) {
    return 'storageClassName does not match';
  }
  if (!hasSameAttributesClass(volume, claim)) {
    return 'volumeAttributesClassName does not match';
  }
  if (!hasSameVolumeMode(volume, claim)) {
    return 'incompatible volumeMode';
  }
  return offersAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/**
 * The smallest volume that fits among those with the fewest access modes, then among those with more. As findByClaim
 * (pkg/controller/volume/persistentvolume/index.go).
 */
export function bestMatch(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  isDelayed: boolean,
): PersistentVolume | undefined {
  const byModes = new Map<string, PersistentVolume[]>();
  for (const volume of volumes) {
    if (offersAccessModes(volume, claim)) {
      const modes = [...(volume.spec.accessModes ?? [])].sort().join(',');
      byModes.set(modes, [...(byModes.get(modes) ?? []), volume]);
    }
  }
  const count = (modes: string): number => modes.split(',').length;
  const groups = [...byModes].sort(([a], [b]) => count(a) - count(b) || (a < b ? -1 : 1));
  for (const [, group] of groups) {
    const found = findMatchingVolume(claim, group, { isDelayed });
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

export type VolumeVerdict =
  | { readonly do: 'set phase'; readonly phase: 'Available' | 'Bound' }
  | { readonly do: 'wake claim' }
  | { readonly do: 'tell mode mismatch' }
  | { readonly do: 'reclaim' }
  | { readonly do: 'unbind' };

/** As syncVolume; `claim` is what the volume refers to, undefined when that is gone. */
export function decideVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeVerdict {
  const { claimRef, persistentVolumeReclaimPolicy } = volume.spec;
  if (!claimRef?.uid) {
    return { do: 'set phase', phase: 'Available' };
  }
  if (claim === undefined) {
    return { do: 'reclaim' };
  }
  if (!claim.spec.volumeName) {
    return hasSameVolumeMode(volume, claim) ? { do: 'wake claim' } : { do: 'tell mode mismatch' };
  }
  if (claim.spec.volumeName === volume.metadata.name) {
    return { do: 'set phase', phase: 'Bound' };
  }
  const isProvisioned = volume.metadata.annotations?.[VOLUME_ANNOTATIONS.provisionedBy] !== undefined;
  return isProvisioned && persistentVolumeReclaimPolicy === 'Delete' ? { do: 'reclaim' } : { do: 'unbind' };
}

/** The volume without its claim; one that a user reserved stays reserved. As unbindVolume. */
export function unbound(volume: PersistentVolume): PersistentVolume {
  const { [VOLUME_ANNOTATIONS.boundByController]: mark, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec;
  return mark === undefined
    ? { ...volume, spec: { ...spec, claimRef: { ...claimRef, uid: undefined } } }
    : { ...volume, metadata: { ...volume.metadata, annotations }, spec };
}

/** The claim with the name of its volume; the same object when it has it. As bindClaimToVolume. */
export function claimBoundTo(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const { bindCompleted, boundByController } = VOLUME_ANNOTATIONS;
  const isNamed = claim.spec.volumeName === volume.metadata.name;
  const before = claim.metadata.annotations ?? {};
  if (isNamed && before[bindCompleted] !== undefined) {
    return claim;
  }
  const annotations = {
    ...before,
    ...(!isNamed && before[boundByController] === undefined && { [boundByController]: 'yes' }),
    [bindCompleted]: before[bindCompleted] ?? 'yes',
  };
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: isNamed ? claim.spec : { ...claim.spec, volumeName: volume.metadata.name },
  };
}

/** Marks the claim as one for this provisioner; the same object when it is. As setClaimProvisioner. */
export function claimForProvisioner(claim: PersistentVolumeClaim, provisioner: string): PersistentVolumeClaim {
  const annotations = claim.metadata.annotations ?? {};
  const keys = [VOLUME_ANNOTATIONS.betaProvisioner, VOLUME_ANNOTATIONS.provisioner];
  if (annotations[VOLUME_ANNOTATIONS.provisioner] !== undefined) {
    return claim;
  }
  const marks = Object.fromEntries(keys.map((key) => [key, provisioner]));
  return { ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, ...marks } } };
}

/** What becomes of a volume whose claim is gone, and whom it is left to. As reclaimVolume and findDeletablePlugin. */
export function reclaimOf(volume: PersistentVolume): 'leave' | 'delete' | Telling {
  const { persistentVolumeReclaimPolicy: policy = 'Retain', hostPath } = volume.spec;
  if (policy === 'Retain' || policy === 'Recycle') {
    return 'leave';
  }
  if (policy !== 'Delete') {
    return {
      type: 'Warning',
      reason: 'VolumeUnknownReclaimPolicy',
      message: 'Volume has unrecognized reclaim policy',
    };
  }
  const provisioner = volume.metadata.annotations?.[VOLUME_ANNOTATIONS.provisionedBy];
  if (provisioner !== undefined && provisioner !== '' && !provisioner.startsWith(IN_TREE)) {
    return 'leave';
  }
  const reason = 'VolumeFailedDelete';
  if (hostPath === undefined) {
    const name = volume.metadata.name;
    const why = 'no deletable volume plugin matched';
    return {
      type: 'Warning',
      reason,
      message: `error getting deleter volume plugin for volume "${name}": ${why}`,
    };
  }
  // pkg/volume/hostpath newDeleter
  return hostPath.path.startsWith('/tmp/') && hostPath.path.length > '/tmp/'.length
    ? 'delete'
    : {
        type: 'Warning',
        reason,
        message: `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`,
      };
}

const IN_TREE = 'kubernetes.io/';

/** Who makes volumes of this class; or why nobody does. As findProvisionablePlugin. */
export function provisionerOf(
  className: string,
  storageClass: StorageClass | undefined,
): { readonly provisioner: string } | { readonly failure: string } {
  if (storageClass === undefined) {
    return { failure: `storageclass.storage.k8s.io "${className}" not found` };
  }
  const { provisioner } = storageClass;
  return provisioner.startsWith(IN_TREE) && !MIGRATED.has(provisioner)
    ? { failure: `no volume plugin matched name: ${provisioner}` }
    : { provisioner: MIGRATED.get(provisioner) ?? provisioner };
}

/** In-tree provisioners whose work CSI drivers do; k8s.io/csi-translation-lib plugins. */
const MIGRATED: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'],
  ['kubernetes.io/azure-disk', 'disk.csi.azure.com'],
  ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'],
  ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'],
  ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
  ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'],
]);

/** The event about a claim whose volume somebody else makes. */
export const waitingForProvisioner = (provisioner: string, explains: boolean): string =>
  explains
    ? `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
    : `waiting for a volume to be created, either by external provisioner "${provisioner}" or manually created by system administrator`;
