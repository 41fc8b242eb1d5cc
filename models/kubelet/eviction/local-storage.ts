import {
  isCriticalPod,
  isRestartableInitContainer,
  limitsOfPod,
  type Pod,
  type Quantity,
  valueOf,
} from '../../api/index.js';
import { specQuantityText } from './signals.js';
import type { DiskLayout } from './thresholds.js';
import type { PodUsage } from './usage.js';

/**
 * What the status of a pod says when it uses more local storage than it may; undefined while it does not, or is
 * critical. As localStorageEviction (k8s 1.37 pkg/kubelet/eviction/eviction_manager.go).
 */
export const exceededLocalStorage = (pod: Pod, usage: PodUsage | undefined, layout: DiskLayout): string | undefined =>
  usage === undefined || isCriticalPod(pod)
    ? undefined
    : (exceededEmptyDir(pod, usage) ?? exceededPodLimit(pod, usage) ?? exceededContainerLimit(pod, usage, layout));

function exceededEmptyDir(pod: Pod, usage: PodUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    const used = usage.volumes.find((volume) => volume.name === name)?.usedBytes ?? 0;
    if (limit !== undefined && isOver(used, valueOf(limit))) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${specQuantityText(limit)}". `;
    }
  }
  return undefined;
}

/** A limit of zero is none. */
const isOver = (used: number, limit: number): boolean => limit > 0 && used > limit;

function exceededPodLimit(pod: Pod, usage: PodUsage): string | undefined {
  const limit = limitsOfPod(pod.spec)['ephemeral-storage'];
  return limit !== undefined && (usage.ephemeralStorage ?? 0) > valueOf(limit)
    ? `Pod ephemeral local storage usage exceeds the total limit of containers ${specQuantityText(limit)}. `
    : undefined;
}

function exceededContainerLimit(pod: Pod, usage: PodUsage, layout: DiskLayout): string | undefined {
  for (const { name, logs, rootfs } of usage.containers) {
    const limit = ephemeralStorageLimitOf(pod, name);
    const layer = layout === 'singleDisk' ? (rootfs?.usedBytes ?? 0) : 0;
    if (limit !== undefined && isOver((logs?.usedBytes ?? 0) + layer, valueOf(limit))) {
      return `Container ${name} exceeded its local ephemeral storage limit "${specQuantityText(limit)}". `;
    }
  }
  return undefined;
}

const ephemeralStorageLimitOf = (pod: Pod, name: string): Quantity | undefined =>
  (
    pod.spec.containers.find((container) => container.name === name) ??
    pod.spec.initContainers?.find((container) => container.name === name && isRestartableInitContainer(container))
  )?.resources?.limits?.['ephemeral-storage'];
