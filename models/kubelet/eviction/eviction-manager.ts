import type { EventHandle, Micros, Timeline } from '../../../engine/index.js';
import { type Pod, withCondition } from '../../api/index.js';
import type { MachineMemory } from '../../world/index.js';
import { type NodeEvents, type PodEvents, REASONS } from '../events.js';
import type { KillOptions } from '../pod-workers/pod-worker.js';
import type { ProcessClock } from '../process-clock.js';
import type { KubeletEviction } from '../timelines.js';
import {
  chooseVictim,
  criticalLevel,
  type Eviction,
  type EvictionSettings,
  type EvictionState,
  type EvictionView,
  FIRST_EVICTION_STATE,
  isQuiet,
  type Reclaim,
  synchronize,
} from './decisions.js';
import { signalObservations } from './signals.js';
import type { PodUsage } from './usage.js';

export interface EvictionManagerOptions {
  readonly clock: ProcessClock;
  readonly memory: MachineMemory;
  /** Bytes that all pods together may use. */
  readonly podsMemoryLimit: number;
  readonly events: PodEvents & NodeEvents;
  readonly settings: EvictionSettings;
  readonly firstPassAt: Micros;
  readonly node: string;
  readonly timeline: Timeline<KubeletEviction> | undefined;
  activePods(): readonly Pod[];
  killPod(pod: Pod, kill: KillOptions, then: () => void): void;
  /** SyncTerminatedPod is through with it. */
  isFinished(uid: string): boolean;
  /** Node conditions under the manager's hand changed. */
  onConditions(): void;
}

