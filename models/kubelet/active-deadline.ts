import { type Micros, seconds } from '../../engine/index.js';
import type { Pod, PodStatus } from '../api/index.js';

/** When the pod's activeDeadlineSeconds are over, counted from its startTime; Infinity without (pkg/kubelet/active_deadline.go). */
export function activeDeadlineOf(pod: Pod, status: PodStatus | undefined): Micros {
  const { activeDeadlineSeconds } = pod.spec;
  return activeDeadlineSeconds === undefined || status?.startTime === undefined
    ? Number.POSITIVE_INFINITY
    : status.startTime + seconds(activeDeadlineSeconds);
}

/** How the status of a pod says it. */
export const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const;
