import { parseDuration } from '../../../engine/time/duration.js';
import { type Seconds, seconds } from '../../../engine/time/micros.js';
import type { Pod } from '../../api/index.js';

/** Fields of KubeletConfiguration that concern graceful node shutdown; nothing happens unless one of them is set. */
export interface ShutdownConfiguration {
  readonly shutdownGracePeriod?: string | undefined;
  readonly shutdownGracePeriodCriticalPods?: string | undefined;
  readonly shutdownGracePeriodByPodPriority?: readonly PriorityPeriod[] | undefined;
}

/** Pods of at least this priority, and less than the next one's, and how long they get together. */
export interface PriorityPeriod {
  readonly priority: number;
  readonly shutdownGracePeriodSeconds: Seconds;
}

export interface ShutdownGroup extends PriorityPeriod {
  readonly pods: readonly Pod[];
}

/** k8s 1.37 pkg/apis/scheduling SystemCriticalPriority. */
const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

/**
 * The periods of a configuration, lowest priority first; empty: the kubelet takes no part in a shutdown. As migrateConfig (k8s 1.37
 * pkg/kubelet/nodeshutdown/nodeshutdown_manager.go).
 * @throws RangeError with the kubelet's words (pkg/kubelet/apis/config/validation).
 */
export function shutdownPeriods(configuration: ShutdownConfiguration, byPriority: boolean): readonly PriorityPeriod[] {
  const { shutdownGracePeriodByPodPriority: periods = [] } = configuration;
  const [total, critical] = [configuration.shutdownGracePeriod, configuration.shutdownGracePeriodCriticalPods].map(
    (text) => parseDuration(text ?? '0s'),
  ) as [number, number];
  if (periods.length > 0 && (total > 0 || critical > 0)) {
    throw new RangeError(
      'invalid configuration: shutdownGracePeriodByPodPriority and shutdownGracePeriod (or shutdownGracePeriodCriticalPods) are mutually exclusive',
    );
  }
  if (critical > total) {
    throw new RangeError('invalid configuration: shutdownGracePeriodCriticalPods must be <= shutdownGracePeriod');
  }
  for (const [name, period] of Object.entries({
    shutdownGracePeriod: total,
    shutdownGracePeriodCriticalPods: critical,
  })) {
    if (period < 0 || (period > 0 && period < seconds(1))) {
      throw new RangeError(`invalid configuration: ${name} must be either zero or otherwise >= 1 sec`);
    }
  }
  if (byPriority && periods.length > 0) {
    return [...periods].sort((a, b) => a.priority - b.priority);
  }
  const whole = (period: number): Seconds => Math.floor(period / seconds(1));
  return total === 0
    ? []
    : [
        { priority: 0, shutdownGracePeriodSeconds: whole(total - critical) },
        { priority: SYSTEM_CRITICAL_PRIORITY, shutdownGracePeriodSeconds: whole(critical) },
      ];
}

/** Each pod with the highest priority that is not above its own; those below all go with the lowest. As groupByPriority (k8s 1.37). */
export function groupByPriority(periods: readonly PriorityPeriod[], pods: readonly Pod[]): readonly ShutdownGroup[] {
  const groups = periods.map((period) => ({ ...period, pods: [] as Pod[] }));
  for (const pod of pods) {
    const priority = pod.spec.priority ?? 0;
    const group = groups.findLast((one) => one.priority <= priority) ?? groups[0];
    group?.pods.push(pod);
  }
  return groups;
}

/** Seconds a pod of the group gets: its own, but no more than the group's. */
export const gracePeriodIn = ({ shutdownGracePeriodSeconds }: ShutdownGroup, { spec }: Pod): Seconds =>
  Math.min(shutdownGracePeriodSeconds, spec.terminationGracePeriodSeconds ?? shutdownGracePeriodSeconds);
