import type { Micros } from '../../engine/time/micros.js';
import { seconds } from '../../engine/time/micros.js';
import { type Pod, podCondition } from '../api/index.js';

/** What a Job remembers of its failures. As backoffRecord (pkg/controller/job/backoff_utils.go). */
export interface BackoffRecord {
  readonly failuresAfterLastSuccess: number;
  readonly lastFailureAt: Micros | undefined;
}

export const NO_FAILURES: BackoffRecord = { failuresAfterLastSuccess: 0, lastFailureAt: undefined };

export interface BackoffSettings {
  readonly defaultBackoff: Micros;
  readonly maxBackoff: Micros;
}

/** When a pod ended: its last container's end, else when it ceased to be ready, else its deletion. As getFinishedTime. */
export function finishedAt(pod: Pod): Micros {
  const statuses = pod.status?.containerStatuses ?? [];
  const ends = statuses.map((status) => status.state?.terminated?.finishedAt);
  if (ends.length > 0 && !ends.includes(undefined)) {
    return Math.max(...(ends as readonly Micros[]));
  }
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) {
    return ready.lastTransitionTime;
  }
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  return deletionTimestamp !== undefined
    ? deletionTimestamp - seconds(deletionGracePeriodSeconds)
    : (creationTimestamp ?? Number.NEGATIVE_INFINITY);
}

/** The record after these ends: a success forgives all failures that were not later. As newBackoffRecord. */
export function nextRecord(
  record: BackoffRecord,
  succeeded: readonly Micros[],
  failed: readonly Micros[],
): BackoffRecord {
  if (succeeded.length === 0) {
    return failed.length === 0
      ? record
      : {
          failuresAfterLastSuccess: record.failuresAfterLastSuccess + failed.length,
          lastFailureAt: Math.max(...failed),
        };
  }
  const later = failed.filter((at) => at > Math.max(...succeeded));
  return later.length === 0
    ? NO_FAILURES
    : { failuresAfterLastSuccess: later.length, lastFailureAt: Math.max(...later) };
}

/** How long no new pod may be created yet; zero when it may. As getRemainingTimeForFailuresCount. */
export function remainingBackoff(
  failures: number,
  lastFailureAt: Micros | undefined,
  now: Micros,
  { defaultBackoff, maxBackoff }: BackoffSettings,
): Micros {
  if (failures === 0 || lastFailureAt === undefined) {
    return 0;
  }
  const backoff = failures === 1 ? defaultBackoff : Math.min(defaultBackoff * 2 ** (failures - 1), maxBackoff);
  return Math.max(0, backoff - (now - lastFailureAt));
}
