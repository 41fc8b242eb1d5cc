import { isStaticPod, type Pod, type PodStatus } from '../../api/index.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import type { SyncOutcome } from '../pod-workers/pod-workers.js';
import { isSameKubeletStatus } from '../status/decisions.js';

/**
 * A sync that did nothing and that nobody heard of, of a pod of which nothing runs: the wait for the end of a back-off. What
 * results of probes ask for meanwhile does the same.
 */
export interface IdleSync {
  readonly pod: Pod;
  readonly cached: CachedPod;
  /** What the status manager held after it. */
  readonly status: PodStatus;
  readonly outcome: SyncOutcome;
}

/** Whether a sync of this may be remembered: probes have no say in it, and neither have a deadline, gates or a mirror. */
export const mayIdle = (pod: Pod, { pod: known }: CachedPod): boolean =>
  known !== undefined &&
  known.containers.every(({ state }) => state === 'exited') &&
  pod.spec.activeDeadlineSeconds === undefined &&
  pod.spec.readinessGates === undefined &&
  !isStaticPod(pod);

/** Whether all that the sync went by is as it was; of the pod only its status may have changed, to what ours is. */
export const isUnchanged = (idle: IdleSync, pod: Pod, cached: CachedPod, status: PodStatus | undefined): boolean =>
  cached === idle.cached &&
  status === idle.status &&
  (pod === idle.pod || (pod.spec === idle.pod.spec && isSameKubeletStatus(pod.status ?? {}, idle.status)));
