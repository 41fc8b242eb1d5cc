import type { Pod } from '../../../../models/api/index.js';
import { type DiskLayout, type PodUsage, rankPods, type Signal } from '../../../../models/kubelet/eviction/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface FsStats {
  readonly usedBytes?: number;
  readonly inodesUsed?: number;
}

/** The part of the summary API that ranking reads. */
interface PodStats {
  readonly podRef: { readonly uid: string };
  readonly containers?: readonly {
    readonly name: string;
    readonly rootfs?: FsStats;
    readonly logs?: FsStats;
    readonly memory?: { readonly workingSetBytes?: number };
  }[];
  readonly volume?: readonly (FsStats & { readonly name: string })[];
  readonly memory?: { readonly workingSetBytes?: number };
  readonly 'ephemeral-storage'?: FsStats;
  readonly process_stats?: { readonly process_count?: number };
}

interface RankCase extends VectorCase {
  readonly pods: readonly Pod[];
  readonly stats: readonly PodStats[] | null;
  readonly signal: Signal;
  readonly dedicatedImageFs: boolean;
  readonly splitContainerFs: boolean;
}

export function* adapter(file: VectorFile): Iterable<Outcome> {
  for (const one of file.cases as readonly RankCase[]) {
    const usages = new Map((one.stats ?? []).map((stats) => [stats.podRef.uid, usageFrom(stats)]));
    const order = rankPods(one.pods, (pod) => usages.get(pod.metadata.uid!), one.signal, layoutOf(one));
    yield compare(
      one.id,
      one['order'],
      order.map((pod) => pod.metadata.name),
    );
  }
}

function layoutOf({ dedicatedImageFs, splitContainerFs }: RankCase): DiskLayout {
  if (!dedicatedImageFs) {
    return 'singleDisk';
  }
  return splitContainerFs ? 'splitContainerFs' : 'dedicatedImageFs';
}

function usageFrom(stats: PodStats): PodUsage {
  const memory = stats.memory?.workingSetBytes;
  const ephemeralStorage = stats['ephemeral-storage']?.usedBytes;
  const processes = stats.process_stats?.process_count;
  return {
    containers: (stats.containers ?? []).map(({ name, rootfs, logs, memory: used }) => ({
      name,
      ...(rootfs && { rootfs }),
      ...(logs && { logs }),
      ...(used?.workingSetBytes !== undefined && { memory: used.workingSetBytes }),
    })),
    volumes: stats.volume ?? [],
    ...(memory !== undefined && { memory }),
    ...(ephemeralStorage !== undefined && { ephemeralStorage }),
    ...(processes !== undefined && { processes }),
  };
}
