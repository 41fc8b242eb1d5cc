import { type EntityKey, entityKey, type Micros, type RandomStream } from '../../../engine/index.js';
import type { Pod } from '../../api/index.js';
import {
  type ContainerRuntime,
  type Filesystem,
  type RuntimeContainer,
  usageAt,
  type VolumeFiles,
} from '../../world/index.js';
import type { ContainerUsage, FsStats, NodeStats, PodUsage } from '../eviction/index.js';
import { Samples } from './samples.js';

export interface StatsSettings {
  /** cAdvisor looks at each cgroup this often, and up to `housekeepingJitterFactor` times as much again. */
  readonly housekeepingInterval: Micros;
  readonly housekeepingJitterFactor: number;
  /** How often the container runtime measures writable layers. */
  readonly containerStatsPeriod: Micros;
  /** How often the kubelet measures the volumes of a pod, and up to `volumeStatsJitterFactor` times as much again. */
  readonly volumeStatsAggPeriod: Micros;
  readonly volumeStatsJitterFactor: number;
}

export interface StatsProviderOptions {
  readonly runtime: ContainerRuntime;
  readonly settings: StatsSettings;
  readonly housekeepingDraws: RandomStream;
  readonly volumeDraws: RandomStream;
  /** Bytes that all pods together may use. */
  readonly podsMemoryLimit: number;
  readonly startedAt: Micros;
  /** Where in its period the loop that finds new pods' volumes stands, and the one of the container runtime. */
  readonly firstVolumeScanAt: Micros;
  readonly firstLayerScanAt: Micros;
}

/**
 * What the summary API tells (k8s 1.37 pkg/kubelet/server/stats, pkg/kubelet/stats): the node as it is now, pods as they were when
 * somebody last looked. Computed when asked for; nothing is simulated in between.
 */
export class StatsProvider {
  readonly #options: StatsProviderOptions;
  readonly #housekeeping: Samples;
  readonly #volumeScans: Samples;

