import {
  compareQuantities,
  type Labels,
  type Node,
  type Pod,
  podRequests,
  type ResourceList,
} from '../../api/index.js';
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
  if (!areSameAmounts(before.status?.allocatable, after.status?.allocatable)) {
    changes.push('UpdateNodeAllocatable');
  }
  if (!isSameMap(before.metadata.labels, after.metadata.labels)) {
    changes.push('UpdateNodeLabel');
  }
  if (!isSameJson(before.spec?.taints ?? [], after.spec?.taints ?? [])) {
    changes.push('UpdateNodeTaint');
  }
  if (!isSameMap(conditionsOf(before), conditionsOf(after))) {
    changes.push('UpdateNodeCondition');
  }
  if (!isSameMap(before.metadata.annotations, after.metadata.annotations)) {
    changes.push('UpdateNodeAnnotation');
  }
  if (!isSameJson(before.status?.declaredFeatures ?? [], after.status?.declaredFeatures ?? [])) {
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
  const { isDown, isUp } = scaling(before, after);
  if (isDown) {
    changes.push('UpdatePodScaleDown');
  }
  if (isUp) {
    changes.push('UpdatePodScaleUp');
  }
  if ((before.spec.schedulingGates?.length ?? 0) > 0 && (after.spec.schedulingGates?.length ?? 0) === 0) {
    changes.push('UpdatePodSchedulingGatesEliminated');
  }
  if ((before.spec.tolerations?.length ?? 0) !== (after.spec.tolerations?.length ?? 0)) {
    changes.push('UpdatePodToleration');
  }
  if (!isSameJson(before.status?.resourceClaimStatuses ?? [], after.status?.resourceClaimStatuses ?? [])) {
    changes.push('UpdatePodGeneratedResourceClaim');
  }
  return changes.length === 0 ? ['Update'] : changes;
}

/** Whether some request fell, and whether some rose; one that appears or disappears counts, whatever its amount. */
function scaling(before: Pod, after: Pod): { readonly isDown: boolean; readonly isUp: boolean } {
  if (before.spec === after.spec || asksTheSame(before, after)) {
    return { isDown: false, isUp: false };
  }
  const [then, now] = [podRequests(before.spec), podRequests(after.spec)];
  return { isDown: hasMore(then, now), isUp: hasMore(now, then) };
}

const asksTheSame = ({ spec: a }: Pod, { spec: b }: Pod): boolean =>
  a.containers === b.containers &&
  a.initContainers === b.initContainers &&
  a.resources === b.resources &&
  a.overhead === b.overhead;

const hasMore = (some: ResourceList, others: ResourceList): boolean =>
  Object.entries(some).some(([name, amount]) => {
    const other = others[name];
    return other === undefined || compareQuantities(amount, other) > 0;
  });

/** Resources by name; "1" and "1000m" are the same. As equality.Semantic.DeepEqual. */
function areSameAmounts(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  if (a === b) {
    return true;
  }
  const names = Object.keys(a ?? {});
  return (
    names.length === Object.keys(b ?? {}).length &&
    names.every((name) => b?.[name] !== undefined && compareQuantities(a?.[name] ?? 0, b[name] ?? 0) === 0)
  );
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
