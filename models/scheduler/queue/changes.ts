import { compareQuantities, type Labels, type Node, type Pod, podRequests } from '../../api/index.js';
import type { EventAction } from '../framework/events.js';

/** What changed of a node, as far as scheduling may care. As NodeSchedulingPropertiesChange (pkg/scheduler/framework/events.go). */
export function nodeChanges(before: Node, after: Node): readonly EventAction[] {
  if (before === after) {
    return [];
  }
  const changes: EventAction[] = [];
  if (before.spec?.unschedulable && !after.spec?.unschedulable) {
    changes.push('UpdateNodeTaint');
  }
  if (!isSameJson(before.status?.allocatable, after.status?.allocatable)) {
    changes.push('UpdateNodeAllocatable');
  }
  if (!isSameMap(before.metadata.labels, after.metadata.labels)) {
    changes.push('UpdateNodeLabel');
  }
  if (!isSameJson(before.spec?.taints, after.spec?.taints)) {
    changes.push('UpdateNodeTaint');
  }
  if (!isSameMap(conditionsOf(before), conditionsOf(after))) {
    changes.push('UpdateNodeCondition');
  }
  if (!isSameMap(before.metadata.annotations, after.metadata.annotations)) {
    changes.push('UpdateNodeAnnotation');
  }
  if (!isSameJson(before.status?.declaredFeatures, after.status?.declaredFeatures)) {
    changes.push('UpdateNodeDeclaredFeature');
  }
  return changes;
}

/** What changed of a pod; 'Update' when nothing of interest did. As PodSchedulingPropertiesChange. */
export function podChanges(before: Pod, after: Pod): readonly EventAction[] {
  const changes: EventAction[] = [];
  if (!isSameMap(before.metadata.labels, after.metadata.labels)) {
    changes.push('UpdatePodLabel');
  }
  if (isScaledDown(before, after)) {
    changes.push('UpdatePodScaleDown');
  }
  if ((before.spec.schedulingGates?.length ?? 0) > 0 && (after.spec.schedulingGates?.length ?? 0) === 0) {
    changes.push('UpdatePodSchedulingGatesEliminated');
  }
  if ((before.spec.tolerations?.length ?? 0) !== (after.spec.tolerations?.length ?? 0)) {
    changes.push('UpdatePodToleration');
  }
  if (!isSameJson(before.status?.resourceClaimStatuses, after.status?.resourceClaimStatuses)) {
    changes.push('UpdatePodGeneratedResourceClaim');
  }
  return changes.length === 0 ? ['Update'] : changes;
}

function isScaledDown(before: Pod, after: Pod): boolean {
  if (before.spec === after.spec || before.spec.containers === after.spec.containers) {
    return false;
  }
  const [then, now] = [podRequests(before.spec), podRequests(after.spec)];
  return Object.keys(then).some((name) => compareQuantities(then[name] ?? 0, now[name] ?? 0) > 0);
}

/** Nothing that Kubernetes' own plugins read of a node differs, but images perhaps. */
export const looksTheSame = (before: Node, after: Node): boolean =>
  isSameJson(before.spec, after.spec) &&
  isSameMap(before.metadata.labels, after.metadata.labels) &&
  isSameJson(before.status?.allocatable, after.status?.allocatable) &&
  isSameJson(before.status?.declaredFeatures, after.status?.declaredFeatures);

/** Type to status alone: heartbeats change nothing. */
const conditionsOf = (node: Node): Labels =>
  Object.fromEntries((node.status?.conditions ?? []).map(({ type, status }) => [type, status]));

function isSameMap(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) {
    return true;
  }
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}

const isSameJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