  constructor(options: StatsProviderOptions) {
    this.#options = options;
    const { housekeepingDraws, settings, volumeDraws } = options;
    this.#housekeeping = new Samples(
      housekeepingDraws,
      settings.housekeepingInterval,
      settings.housekeepingJitterFactor,
    );
    this.#volumeScans = new Samples(volumeDraws, settings.volumeStatsAggPeriod, settings.volumeStatsJitterFactor);
  }

  /** Of the node, read on demand. A filesystem without capacity is not measured. */
  node(now: Micros): NodeStats {
    const { podsMemoryLimit, runtime } = this.#options;
    const { disks, maxPID, memory, processes } = runtime.usage;
    const workingSet = inPages(memory.usedAt(now));
    return {
      at: now,
      memory: { available: Math.max(0, memory.capacity - workingSet), workingSet },
      allocatableMemory: { available: Math.max(0, podsMemoryLimit - workingSet), workingSet },
      nodeFs: fsStats(disks.nodefs, now),
      imageFs: fsStats(disks.imagefs, now),
      containerFs: fsStats(disks.containerfs, now),
      rlimit: { maxPID, runningProcesses: Math.floor(processes.usedAt(now)) },
    };
  }

  /** Of a pod; undefined as long as nobody has looked at a running container of it. */
  pod(pod: Pod, now: Micros): PodUsage | undefined {
    const { memory, processes } = this.#options.runtime.usage;
    const uid = pod.metadata.uid as string;
    const containers = this.#running(uid).flatMap((container) => this.#container(uid, container, now) ?? []);
    if (containers.length === 0) {
      return undefined;
    }
    const volumes = this.#volumes(pod, now);
    const seenAt = this.#podSeenAt(uid, now);
    let running = 0;
    for (const task of processes.users()) {
      running += task.podUid === uid ? usageAt(processes.of(task), seenAt) : 0;
    }
    return {
      containers,
      volumes,
      memory: inPages(memory.usedByPodAt(uid, seenAt)),
      ephemeralStorage: ephemeralStorageOf(pod, containers, volumes),
      processes: Math.floor(running),
    };
  }

  /** Forgets pods that are gone. */
  retain(pods: readonly Pod[]): void {
    const uids = pods.map(({ metadata }) => metadata.uid as string);
    const running = uids.flatMap((uid) => this.#running(uid).map(({ id }) => entityKey(id)));
    this.#housekeeping.retain(new Set([...uids.map((uid) => entityKey(uid)), ...running]));
    this.#volumeScans.retain(new Set(uids.map((uid) => entityKey(uid))));
  }

  #running(uid: string): readonly RuntimeContainer[] {
    return this.#options.runtime.pod(uid)?.containers.filter(({ state }) => state === 'running') ?? [];
  }

  /** cAdvisor hears of a new cgroup at once, but of those that were there before the kubelet when that starts. */
  #seenAt(key: EntityKey, since: Micros, now: Micros): Micros | undefined {
    return this.#housekeeping.lastUpTo(now, key, Math.max(since, this.#options.startedAt));
  }

  #podSeenAt(uid: string, now: Micros): Micros {
    const sandbox = this.#options.runtime.pod(uid)?.sandboxes[0];
    return this.#seenAt(entityKey(uid), sandbox?.createdAt ?? now, now) ?? now;
  }

  #container(uid: string, { id, name, startedAt = 0 }: RuntimeContainer, now: Micros): ContainerUsage | undefined {
    const { runtime, settings, firstLayerScanAt } = this.#options;
    const seenAt = this.#seenAt(entityKey(id), startedAt, now);
    if (seenAt === undefined) {
      return undefined;
    }
    const memory = inPages(runtime.usage.memory.usedByContainerAt(uid, name, seenAt));
    const files = runtime.usage.filesOf(id);
    if (files === undefined) {
      return { name, memory, rootfs: NO_FILES, logs: NO_FILES };
    }
    const period = settings.containerStatsPeriod;
    const layerAt = Math.max(startedAt, now - ((((now - firstLayerScanAt) % period) + period) % period));
    const whole = (usages: typeof files.layer, at: Micros): number => Math.floor(usageAt(usages, at));
    return {
      name,
      memory,
      rootfs: { usedBytes: whole(files.layer, layerAt), inodesUsed: whole(files.layerInodes, layerAt) },
      logs: { usedBytes: whole(files.logs, now), inodesUsed: files.logs.length },
    };
  }

  /** Volumes are first measured when the loop that looks for new pods finds this one. */
  #volumes(pod: Pod, now: Micros): PodUsage['volumes'] {
    const { firstVolumeScanAt, runtime, settings } = this.#options;
    const uid = pod.metadata.uid as string;
    const files = runtime.usage.volumesOf(uid);
    const sandbox = runtime.pod(uid)?.sandboxes.at(-1);
    if (files.length === 0 || sandbox === undefined) {
      return [];
    }
    const period = settings.volumeStatsAggPeriod;
    const scans = Math.max(0, Math.ceil((sandbox.createdAt - firstVolumeScanAt) / period));
    const at = this.#volumeScans.lastUpTo(now, entityKey(uid), firstVolumeScanAt + scans * period);
    return at === undefined ? [] : usedVolumes(files, at);
  }
}

function usedVolumes(files: readonly VolumeFiles[], at: Micros): PodUsage['volumes'] {
  const used = new Map<string, number>();
  for (const { usages, volume } of files) {
    used.set(volume, (used.get(volume) ?? 0) + usageAt(usages, at));
  }
  return [...used].map(([name, bytes]) => ({ name, usedBytes: Math.floor(bytes), inodesUsed: 0 }));
}

/** As calcEphemeralStorage (k8s 1.37 pkg/kubelet/stats): layers, logs and the volumes that live on the node's disk. */
function ephemeralStorageOf(pod: Pod, containers: readonly ContainerUsage[], volumes: PodUsage['volumes']): number {
  let sum = 0;
  for (const { logs, rootfs } of containers) {
    sum += (rootfs?.usedBytes ?? 0) + (logs?.usedBytes ?? 0);
  }
  for (const { name, usedBytes = 0 } of volumes) {
    const isOnDisk = pod.spec.volumes?.some((volume) => volume.name === name && volume.emptyDir?.medium !== 'Memory');
    sum += isOnDisk ? usedBytes : 0;
  }
  return sum;
}

const NO_FILES = { usedBytes: 0, inodesUsed: 0 };

const fsStats = (fs: Filesystem, now: Micros): FsStats =>
  fs.capacity === 0
    ? {}
    : {
        available: fs.availableAt(now),
        capacity: fs.capacity,
        ...(fs.inodeCapacity > 0 && { inodesFree: fs.inodesFreeAt(now), inodes: fs.inodeCapacity }),
      };

/** The kernel counts memory in pages of 4 KiB. */
const inPages = (bytes: number): number => Math.floor(bytes / 4096) * 4096;
