import type { Node, Pod, Taint } from '../../models/api/index.js';
import type { NodeTemplate } from '../../models/cluster.js';
import type { DiskTemplate, FilesystemTemplate } from '../../models/world/index.js';
import { filesystemOf } from '../../models/world/index.js';
import type { Pool } from '../run/scenario.js';
import { toUsage, type UsageText } from '../schema/behaviour.js';
import type { DisksText, PoolText } from '../schema/scenario.js';
import { toTaint } from '../schema/taint.js';
import { amount, type QuantityText } from '../schema/values.js';
import { controlPlaneMembers } from './control-plane.js';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** What a machine has when nobody says. */
export const DEFAULT_CAPACITY = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** A pool's machines: POOL-0, POOL-1, …, dealt over its zones in turn. */
export function toPool(text: PoolText, staticPods: readonly Pod[], kubernetesVersion: string): Pool {
  const capacity = Object.fromEntries(
    Object.entries({ ...DEFAULT_CAPACITY, ...text.capacity }).map(([name, amount]) => [name, String(amount)]),
  );
  const taints = (text.taints ?? []).map(toTaint);
  const zones = text.zones ?? [];
  const controlPlane = text.role === 'controlPlane' ? controlPlaneMembers(kubernetesVersion) : undefined;
  const pods = [...(controlPlane?.staticPods ?? []), ...staticPods];
  return {
    name: text.name,
    count: text.count,
    zones,
    ...(text.price !== undefined && { price: text.price }),
    ...(text.autoscaling && { autoscaling: text.autoscaling }),
    template: (index) => ({
      name: `${text.name}-${index}`,
      pool: text.name,
      capacity,
      ...(text.disks && { disks: toDisks(text.disks, capacity['ephemeral-storage'] as string) }),
      ...(text.maxPID !== undefined && { maxPID: text.maxPID }),
      taints: [...(controlPlane?.taints ?? []), ...taints],
      ...(pods.length > 0 && { staticPods: pods }),
      ...(controlPlane && { isControlPlane: true }),
      labels: {
        ...controlPlane?.labels,
        ...(zones.length > 0 && { [ZONE_LABEL]: zones[index % zones.length] as string }),
        ...text.labels,
      },
    }),
  };
}

const toDisks = ({ imagefs, nodefs, writableLayers }: DisksText, capacity: string): DiskTemplate => ({
  nodefs: toFilesystem(nodefs ?? {}, capacity),
  imagefs: imagefs && toFilesystem(imagefs, imagefs.capacity),
  writableLayers,
});

interface FilesystemText {
  readonly inodes?: number | undefined;
  readonly used?: UsageText | undefined;
  readonly inodesUsed?: UsageText | undefined;
}

const toFilesystem = ({ inodes, inodesUsed, used }: FilesystemText, capacity: QuantityText): FilesystemTemplate => ({
  ...filesystemOf(amount(capacity), inodes),
  ...(used !== undefined && { used: toUsage(used, amount) }),
  ...(inodesUsed !== undefined && { inodesUsed: toUsage(inodesUsed, amount) }),
});

/** Labels and taints that components put on nodes by themselves: taken from an export, they would be there too early. */
const TAKEN_BY_COMPONENTS = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
  'node.kubernetes.io/unschedulable',
]);

/** The machine under a Node of `kubectl get nodes -o yaml`. Its pool is what clouds call the node's group, if it says. */
export function toTemplate(node: Node): NodeTemplate {
  const labels = node.metadata.labels ?? {};
  const capacity = Object.entries({ ...DEFAULT_CAPACITY, ...node.status?.capacity });
  return {
    name: node.metadata.name,
    pool: POOL_LABELS.map((label) => labels[label]).find((name) => name !== undefined) ?? '',
    labels,
    taints: (node.spec?.taints ?? []).filter(({ key }) => !TAKEN_BY_COMPONENTS.has(key)).map(withoutTime),
    capacity: Object.fromEntries(capacity.map(([name, amount]) => [name, String(amount)])),
  };
}

const POOL_LABELS = [
  'eks.amazonaws.com/nodegroup',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
  'node.kubernetes.io/instance-type',
];

function withoutTime({ timeAdded: _, ...taint }: Taint): Taint {
  return taint;
}
