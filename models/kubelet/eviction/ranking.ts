import { type Pod, resourceRequest } from '../../api/index.js';
import { isMemorySignal, type Signal } from './signals.js';
import type { DiskLayout } from './thresholds.js';
import { diskUsageOf, type UsageOf } from './usage.js';

interface Ranked {
  readonly pod: Pod;
  readonly hasUsage: boolean;
  readonly priority: number;
  /** Uses more than it asked for; false for processes, which nobody asks for. */
  readonly exceeds: boolean;
  /** Usage above the request. */
  readonly excess: number;
}

/**
 * Pods in the order in which they would be evicted: those without usage, those above their request, those of lower
 * priority, those furthest above. Not by QoS class: a BestEffort pod simply always exceeds. As rankMemoryPressure,
 * rankPIDPressure and rankDiskPressureFunc (k8s 1.37 pkg/kubelet/eviction/helpers.go).
 */
export function rankPods(pods: readonly Pod[], usageOf: UsageOf, signal: Signal, layout: DiskLayout): readonly Pod[] {
  const byPriorityFirst = signal === 'pid.available';
  return pods
    .map((pod) => ranked(pod, usageOf, signal, layout))
    .sort((a, b) => {
      if (byPriorityFirst) {
        return a.priority - b.priority || first(!a.hasUsage, !b.hasUsage) || b.excess - a.excess;
      }
      return (
        first(!a.hasUsage, !b.hasUsage) || first(a.exceeds, b.exceeds) || a.priority - b.priority || b.excess - a.excess
      );
    })
    .map(({ pod }) => pod);
}

/** True before false. */
const first = (a: boolean, b: boolean): number => Number(b) - Number(a);

function ranked(pod: Pod, usageOf: UsageOf, signal: Signal, layout: DiskLayout): Ranked {
  const priority = pod.spec.priority ?? 0;
  const usage = usageOf(pod);
  if (usage === undefined) {
    return { pod, hasUsage: false, priority, exceeds: false, excess: 0 };
  }
  if (signal === 'pid.available') {
    return { pod, hasUsage: true, priority, exceeds: false, excess: usage.processes ?? 0 };
  }
  if (isMemorySignal(signal)) {
    const excess = (usage.memory ?? 0) - resourceRequest(pod, 'memory');
    return { pod, hasUsage: true, priority, exceeds: excess > 0, excess };
  }
  const used = diskUsageOf(pod, usage, signal, layout);
  const excess = used - resourceRequest(pod, 'ephemeral-storage');
  // Nobody asks for inodes, so any use exceeds; the amount above is nevertheless taken from the bytes asked for (k8s
  // 1.37 disk).
  const exceeds = signal.endsWith('.inodesFree') ? used > 0 : excess > 0;
  return { pod, hasUsage: true, priority, exceeds, excess };
}
