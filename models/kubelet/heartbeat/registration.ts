import type { Micros } from '../../../engine/time/micros.js';
import type { Lease, Node, Taint } from '../../api/index.js';

/** Labels that a kubelet puts right on a Node that it finds registered already (updateDefaultLabels). */
const DEFAULT_LABELS = [
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'node.kubernetes.io/windows-build',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
];

const ATTACH_DETACH = 'volumes.kubernetes.io/controller-managed-attach-detach';

/** What a kubelet is told of the Node it registers: by its flags and by its machine. */
export interface NodeIdentity {
  readonly name: string;
  /** --node-labels and those of the cloud provider. */
  readonly labels: Readonly<Record<string, string>>;
  /** --register-with-taints. */
  readonly taints: readonly Taint[];
  readonly operatingSystem: string;
  readonly architecture: string;
}

/** The Node as a kubelet first posts it, but for its status. As initialNode. */
export function initialNode(identity: NodeIdentity): Node {
  const { name, operatingSystem, architecture } = identity;
  const labels = {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': operatingSystem,
    ...identity.labels,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations: { [ATTACH_DETACH]: 'true' } },
    spec: identity.taints.length > 0 ? { taints: identity.taints } : {},
  };
}

/**
 * An existing Node with what a restarting kubelet puts right on it: default labels and the attach-detach annotation, but not
 * taints, so one that was removed stays removed. The same object when nothing is wrong. As tryRegisterWithAPIServer.
 */
export function reconciledNode(existing: Node, initial: Node): Node {
  const found = existing.metadata.labels ?? {};
  const wanted = initial.metadata.labels ?? {};
  const wrong = DEFAULT_LABELS.filter((label) => wanted[label] !== undefined && wanted[label] !== found[label]);
  const isManaged = existing.metadata.annotations?.[ATTACH_DETACH] === 'true';
  if (wrong.length === 0 && isManaged) {
    return existing;
  }
  const labels = { ...found, ...Object.fromEntries(wrong.map((label) => [label, wanted[label] as string])) };
  const annotations = { ...existing.metadata.annotations, [ATTACH_DETACH]: 'true' };
  return { ...existing, metadata: { ...existing.metadata, labels, annotations } };
}

/** The Node with the labels of its operating system and architecture, which every status computation insists on. */
export function withRequiredLabels(node: Node, operatingSystem: string, architecture: string): Node {
  const required = { 'kubernetes.io/os': operatingSystem, 'kubernetes.io/arch': architecture };
  const labels = node.metadata.labels ?? {};
  const isComplete = Object.entries(required).every(([label, value]) => labels[label] === value);
  return isComplete ? node : { ...node, metadata: { ...node.metadata, labels: { ...labels, ...required } } };
}

const LEASE_NAMESPACE = 'kube-node-lease';

export const leaseKey = (node: string): string => `${LEASE_NAMESPACE}/${node}`;

/** The Lease as a kubelet creates it. */
export const newLease = (node: Node, durationSeconds: number, now: Micros): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {
    name: node.metadata.name,
    namespace: LEASE_NAMESPACE,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.metadata.name, uid: node.metadata.uid as string }],
  },
  spec: { holderIdentity: node.metadata.name, leaseDurationSeconds: durationSeconds, renewTime: now },
});

/** The Lease as a kubelet renews it. */
export const renewedLease = (lease: Lease, durationSeconds: number, now: Micros): Lease => ({
  ...lease,
  spec: { ...lease.spec, leaseDurationSeconds: durationSeconds, renewTime: now },
});
