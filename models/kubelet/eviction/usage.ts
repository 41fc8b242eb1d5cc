import type { Pod } from '../../api/index.js';
import type { Signal } from './signals.js';
import type { DiskLayout } from './thresholds.js';

/** What a pod uses, as the summary API tells; what is not measured is absent. */
export interface PodUsage {
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly (FsUsage & { readonly name: string })[];
  /** Working set, bytes. */
  readonly memory?: number;
  /** Containers, logs, local volumes and the pod's own files together, bytes. */
  readonly ephemeralStorage?: number;
  readonly processes?: number;
}

export interface ContainerUsage {
  readonly name: string;
  /** The writable layer. */
  readonly rootfs?: FsUsage;
  readonly logs?: FsUsage;
  /** Working set, bytes. */
  readonly memory?: number;
}

export interface FsUsage {
  readonly usedBytes?: number;
  readonly inodesUsed?: number;
}

/** Usage of a pod; undefined when there is none yet. */
export type UsageOf = (pod: Pod) => PodUsage | undefined;

/** Which usages count for a signal. */
interface DiskParts {
  readonly rootfs: boolean;
  readonly logs: boolean;
  readonly volumes: boolean;
}

const EVERYTHING: DiskParts = { rootfs: true, logs: true, volumes: true };
const WITHOUT_LAYERS: DiskParts = { rootfs: false, logs: true, volumes: true };
const LAYERS: DiskParts = { rootfs: true, logs: false, volumes: false };
/** Images belong to no pod. */
const NOTHING: DiskParts = { rootfs: false, logs: false, volumes: false };

/** As buildSignalToRankFunc (k8s 1.37 pkg/kubelet/eviction/helpers.go). */
function diskPartsOf(signal: Signal, layout: DiskLayout): DiskParts {
  if (layout === 'dedicatedImageFs') {
    return signal.startsWith('nodefs.') ? WITHOUT_LAYERS : LAYERS;
  }
  return layout === 'splitContainerFs' && signal.startsWith('imagefs.') ? NOTHING : EVERYTHING;
}

/** Bytes, or inodes, that a pod holds of what the signal measures. As podDiskUsage (k8s 1.37). */
export function diskUsageOf(pod: Pod, usage: PodUsage, signal: Signal, layout: DiskLayout): number {
  const parts = diskPartsOf(signal, layout);
  const field = signal.endsWith('.inodesFree') ? 'inodesUsed' : 'usedBytes';
  let sum = 0;
  for (const container of usage.containers) {
    sum += parts.rootfs ? (container.rootfs?.[field] ?? 0) : 0;
    sum += parts.logs ? (container.logs?.[field] ?? 0) : 0;
  }
  if (parts.volumes) {
    for (const volume of pod.spec.volumes ?? []) {
      const isLocalEphemeral = volume.emptyDir !== undefined && !volume.emptyDir.medium;
      if (volume.hostPath || volume.gitRepo || volume.configMap || isLocalEphemeral) {
        sum += usage.volumes.find(({ name }) => name === volume.name)?.[field] ?? 0;
      }
    }
  }
  return sum;
}
