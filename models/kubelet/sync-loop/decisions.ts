import { isSameValue } from '../../api/equality.js';
import type { Pod } from '../../api/index.js';

/** How a change of a pod in the API reaches the sync loop. */
export type PodOperation = 'update' | 'reconcile' | 'none';

/**
 * 'update' when what is wanted of the pod changed, 'reconcile' when only its status did. As checkAndUpdatePod (k8s 1.37
 * pkg/kubelet/config/config.go); a graceful deletion is an update like any other.
 */
export function podOperation(before: Pod, after: Pod): PodOperation {
  const isWantedAsBefore =
    isSameValue(before.spec, after.spec) &&
    before.metadata.deletionTimestamp === after.metadata.deletionTimestamp &&
    before.metadata.deletionGracePeriodSeconds === after.metadata.deletionGracePeriodSeconds &&
    isSameValue(before.metadata.labels, after.metadata.labels) &&
    isSameValue(before.metadata.annotations, after.metadata.annotations);
  if (!isWantedAsBefore) {
    return 'update';
  }
  return isSameValue(before.status, after.status) ? 'none' : 'reconcile';
}
