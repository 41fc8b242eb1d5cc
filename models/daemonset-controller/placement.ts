import {
  type DaemonSet,
  firstUntoleratedTaint,
  matchesRequiredNodeAffinity,
  type Node,
  type NodeAffinity,
  type NodeSelectorTerm,
  type Pod,
  type PodSpec,
  semanticallyEqual,
  type Toleration,
} from '../api/index.js';

const NODE_NAME_FIELD = 'metadata.name';

const tolerationOf = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
});

/** A daemon stays on a node that is in trouble. As AddOrUpdateDaemonPodTolerations (pkg/controller/daemon/util). */
const TOLERATIONS: readonly Toleration[] = [
  tolerationOf('not-ready', 'NoExecute'),
  tolerationOf('unreachable', 'NoExecute'),
  tolerationOf('disk-pressure', 'NoSchedule'),
  tolerationOf('memory-pressure', 'NoSchedule'),
  tolerationOf('pid-pressure', 'NoSchedule'),
  tolerationOf('unschedulable', 'NoSchedule'),
];

const HOST_NETWORK_TOLERATION = tolerationOf('network-unavailable', 'NoSchedule');

/** The pod's tolerations and those of every daemon. */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const added = spec.hostNetwork ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS;
  const present = spec.tolerations ?? [];
  const isMissing = (toleration: Toleration): boolean => !present.some((one) => semanticallyEqual(one, toleration));
  return [...present, ...added.filter(isMissing)];
}

/** Whether a daemon should be started on a node, and whether one that is there may stay. */
export interface Placement {
  readonly shouldRun: boolean;
  readonly shouldContinueRunning: boolean;
}

const NOWHERE: Placement = { shouldRun: false, shouldContinueRunning: false };

/** As NodeShouldRunDaemonPod (pkg/controller/daemon/daemon_controller.go): resources are the scheduler's business. */
export function placementOn(node: Node, { spec }: DaemonSet): Placement {
  const podSpec = spec.template.spec;
  if (podSpec === undefined || (podSpec.nodeName && podSpec.nodeName !== node.metadata.name)) {
    return NOWHERE;
  }
  if (!matchesRequiredNodeAffinity(podSpec, node)) {
    return NOWHERE;
  }
  const tolerations = daemonTolerations(podSpec);
  const taints = node.spec?.taints ?? [];
  return {
    shouldRun: firstUntoleratedTaint(taints, tolerations, ['NoSchedule', 'NoExecute']) === undefined,
    shouldContinueRunning: firstUntoleratedTaint(taints, tolerations, ['NoExecute']) === undefined,
  };
}

/**
 * The affinity that ties a pod to one node, so that the scheduler binds it there and nowhere else.
 * As ReplaceDaemonSetPodNodeNameNodeAffinity: required terms of the template give way, preferred ones stay.
 */
export function affinityTo(nodeName: string, affinity: PodSpec['affinity']): NonNullable<PodSpec['affinity']> {
  const term: NodeSelectorTerm = { matchFields: [{ key: NODE_NAME_FIELD, operator: 'In', values: [nodeName] }] };
  const nodeAffinity: NodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
  };
  return { ...affinity, nodeAffinity };
}

/** The node a daemon is on, or is meant for. As GetTargetNodeName. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) {
    return spec.nodeName;
  }
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields } of terms) {
    const only = matchFields?.length === 1 ? matchFields[0] : undefined;
    if (only?.key === NODE_NAME_FIELD && only.operator === 'In' && only.values?.length === 1) {
      return only.values[0];
    }
  }
  return undefined;
}