/**
 * Looks at what is left of the node's memory every 10 s and evicts pods, one a pass. The living part of the eviction manager (k8s
 * 1.37 pkg/kubelet/eviction/eviction_manager.go Start); `decisions.ts` decides. Usage is known as straight lines, so passes
 * before the first that finds too little are left out. Disk and process ids are not measured.
 */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  #state: EvictionState = FIRST_EVICTION_STATE;
  /** The loop's next pass, whether or not it is simulated. */
  #nextAt: Micros;
  #timer: EventHandle | undefined;
  /** A pod is being evicted: the next pass waits for it. */
  #isEvicting = false;

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
    this.#nextAt = options.firstPassAt;
    this.foresee();
  }

  /** Pressure conditions in force. */
  get conditions(): EvictionState['nodeConditions'] {
    return this.#state.nodeConditions;
  }

  /** Arms the next pass that could find something; to be called whenever memory develops differently from what was foretold. */
  foresee(): void {
    const { clock, settings } = this.#options;
    if (this.#isEvicting) {
      return;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#skipTo(clock.now);
    let at = this.#nextAt;
    if (clock.elidesQuietTicks && isQuiet(this.#state) && this.#state.lastObservations !== undefined) {
      const starved = this.#starvedFrom(clock.now);
      if (starved === Number.POSITIVE_INFINITY) {
        return;
      }
      at += settings.monitoringPeriod * Math.max(0, Math.ceil((starved - at) / settings.monitoringPeriod));
    }
    this.#timer = clock.after(at - clock.now, () => this.#pass(at));
  }

  /** The first instant at which some memory signal lies below its threshold. */
  #starvedFrom(now: Micros): Micros {
    const { memory, podsMemoryLimit, settings } = this.#options;
    const from = (capacity: number, level: number): Micros =>
      level === 0 ? Number.POSITIVE_INFINITY : memory.reaches(capacity - level + 1, now);
    return Math.min(
      from(memory.capacity, criticalLevel(settings, 'memory.available', memory.capacity)),
      from(podsMemoryLimit, criticalLevel(settings, 'allocatableMemory.available', podsMemoryLimit)),
    );
  }

  #skipTo(now: Micros): void {
    const { monitoringPeriod } = this.#options.settings;
    if (this.#nextAt < now) {
      this.#nextAt += monitoringPeriod * Math.ceil((now - this.#nextAt) / monitoringPeriod);
    }
  }

  #pass(at: Micros): void {
    const { clock, onConditions, settings } = this.#options;
    this.#timer = undefined;
    this.#nextAt = at + settings.monitoringPeriod;
    const view = this.#view(clock.now);
    const before = this.#state.nodeConditions;
    const { state, overLimit, reclaim } = synchronize(settings, this.#state, view, clock.now);
    this.#state = state;
    if (before.join() !== state.nodeConditions.join()) {
      onConditions();
    }
    const victims = overLimit.length > 0 ? overLimit : this.#reclaim(reclaim, view);
    if (victims.length > 0) {
      this.#isEvicting = true;
      this.#evict(victims, 0);
    } else {
      this.foresee();
    }
  }

  #view(now: Micros): EvictionView {
    const { memory, podsMemoryLimit } = this.#options;
    const workingSet = inPages(memory.usedAt(now));
    const observations = signalObservations({
      at: now,
      memory: { available: Math.max(0, memory.capacity - workingSet), workingSet },
      allocatableMemory: { available: Math.max(0, podsMemoryLimit - workingSet), workingSet },
    });
    return { observations, activePods: this.#options.activePods(), usageOf: (pod) => this.#usageOf(pod, now) };
  }

  #usageOf(pod: Pod, now: Micros): PodUsage {
    const uid = pod.metadata.uid as string;
    const { memory } = this.#options;
    return {
      memory: inPages(memory.usedByPodAt(uid, now)),
      containers: pod.spec.containers.map(({ name }) => ({
        name,
        memory: inPages(memory.usedByContainerAt(uid, name, now)),
      })),
      volumes: [],
    };
  }

  #reclaim(reclaim: Reclaim | undefined, view: EvictionView): readonly Eviction[] {
    if (reclaim === undefined) {
      return [];
    }
    const { events, settings } = this.#options;
    events.recordNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${reclaim.resource}`);
    const victim = chooseVictim(settings, reclaim, view);
    return victim === undefined ? [] : [victim];
  }

  /** One after the other, each until it is killed or that takes too long; then until they are cleaned up. */
  #evict(evictions: readonly Eviction[], i: number): void {
    const eviction = evictions[i];
    if (eviction === undefined) {
      this.#waitForCleanup(evictions, this.#options.clock.now + this.#options.settings.podCleanupTimeout);
      return;
    }
    const { events, killPod, node, timeline } = this.#options;
    const { pod, gracePeriodOverride, message } = eviction;
    const { namespace = '', name } = pod.metadata;
    timeline?.append({ namespace, pod: name, node, grace_period_seconds: gracePeriodOverride, message });
    events.record(pod, undefined, 'Warning', REASONS.evicted, message);
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
    const changeStatus: KillOptions['changeStatus'] = (status) => ({
      ...status,
      phase: 'Failed',
      reason: REASONS.evicted,
      message,
      ...(eviction.marksDisruptionTarget && { conditions: withCondition(status.conditions, condition) }),
    });
    killPod(pod, { isEviction: true, gracePeriodOverride, changeStatus }, () => this.#evict(evictions, i + 1));
  }

  /** The next pass follows at once when all are gone, or after a time. */
  #waitForCleanup(evictions: readonly Eviction[], until: Micros): void {
    const { clock, isFinished, settings } = this.#options;
    clock.after(Math.min(settings.podCleanupPollPeriod, until - clock.now), () => {
      const isDone = clock.now >= until || evictions.every(({ pod }) => isFinished(pod.metadata.uid as string));
      if (isDone) {
        this.#isEvicting = false;
        this.#pass(clock.now);
      } else {
        this.#waitForCleanup(evictions, until);
      }
    });
  }
}

/** The kernel counts memory in pages of 4 KiB. */
const inPages = (bytes: number): number => Math.floor(bytes / 4096) * 4096;
