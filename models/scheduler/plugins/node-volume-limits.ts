import { type CSINode, type PersistentVolumeClaim, type Pod, storageClassOf } from '../../api/index.js';
import { asPod, type Hint } from '../framework/events.js';
import type { Listers } from '../framework/listers.js';
import type { NodeInfo } from '../framework/node-info.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable, unschedulable } from '../framework/status.js';
import { claimNotFound, claimsOf, notOwnedBy } from './volume-claims.js';

const NAME = 'NodeVolumeLimits';
const TOO_MANY = unschedulable(NAME, 'node(s) exceed max volume count');
const NO_DRIVER = unschedulable(NAME, 'node(s) do not have the required CSI driver installed');

/** CSI driver by volume; a volume that several pods of a node use counts once. */
type Volumes = Map<string, string>;

/**
 * A node attaches no more volumes of a CSI driver than its CSINode allows. As csi.go of nodevolumelimits.
 * Leaves out in-tree volumes that a driver took over.
 */
export const nodeVolumeLimits = (listers: Listers): Plugin<undefined> => ({
  name: NAME,
  isLocal: true,
  eventsToRegister: () => [
    { resource: 'CSINode', actions: ['Add'] },
    {
      resource: 'CSINode',
      actions: ['Update'],
      hint: (_pod, before, after) => hintAfterLimitChange(before as CSINode, after as CSINode),
    },
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      hint: (_pod, before) => (usesClaims(asPod(before)) ? 'Queue' : 'Skip'),
    },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add'],
      hint: (pod, _before, after) =>
        after?.metadata.namespace === pod.namespace && claimsOf(pod).some(({ name }) => name === after.metadata.name)
          ? 'Queue'
          : 'Skip',
    },
    {
      resource: 'VolumeAttachment',
      actions: ['Delete'],
      // Claims of ephemeral volumes are not looked at here.
      hint: ({ pod }) => (pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim) ? 'Queue' : 'Skip'),
    },
  ],
  preFilter: (pod): PreFilterResult<undefined> => (claimsOf(pod).length === 0 ? SKIP : { state: undefined }),
  filter(pod, node): Status | undefined {
    const wanted: Volumes = new Map();
    const problem = addVolumes(wanted, pod, listers, true);
    if (problem !== undefined) {
      return unresolvable(NAME, problem);
    }
    if (wanted.size === 0) {
      return undefined;
    }
    const csiNode = listers.get('CSINode', node.name);
    for (const driver of wanted.values()) {
      const isRequired = listers.get('CSIDriver', driver)?.spec.preventPodSchedulingIfMissing;
      if (isRequired && !csiNode?.spec.drivers.some(({ name }) => name === driver)) {
        return NO_DRIVER;
      }
    }
    const limits = limitsOf(csiNode);
    return limits.size > 0 && exceeds(wanted, attachedTo(node, listers), limits) ? TOO_MANY : undefined;
  },
});

const usesClaims = (pod: Pod | undefined): boolean =>
  (pod?.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim ?? volume.ephemeral);

function limitsOf(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) {
      limits.set(name, allocatable.count);
    }
  }
  return limits;
}

/** Volumes of the node's pods, and those that are attached without a pod. */
function attachedTo(node: NodeInfo, listers: Listers): Volumes {
  const attached: Volumes = new Map();
  for (const pod of node.pods) {
    addVolumes(attached, pod, listers, false);
  }
  for (const { spec } of listers.list('VolumeAttachment')) {
    const volume = spec.source.persistentVolumeName;
    const csi = spec.nodeName === node.name && volume ? listers.get('PersistentVolume', volume)?.spec.csi : undefined;
    if (csi !== undefined) {
      attached.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    }
  }
  return attached;
}

function exceeds(wanted: Volumes, attached: Volumes, limits: ReadonlyMap<string, number>): boolean {
  const added = new Map<string, number>();
  for (const [volume, driver] of wanted) {
    if (!attached.has(volume)) {
      added.set(driver, (added.get(driver) ?? 0) + 1);
    }
  }
  for (const [driver, count] of added) {
    const limit = limits.get(driver);
    if (limit !== undefined) {
      const present = [...attached.values()].filter((other) => other === driver).length;
      if (present + count > limit) {
        return true;
      }
    }
  }
  return false;
}

/** Adds the pod's volumes; answers what is wrong with a claim of a new pod. As filterAttachableVolumes. */
function addVolumes(volumes: Volumes, pod: PodInfo, listers: Listers, isNew: boolean): string | undefined {
  for (const { name, isEphemeral } of claimsOf(pod)) {
    const claim = listers.get('PersistentVolumeClaim', `${pod.namespace}/${name}`);
    if (claim === undefined) {
      if (isNew) {
        return claimNotFound(name);
      }
      continue;
    }
    const problem = isEphemeral ? notOwnedBy(pod.pod, claim) : undefined;
    if (problem !== undefined) {
      return problem;
    }
    const found = volumeOf(claim, listers);
    if (found !== undefined) {
      volumes.set(`${found.driver}/${found.handle}`, found.driver);
    }
  }
  return undefined;
}

/** The bound volume; a claim still to be provisioned counts for the driver of its class. As getCSIDriverInfo. */
function volumeOf(
  claim: PersistentVolumeClaim,
  listers: Listers,
): { readonly driver: string; readonly handle: string } | undefined {
  const { namespace, name } = claim.metadata;
  const volume = claim.spec.volumeName ? listers.get('PersistentVolume', claim.spec.volumeName) : undefined;
  if (volume !== undefined) {
    const { csi } = volume.spec;
    return csi && { driver: csi.driver, handle: csi.volumeHandle };
  }
  const provisioner = listers.get('StorageClass', storageClassOf(claim))?.provisioner;
  return provisioner ? { driver: provisioner, handle: `claim ${namespace}/${name}` } : undefined;
}

/** As isSchedulableAfterCSINodeUpdated: some driver may attach more. */
function hintAfterLimitChange(before: CSINode, after: CSINode): Hint {
  const then = limitsOf(before);
  for (const [driver, limit] of limitsOf(after)) {
    if (limit > (then.get(driver) ?? 0)) {
      return 'Queue';
    }
  }
  return 'Skip';
}
