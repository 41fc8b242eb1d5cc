import type { Micros } from '../../engine/time/micros.js';
import {
  type CSIDriver,
  claimNameOf,
  isNodeReady,
  isPodTerminal,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
} from '../api/index.js';

/** A volume that has to be attached before it can be mounted. */
export interface AttachableVolume {
  /** Its name in the status of nodes: "kubernetes.io/csi/DRIVER^HANDLE". */
  readonly uniqueName: string;
  /** Of the PersistentVolume. */
  readonly name: string;
  readonly driver: string;
  readonly handle: string;
  readonly allowsMultiAttach: boolean;
}

/** The volume as something to attach; undefined when its driver attaches nothing, or it has none. As CanAttach (pkg/volume/csi). */
export function attachableOf(
  { metadata, spec }: PersistentVolume,
  driverOf: (name: string) => CSIDriver | undefined,
): AttachableVolume | undefined {
  const { csi } = spec;
  if (csi === undefined || driverOf(csi.driver)?.spec.attachRequired === false) {
    return undefined;
  }
  return {
    uniqueName: `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`,
    name: metadata.name,
    driver: csi.driver,
    handle: csi.volumeHandle,
    allowsMultiAttach: allowsMultiAttach(spec.accessModes ?? []),
  };
}

/** As IsMultiAttachAllowed (pkg/volume/util): without a mode nothing is known against it. */
const allowsMultiAttach = (modes: readonly string[]): boolean =>
  modes.length === 0 || modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany');

export interface VolumeLookup {
  claim(key: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  driver(name: string): CSIDriver | undefined;
}

/** The pod's volumes that have to be attached, as far as their claims are bound. As ProcessPodVolumes, CreateVolumeSpec. */
export function attachablesOf(pod: Pod, lookup: VolumeLookup): readonly AttachableVolume[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    const claim = name === undefined ? undefined : lookup.claim(`${pod.metadata.namespace}/${name}`);
    const found = claim && boundVolume(claim, lookup);
    return (found && attachableOf(found, lookup.driver)) ?? [];
  });
}

function boundVolume(claim: PersistentVolumeClaim, lookup: VolumeLookup): PersistentVolume | undefined {
  const volume =
    claim.status?.phase === 'Bound' && claim.spec.volumeName ? lookup.volume(claim.spec.volumeName) : undefined;
  return volume?.spec.claimRef?.uid === claim.metadata.uid ? volume : undefined;
}

/** Whether the pod's volumes have to be attached. As DetermineVolumeAction and IsPodTerminated (pkg/volume/util). */
export function wantsVolumes(pod: Pod): boolean {
  const isOver = pod.metadata.deletionTimestamp !== undefined && isNothingRunning(pod);
  return Boolean(pod.spec.nodeName) && !isPodTerminal(pod) && !isOver;
}

const isNothingRunning = ({ status }: Pod): boolean =>
  (status?.containerStatuses ?? []).every(
    ({ state }) => state?.terminated !== undefined || state?.waiting !== undefined,
  );

/** What counts for a volume that nobody wants on its node any more. */
export interface Unwanted {
  /** The node's status lists it as in use. */
  readonly isMounted: boolean;
  readonly requestedAt: Micros;
  readonly node: Node | undefined;
}

export interface DetachRules {
  readonly reconcilerMaxWaitForUnmountDuration: Micros;
  readonly disableForceDetachOnTimeout: boolean;
  readonly sparesHealthyNodes: boolean;
  readonly honorsOutOfService: boolean;
}

export type DetachVerdict =
  /** `verifies`: the server is asked once more whether the volume is in use. */
  | { readonly do: 'detach'; readonly verifies: boolean }
  /** Until it is unmounted; `until` is when it may go by force. */
  | { readonly do: 'wait'; readonly until: Micros | undefined };

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** As reconcile (pkg/controller/volume/attachdetach/reconciler): six minutes are `>`, not `>=`. */
export function decideDetach(
  { isMounted, requestedAt, node }: Unwanted,
  rules: DetachRules,
  now: Micros,
): DetachVerdict {
  const deadline = requestedAt + rules.reconcilerMaxWaitForUnmountDuration;
  const isHealthy = node !== undefined && isNodeReady(node);
  const mayForce = !rules.disableForceDetachOnTimeout && !(rules.sparesHealthyNodes && isHealthy);
  const isForced = mayForce && now > deadline;
  const isOutOfService =
    rules.honorsOutOfService && (node?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false);
  if (isMounted && !isForced && !isOutOfService) {
    return { do: 'wait', until: now > deadline ? undefined : deadline + 1 };
  }
  return { do: 'detach', verifies: !(isForced || isOutOfService) };
}

/** Why a volume cannot be attached here too, as each pod that waits for it is told. As reportMultiAttachError. */
export function multiAttachMessage(volume: string, waiting: Pod, users: readonly Pod[]): string {
  const local = users.filter(({ metadata }) => metadata.namespace === waiting.metadata.namespace);
  const others = users.length - local.length;
  const elsewhere = `${others} pod(s) in different namespaces`;
  const names = local.map(({ metadata }) => metadata.name).join(', ');
  const why =
    users.length === 0
      ? "Volume is already exclusively attached to one node and can't be attached to another"
      : local.length === 0
        ? `Volume is already used by ${elsewhere}`
        : `Volume is already used by pod(s) ${names}${others > 0 ? ` and ${elsewhere}` : ''}`;
  return `Multi-Attach error for volume "${volume}" ${why}`;
}
