import type { Pod, Volume } from '../../api/index.js';
import { asPod, type Hint } from '../framework/events.js';
import type { Listers } from '../framework/listers.js';
import type { NodeInfo } from '../framework/node-info.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { Snapshot } from '../framework/snapshot.js';
import { type Status, unresolvable, unschedulable } from '../framework/status.js';
import { claimNotFound } from './volume-claims.js';

const NAME = 'VolumeRestrictions';
const DISK_CONFLICT = unschedulable(NAME, 'node(s) had no available disk');
const IN_USE = unschedulable(
  NAME,
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

/** Claims that only one pod may use, and how many others use them. */
interface ExclusiveClaims {
  readonly names: ReadonlySet<string>;
  users: number;
}

/** Keeps apart pods that may not share a disk, or a claim that is for one pod alone. */
export const volumeRestrictions = (listers: Listers): Plugin<ExclusiveClaims> => ({
  name: NAME,
  isLocal: true,
  eventsToRegister: () => [
    { resource: 'AssignedPod', actions: ['Delete'], hint: (pod, before) => hintAfterPodDeleted(pod, asPod(before)) },
    { resource: 'Node', actions: ['Add'] },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add'],
      hint: (pod, _before, after) =>
        after?.metadata.namespace === pod.namespace && claimNames(pod.pod).has(after.metadata.name) ? 'Queue' : 'Skip',
    },
  ],
  preFilter(pod, snapshot): PreFilterResult<ExclusiveClaims> {
    const names = new Set<string>();
    for (const name of claimNames(pod.pod)) {
      const claim = listers.get('PersistentVolumeClaim', `${pod.namespace}/${name}`);
      if (claim === undefined) {
        return { status: unresolvable(NAME, claimNotFound(name)) };
      }
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) {
        names.add(name);
      }
    }
    const users = [...names].filter((name) => isUsed(snapshot, `${pod.namespace}/${name}`)).length;
    const hasDisk = (pod.pod.spec.volumes ?? []).some(isRestricted);
    return !hasDisk && users === 0 ? SKIP : { state: { names, users } };
  },
  cloneState: ({ names, users }) => ({ names, users }),
  addPod: (_pod, added, _node, state) => count(state, added, 1),
  removePod: (_pod, removed, _node, state) => count(state, removed, -1),
  filter({ pod }, node, { users }): Status | undefined {
    for (const volume of pod.spec.volumes ?? []) {
      if (isRestricted(volume) && hasConflict(volume, node)) {
        return DISK_CONFLICT;
      }
    }
    return users > 0 ? IN_USE : undefined;
  },
});

const claimNames = ({ spec }: Pod): ReadonlySet<string> =>
  new Set((spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []));

const isUsed = (snapshot: Snapshot, key: string): boolean =>
  snapshot.nodes.some(({ claimUsers }) => claimUsers.has(key));

function count(state: ExclusiveClaims, { pod }: PodInfo, change: 1 | -1): void {
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim !== undefined && state.names.has(persistentVolumeClaim.claimName)) {
      state.users += change;
    }
  }
}

const isRestricted = (volume: Volume): boolean =>
  (volume.gcePersistentDisk ?? volume.awsElasticBlockStore ?? volume.rbd ?? volume.iscsi) !== undefined;

const hasConflict = (volume: Volume, { pods }: NodeInfo): boolean =>
  pods.some(({ pod }) => pod.spec.volumes?.some((used) => isConflict(volume, used)));

/** As isVolumeConflict: the same disk, and not for reading alone by both. */
function isConflict(wanted: Volume, used: Volume): boolean {
  const { gcePersistentDisk: gce, awsElasticBlockStore: ebs, iscsi, rbd } = wanted;
  const isShared = (a?: { readOnly?: boolean | undefined }, b?: { readOnly?: boolean | undefined }): boolean =>
    Boolean(a?.readOnly && b?.readOnly);
  if (gce && gce.pdName === used.gcePersistentDisk?.pdName && !isShared(gce, used.gcePersistentDisk)) {
    return true;
  }
  if (ebs && ebs.volumeID === used.awsElasticBlockStore?.volumeID) {
    return true;
  }
  if (iscsi && iscsi.iqn === used.iscsi?.iqn && !isShared(iscsi, used.iscsi)) {
    return true;
  }
  const other = used.rbd;
  return (
    rbd !== undefined &&
    other !== undefined &&
    rbd.monitors.some((monitor) => other.monitors.includes(monitor)) &&
    (rbd.pool ?? 'rbd') === (other.pool ?? 'rbd') &&
    rbd.image === other.image &&
    !isShared(rbd, other)
  );
}

/** As isSchedulableAfterPodDeleted: a conflicting disk, or a claim of ours, is free again. */
function hintAfterPodDeleted({ pod, namespace }: PodInfo, deleted: Pod | undefined): Hint {
  if (deleted === undefined || deleted.metadata.namespace !== namespace) {
    return 'Skip';
  }
  const own = claimNames(pod);
  const hasOurClaim = [...claimNames(deleted)].some((name) => own.has(name));
  const hadOurDisk = (pod.spec.volumes ?? []).some(
    (volume) => isRestricted(volume) && deleted.spec.volumes?.some((used) => isConflict(volume, used)),
  );
  return hasOurClaim || hadOurDisk ? 'Queue' : 'Skip';
}
