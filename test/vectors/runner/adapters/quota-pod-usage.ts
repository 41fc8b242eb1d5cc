import { type Micros, seconds } from '../../../../engine/time/micros.js';
import { type Pod, podUsage } from '../../../../models/api/index.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface UsageCase extends VectorCase {
  readonly pod: Pod;
  readonly deletionDeadline: '' | 'past' | 'future';
  readonly usage: Readonly<Record<string, string>>;
}

/** Long enough after the start that an hour earlier is no special time. */
const NOW = seconds(86_400);
const HOUR = seconds(3600);

export const adapter: Adapter = function* (file) {
  for (const { id, pod, deletionDeadline, usage } of file.cases as readonly UsageCase[]) {
    yield compare(id, usage, podUsage(deletionDeadline ? withDeadline(pod, deletionDeadline) : pod, NOW));
  }
};

/** Being deleted, such that deletionTimestamp and grace period end an hour from now or an hour ago. */
function withDeadline(pod: Pod, deadline: 'past' | 'future'): Pod {
  const end: Micros = deadline === 'past' ? NOW - HOUR : NOW + HOUR;
  const deletionTimestamp = end - seconds(pod.metadata.deletionGracePeriodSeconds ?? 0);
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp } };
}
