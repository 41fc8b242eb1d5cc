import type { Taint } from '../api/index.js';

// karpenter pkg/apis/v1/labels.go, taints.go; k8s.io/api core/v1 well_known_labels.go
export const NODE_POOL = 'karpenter.sh/nodepool';
export const CAPACITY_TYPE = 'karpenter.sh/capacity-type';
export const REGISTERED = 'karpenter.sh/registered';
export const INITIALIZED = 'karpenter.sh/initialized';
export const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';
export const NODE_POOL_HASH = 'karpenter.sh/nodepool-hash';
export const TERMINATION_TIMESTAMP = 'karpenter.sh/nodeclaim-termination-timestamp';
export const TERMINATION_FINALIZER = 'karpenter.sh/termination';
export const INSTANCE_TYPE = 'node.kubernetes.io/instance-type';
export const ZONE = 'topology.kubernetes.io/zone';
export const HOSTNAME = 'kubernetes.io/hostname';
export const ON_DEMAND = 'on-demand';

/** On a machine until its NodeClaim has found it: nothing may run there. */
export const UNREGISTERED_TAINT: Taint = { key: 'karpenter.sh/unregistered', effect: 'NoExecute' };
/** On a node that is about to go. */
export const DISRUPTED_TAINT: Taint = { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' };

/** Taints of a node's youth that will go by themselves. As KnownEphemeralTaints (pkg/scheduling/taints.go). */
export const EPHEMERAL_TAINTS: readonly string[] = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.cloudprovider.kubernetes.io/uninitialized',
  UNREGISTERED_TAINT.key,
];
