import type { Micros, Simulation, Timeline } from '../../engine/index.js';
import { type Pod, type ResourceList, valueOf } from '../api/index.js';
import type { ContainerRuntime } from '../world/index.js';
import { podsMemoryLimit } from './allocatable/index.js';
import type { KubeletSettings } from './config.js';
import type { NodeEvents, PodEvents } from './events.js';
import { EvictionManager } from './eviction/eviction-manager.js';
import { ImageCollector } from './image-gc/image-collector.js';
import type { KillOptions } from './pod-workers/pod-worker.js';
import type { ProcessClock } from './process-clock.js';
import { StatsProvider } from './stats/stats-provider.js';
import type { KubeletEviction } from './timelines.js';

export interface NodePressureOptions {
  readonly clock: ProcessClock;
  readonly simulation: Simulation;
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents & NodeEvents;
  readonly settings: KubeletSettings;
  readonly capacity: ResourceList;
  readonly node: string;
  readonly timeline: Timeline<KubeletEviction> | undefined;
  /** Where in its period a fast loop stands. */
  firstTick(loop: string, period: Micros): Micros;
  /** The same of a slow loop, which began with the process. */
  nextPass(loop: string, period: Micros): Micros;
  /** False: the kubelet was there before the run began. */
  readonly isStartSeen: boolean;
  activePods(): readonly Pod[];
  deleteAllUnusedContainers(): void;
  killPod(pod: Pod, kill: KillOptions, then: () => void): void;
  isFinished(uid: string): boolean;
  onConditions(): void;
}

/** What looks after the node's own memory, disks and process ids: statistics, the eviction manager, image garbage collection. */
export class NodePressure {
  readonly #eviction: EvictionManager;
  readonly #images: ImageCollector;

  constructor(options: NodePressureOptions) {
    const { capacity, clock, events, firstTick, isStartSeen, nextPass, runtime, settings } = options;
    const bytes = valueOf(podsMemoryLimit(capacity, { ...settings.reserved, hardEviction: {} }));
    if (settings.enforceNodeAllocatable.includes('pods')) {
      runtime.memory.limitPods(bytes);
    }
    this.#images = new ImageCollector({
      clock,
      runtime,
      events,
      settings: settings.imageGC,
      failsAtOnce: isStartSeen,
      nextPassAt: nextPass('image garbage collection', settings.imageGC.imageGCPeriod),
      nextDetectionAt: nextPass('image detection', settings.imageGC.imageDetectionPeriod),
    });
    this.#eviction = new EvictionManager({
      ...options,
      statistics: statisticsOf(options, bytes),
      podsMemoryLimit: bytes,
      settings: settings.eviction,
      firstPassAt: firstTick('eviction', settings.eviction.monitoringPeriod),
      reclaim: (what) =>
        what === 'deleteUnusedImages' ? this.#images.deleteUnusedImages() : options.deleteAllUnusedContainers(),
    });
  }

  /** Conditions in force: "MemoryPressure". */
  get conditions(): readonly string[] {
    return this.#eviction.conditions;
  }

  usageChanged(): void {
    this.#eviction.foresee();
    this.#images.foresee();
  }

  imageReleased(ref: string, since: Micros): void {
    this.#images.imageReleased(ref, since);
  }
}

function statisticsOf(
  { clock, firstTick, nextPass, runtime, settings, simulation }: NodePressureOptions,
  podsMemoryLimit: number,
) {
  const { stats } = settings;
  return new StatsProvider({
    runtime,
    settings: stats,
    housekeepingDraws: simulation.stream('cadvisor housekeeping'),
    volumeDraws: simulation.stream('volume statistics'),
    podsMemoryLimit,
    startedAt: clock.startedAt,
    firstVolumeScanAt: nextPass('volume statistics', stats.volumeStatsAggPeriod),
    firstLayerScanAt: firstTick('container statistics', stats.containerStatsPeriod),
  });
}
