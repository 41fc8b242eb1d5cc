import { type EntityKey, entityKey, type Micros, type RandomStream } from '../../../engine/index.js';
import { type ContainerRuntime, type Run, StateLog } from '../../world/index.js';

export interface ResourceMetricsSettings {
  /** cAdvisor looks at each container this often, and up to `housekeepingJitterFactor` times as much again. */
  readonly housekeepingInterval: Micros;
  readonly housekeepingJitterFactor: number;
}

/** What /metrics/resource says of one container: as it was when cAdvisor last looked. */
export interface ResourceMetricsPoint {
  readonly container: string;
  readonly startTime: Micros;
  readonly timestamp: Micros;
  /** Working set, bytes. */
  readonly memory: number;
  /** Growth of the CPU counter since an earlier instant: cores × microseconds. */
  cpuSince(earlier: Micros): number;
}

/** Looks that are remembered: as many as lie in the minutes that somebody may ask about. */
const REMEMBERED = 30;

/**
 * The kubelet's /metrics/resource (k8s 1.37 pkg/kubelet/server, pkg/kubelet/stats ListPodCPUAndMemoryStats), for any instant of the
 * last two minutes. cAdvisor looks at each container by itself (cAdvisor manager/container.go housekeeping), beginning when it
 * finds the container; nobody simulates that: looks are counted up when somebody asks.
 */
export class ResourceMetrics {
  readonly #runtime: ContainerRuntime;
  readonly #settings: ResourceMetricsSettings;
  readonly #draws: RandomStream;
  readonly #isRunning = new StateLog(false);
  readonly #looks = new Map<string, Looks>();

  constructor(runtime: ContainerRuntime, settings: ResourceMetricsSettings, draws: RandomStream) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#draws = draws;
  }

  started(now: Micros): void {
    this.#isRunning.note(true, now);
  }

  stopped(now: Micros): void {
    this.#isRunning.note(false, now);
    this.#looks.clear();
  }

  /** Whether the kubelet ran then. */
  isServedAt(at: Micros): boolean {
    return this.#isRunning.at(at);
  }

  /** Of a pod's containers that ran then; none when the kubelet did not. */
  podAt(podUid: string, at: Micros): readonly ResourceMetricsPoint[] {
    if (!this.isServedAt(at)) {
      return [];
    }
    const upSince = this.#isRunning.since(at);
    return this.#runtime
      .runsOf(podUid)
      .filter((run) => run.startedAt <= at && run.endedAt > at)
      .flatMap((run) => {
        const timestamp = this.#lastLook(run, Math.max(run.startedAt, upSince), at);
        return timestamp === undefined ? [] : [pointOf(run, timestamp)];
      });
  }

  #lastLook(run: Run, first: Micros, at: Micros): Micros | undefined {
    let looks = this.#looks.get(run.containerId);
    if (looks === undefined || looks.first !== first) {
      looks = new Looks(first, entityKey(run.containerId), this.#draws, this.#settings);
      this.#looks.set(run.containerId, looks);
    }
    return looks.lastUpTo(at);
  }
}

const pointOf = (run: Run, timestamp: Micros): ResourceMetricsPoint => ({
  container: run.container,
  startTime: run.startedAt,
  timestamp,
  // The kernel counts memory in pages of 4 KiB.
  memory: Math.floor(run.memoryAt(timestamp) / 4096) * 4096,
  cpuSince: (earlier) => run.cpuBetween(earlier, timestamp),
});

/** When cAdvisor looked at one container. */
class Looks {
  readonly first: Micros;
  readonly #key: EntityKey;
  readonly #draws: RandomStream;
  readonly #settings: ResourceMetricsSettings;
  readonly #recent: Micros[];
  #count = 0;

  constructor(first: Micros, key: EntityKey, draws: RandomStream, settings: ResourceMetricsSettings) {
    this.first = first;
    this.#key = key;
    this.#draws = draws;
    this.#settings = settings;
    this.#recent = [first];
  }

  /** As nextHousekeepingInterval: each wait is stretched by chance. */
  lastUpTo(at: Micros): Micros | undefined {
    const { housekeepingInterval, housekeepingJitterFactor } = this.#settings;
    while ((this.#recent.at(-1) as Micros) <= at) {
      const wait = this.#draws.jitter(this.#key, this.#count++, housekeepingInterval, housekeepingJitterFactor);
      this.#recent.push((this.#recent.at(-1) as Micros) + wait);
      if (this.#recent.length > REMEMBERED) {
        this.#recent.shift();
      }
    }
    return this.#recent.findLast((look) => look <= at);
  }
}
