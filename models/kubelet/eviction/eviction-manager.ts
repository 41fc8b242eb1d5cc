import type { EventHandle, Micros, Timeline } from '../../../engine/index.js';
import { type Pod, withCondition } from '../../api/index.js';
import type { ContainerRuntime } from '../../world/index.js';
import { type NodeEvents, type PodEvents, REASONS } from '../events.js';
import type { KillOptions } from '../pod-workers/pod-worker.js';
import type { ProcessClock } from '../process-clock.js';
import type { KubeletEviction } from '../timelines.js';
import {
  chooseVictim,
  type Eviction,
  type EvictionSettings,
  type EvictionState,
  type EvictionView,
  FIRST_EVICTION_STATE,
  isQuiet,
  isReclaimed,
  type NodeReclaim,
  type Reclaim,
  synchronize,
} from './decisions.js';
import { pressureFrom } from './foresight.js';
import { type NodeStats, type Observations, signalObservations } from './signals.js';
import type { PodUsage } from './usage.js';

/** What is told of the node and its pods, as they are, or were when somebody last looked. */
interface Statistics {
  node(now: Micros): NodeStats;
  pod(pod: Pod, now: Micros): PodUsage | undefined;
  retain(pods: readonly Pod[]): void;
}

export interface EvictionManagerOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly statistics: Statistics;
  /** Bytes that all pods together may use. */
  readonly podsMemoryLimit: number;
  readonly events: PodEvents & NodeEvents;
  readonly settings: EvictionSettings;
  readonly firstPassAt: Micros;
  readonly node: string;
  readonly timeline: Timeline<KubeletEviction> | undefined;
  activePods(): readonly Pod[];
  /** Gives back what the node itself can. */
  reclaim(what: NodeReclaim): void;
  killPod(pod: Pod, kill: KillOptions, then: () => void): void;
  /** SyncTerminatedPod is through with it. */
  isFinished(uid: string): boolean;
  /** Node conditions under the manager's hand changed. */
  onConditions(): void;
}

/**
 * Looks at what is left of the node's memory, disks and process ids every 10 s, and evicts pods. The living part of the eviction
 * manager (k8s 1.37 pkg/kubelet/eviction/eviction_manager.go Start); `decisions.ts` decides. Usage is known as straight lines, so
 * passes before the first that could find something are left out.
 */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  #state: EvictionState = FIRST_EVICTION_STATE;
  /** The loop's next pass, whether or not it is simulated. */
  #nextAt: Micros;
  #timer: EventHandle | undefined;
  /** A pass goes on, or a pod is being evicted: the next pass waits for it. */
  #isBusy = false;

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
    if (this.#isBusy) {
      return;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#skipTo(clock.now);
    let at = this.#nextAt;
    if (clock.elidesQuietTicks && isQuiet(this.#state) && this.#state.lastObservations !== undefined) {
      const { activePods, podsMemoryLimit, runtime } = this.#options;
      const from = pressureFrom(settings, runtime, podsMemoryLimit, activePods(), clock.now);
      if (from === Number.POSITIVE_INFINITY) {
        return;
      }
      at += settings.monitoringPeriod * Math.max(0, Math.ceil((from - at) / settings.monitoringPeriod));
    }
    this.#timer = clock.after(at - clock.now, () => this.#pass(at));
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
    this.#isBusy = true;
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
      this.#evict(victims, 0);
    } else {
      this.#isBusy = false;
      this.foresee();
    }
  }

  #view(now: Micros): EvictionView {
    const { statistics } = this.#options;
    const activePods = this.#options.activePods();
    statistics.retain(activePods);
    const told = new Map<Pod, PodUsage | undefined>();
    const usageOf = (pod: Pod): PodUsage | undefined => {
      if (!told.has(pod)) {
        told.set(pod, statistics.pod(pod, now));
      }
      return told.get(pod);
    };
    return { observations: this.#observe(now), activePods, usageOf };
  }

  #observe(now: Micros): Observations {
    return signalObservations(this.#options.statistics.node(now));
  }

  #reclaim(reclaim: Reclaim | undefined, view: EvictionView): readonly Eviction[] {
    if (reclaim === undefined) {
      return [];
    }
    const { events, settings } = this.#options;
    events.recordNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${reclaim.resource}`);
    if (this.#reclaimNodeLevel(reclaim.nodeLevel)) {
      return [];
    }
    const victim = chooseVictim(settings, reclaim, view);
    return victim === undefined ? [] : [victim];
  }

  /** Whether that was enough (reclaimNodeLevelResources). */
  #reclaimNodeLevel(wanted: readonly NodeReclaim[]): boolean {
    for (const what of wanted) {
      this.#options.reclaim(what);
    }
    return wanted.length > 0 && isReclaimed(this.#options.settings, this.#observe(this.#options.clock.now));
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
    const look = (): void => {
      const isDone = clock.now >= until || evictions.every(({ pod }) => isFinished(pod.metadata.uid as string));
      if (isDone) {
        this.#pass(clock.now);
      } else {
        this.#waitForCleanup(evictions, until);
      }
    };
    // What a relist of the same instant finds comes first (docs/decisions/0006).
    clock.after(Math.min(settings.podCleanupPollPeriod, until - clock.now), () => clock.after(0, look));
  }
}
