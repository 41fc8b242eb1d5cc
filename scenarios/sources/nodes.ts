import type { Node, Taint } from '../../models/api/index.js';
import type { NodeTemplate } from '../../models/cluster.js';
import type { Pool } from '../run/scenario.js';
import type { PoolText } from '../schema/scenario.js';
import { toTaint } from '../schema/taint.js';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** What a machine has when nobody says. */
export const DEFAULT_CAPACITY = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** A pool's machines: POOL-0, POOL-1, …, dealt over its zones in turn. */
export function toPool(text: PoolText): Pool {
  const capacity = Object.fromEntries(
    Object.entries({ ...DEFAULT_CAPACITY, ...text.capacity }).map(([name, amount]) => [name, String(amount)]),
  );
  const taints = (text.taints ?? []).map(toTaint);
  const zones = text.zones ?? [];
  return {
    name: text.name,
    count: text.count,
    template: (index) => ({
      name: `${text.name}-${index}`,
      pool: text.name,
      capacity,
      taints,
      labels: { ...(zones.length > 0 && { [ZONE_LABEL]: zones[index % zones.length] as string }), ...text.labels },
    }),
  };
}

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
