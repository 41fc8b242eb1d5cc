import type { Pod } from './generated/types.js';
import { isPodReady } from './pod.js';

/** Phases in the order in which they go (pkg/controller/controller_utils.go podPhaseToOrdinal); others count as Pending. */
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

const phaseOrder = (pod: Pod): number => PHASE_ORDER[pod.status?.phase ?? ''] ?? 0;

/**
 * What every controller agrees on about which of two pods to delete first: negative when `a` goes first, 0 when this does not
 * decide. Unassigned before assigned, Pending before Unknown before Running, not ready before ready.
 * As the first three rules of controller.ActivePods (pkg/controller/controller_utils.go).
 */
export function compareByProgress(a: Pod, b: Pod): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b))
  );
}

/**
 * Negative when `a` goes first because its containers restarted more often: the highest count of a regular container, then
 * (`withSidecars`, since 1.29) of a restartable init container. As compareMaxContainerRestarts.
 */
export function compareByRestarts(a: Pod, b: Pod, withSidecars: boolean): number {
  return (
    maxRestarts(b.status?.containerStatuses) - maxRestarts(a.status?.containerStatuses) ||
    (withSidecars ? maxSidecarRestarts(b) - maxSidecarRestarts(a) : 0)
  );
}

type Restarts = readonly { readonly restartCount?: number | undefined }[];

const maxRestarts = (statuses: Restarts | undefined): number =>
  (statuses ?? []).reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0);

function maxSidecarRestarts(pod: Pod): number {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const names = new Set(sidecars.map((container) => container.name));
  return maxRestarts((pod.status?.initContainerStatuses ?? []).filter((status) => names.has(status.name)));
}
