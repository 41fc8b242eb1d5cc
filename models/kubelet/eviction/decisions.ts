import type { Micros, Seconds } from '../../../engine/time/micros.js';
import { isCriticalPod, type Pod } from '../../api/index.js';
import { exceededLocalStorage } from './local-storage.js';
import { evictionMessage } from './message.js';
import { rankPods } from './ranking.js';
import {
  isMemorySignal,
  type Observations,
  type PressureCondition,
  SIGNALS,
  type Signal,
  type StarvedResource,
} from './signals.js';
import { type DiskLayout, isHard, levelOf, type Threshold, thresholdsMet } from './thresholds.js';
import type { UsageOf } from './usage.js';

export interface EvictionSettings {
  readonly thresholds: readonly Threshold[];
  /** Those of the first pass, which does not yet know the disk layout (k8s 1.37 synchronize shadows its variable). */
  readonly firstThresholds: readonly Threshold[];
  readonly diskLayout: DiskLayout;
  readonly maxPodGracePeriodSeconds: Seconds;
  readonly pressureTransitionPeriod: Micros;
  readonly localStorageCapacityIsolation: boolean;
  /** Time from the end of a pass that evicted nothing to the next. */
  readonly monitoringPeriod: Micros;
  /** How often, and how long at most, the manager asks whether evicted pods are gone before its next pass. */
  readonly podCleanupPollPeriod: Micros;
  readonly podCleanupTimeout: Micros;
  /** Grace of hard evictions; 0 [23] is taken by the pod worker for none given. */
  readonly immediateGracePeriodSeconds: Seconds;
  /** [37] A soft eviction gives a pod no more than its own terminationGracePeriodSeconds. */
  readonly softGraceIsLimitedByPod: boolean;
  /** [37] Messages name threshold and availability, and init containers too. */
  readonly messagesNameThreshold: boolean;
  /** [37] Evicted pods get the condition DisruptionTarget. */
  readonly marksDisruptionTarget: boolean;
}

/** What the manager remembers from pass to pass; lost when the kubelet restarts. */
export interface EvictionState {
  /** Conditions in force, as node status and admission see them. */
  readonly nodeConditions: readonly PressureCondition[];
  readonly conditionsLastObservedAt: { readonly [C in PressureCondition]?: Micros };
  /** Thresholds being met, with the time of the first pass that saw each. */
  readonly thresholdsFirstObservedAt: ReadonlyMap<Threshold, Micros>;
  /** Those whose grace period is over. */
  readonly thresholdsMet: readonly Threshold[];
  /** Undefined before the first pass. */
  readonly lastObservations: Observations | undefined;
}

const NONE_MET: ReadonlyMap<Threshold, Micros> = new Map();

export const FIRST_EVICTION_STATE: EvictionState = {
  nodeConditions: [],
  conditionsLastObservedAt: {},
  thresholdsFirstObservedAt: NONE_MET,
  thresholdsMet: [],
  lastObservations: undefined,
};

/** What a pass looks at. */
export interface EvictionView {
  readonly observations: Observations;
  /** Pods that may still have containers running. */
  readonly activePods: readonly Pod[];
  readonly usageOf: UsageOf;
}

/** One pod to be killed: phase Failed, reason Evicted. */
export interface Eviction {
  readonly pod: Pod;
  readonly gracePeriodOverride: Seconds;
  readonly message: string;
  /** Of the event Evicted. */
  readonly annotations: { readonly [key: string]: string };
  /** Its status gets DisruptionTarget, reason TerminationByKubelet, with the same message. */
  readonly marksDisruptionTarget: boolean;
}

export type NodeReclaim = 'deleteAllUnusedContainers' | 'deleteUnusedImages';

/** A starved resource: event EvictionThresholdMet, then what the node itself can give back, then one pod. */
export interface Reclaim {
  readonly threshold: Threshold;
  readonly resource: StarvedResource;
  readonly nodeLevel: readonly NodeReclaim[];
  /** All thresholds that ask for an eviction now, the one to act on first. */
  readonly thresholds: readonly Threshold[];
}

export interface EvictionPass {
  readonly state: EvictionState;
  /** Pods over a limit on local storage; with any of them the pass ends. */
  readonly overLimit: readonly Eviction[];
  /** If node-level reclaim leads to `isReclaimed`, the pass ends; else it evicts `chooseVictim`. */
  readonly reclaim: Reclaim | undefined;
}

/**
 * One pass of the eviction manager up to the point where it acts on the node. As managerImpl.synchronize (k8s 1.37 and
 * 1.23 pkg/kubelet/eviction/eviction_manager.go); where Kubernetes goes by the order of a map, this takes the likeliest
 * one, that of insertion.
 */
export function synchronize(
  settings: EvictionSettings,
  state: EvictionState,
  view: EvictionView,
  now: Micros,
): EvictionPass {
  const { observations } = view;
  const known = state.lastObservations === undefined ? settings.firstThresholds : settings.thresholds;
  const met = new Set(thresholdsMet(known, observations, false));
  for (const threshold of thresholdsMet(state.thresholdsMet, observations, true)) {
    met.add(threshold);
  }
  const next = nextState(settings, state, [...met], observations, now);
  const overLimit = localStorageEvictions(settings, view);
  const fresh =
    overLimit.length > 0 ? [] : next.thresholdsMet.filter(({ signal }) => isNewer(signal, state, observations));
  return { state: next, overLimit, reclaim: fresh.length === 0 ? undefined : reclaimOf(fresh, settings.diskLayout) };
}

/** Unlike pressure, limits may cost several pods in one pass. */
function localStorageEvictions(settings: EvictionSettings, view: EvictionView): readonly Eviction[] {
  if (!settings.localStorageCapacityIsolation) {
    return [];
  }
  return view.activePods.flatMap((pod) => {
    const message = exceededLocalStorage(pod, view.usageOf(pod), settings.diskLayout);
    const gracePeriodOverride = settings.immediateGracePeriodSeconds;
    return message === undefined
      ? []
      : { pod, gracePeriodOverride, message, annotations: {}, marksDisruptionTarget: false };
  });
}

function nextState(
  settings: EvictionSettings,
  state: EvictionState,
  met: readonly Threshold[],
  observations: Observations,
  now: Micros,
): EvictionState {
  if (met.length === 0 && state.nodeConditions.length === 0) {
    return { ...state, thresholdsFirstObservedAt: NONE_MET, thresholdsMet: [], lastObservations: observations };
  }
  const thresholdsFirstObservedAt = new Map(
    met.map((threshold) => [threshold, state.thresholdsFirstObservedAt.get(threshold) ?? now]),
  );
  // Soft thresholds raise their condition at once, without waiting for their grace.
  const observedNow = new Set(met.map(({ signal }) => SIGNALS[signal].condition));
  const conditionsLastObservedAt = {
    ...state.conditionsLastObservedAt,
    ...Object.fromEntries([...observedNow].map((condition) => [condition, now])),
  };
  const nodeConditions = CONDITIONS.filter((condition) => {
    const at = conditionsLastObservedAt[condition];
    return at !== undefined && now - at < settings.pressureTransitionPeriod;
  });
  return {
    nodeConditions,
    conditionsLastObservedAt,
    thresholdsFirstObservedAt,
    thresholdsMet: met.filter((threshold) => now - thresholdsFirstObservedAt.get(threshold)! >= threshold.gracePeriod),
    lastObservations: observations,
  };
}

const CONDITIONS: readonly PressureCondition[] = ['DiskPressure', 'MemoryPressure', 'PIDPressure'];

/** Statistics that were already acted upon are not acted upon again (k8s 1.37 thresholdsUpdatedStats). */
function isNewer(signal: Signal, state: EvictionState, observations: Observations): boolean {
  const observed = observations[signal];
  const last = state.lastObservations?.[signal];
  return observed !== undefined && (last === undefined || observed.at > last.at);
}

function reclaimOf(thresholds: readonly Threshold[], layout: DiskLayout): Reclaim {
  // Memory goes before all others, and of two on memory the later one before the earlier: byEvictionPriority calls each
  // memory threshold smaller than any other, so Go's insertion sort carries it to the front. With both met, soft thus
  // beats hard.
  const isMemory = ({ signal }: Threshold): boolean => isMemorySignal(signal);
  const others = thresholds.filter((threshold) => !isMemory(threshold));
  const byPriority = [...thresholds.filter(isMemory).reverse(), ...others];
  const threshold = byPriority[0]!;
  return {
    threshold,
    resource: SIGNALS[threshold.signal].resource,
    nodeLevel: nodeLevelReclaim(threshold.signal, layout),
    thresholds: byPriority,
  };
}

/** As buildSignalToNodeReclaimFuncs (k8s 1.37 pkg/kubelet/eviction/helpers.go). */
function nodeLevelReclaim(signal: Signal, layout: DiskLayout): readonly NodeReclaim[] {
  if (SIGNALS[signal].condition !== 'DiskPressure') {
    return [];
  }
  switch (layout) {
    case 'singleDisk':
      return ['deleteAllUnusedContainers', 'deleteUnusedImages'];
    case 'dedicatedImageFs':
      return signal.startsWith('nodefs.') ? [] : ['deleteAllUnusedContainers', 'deleteUnusedImages'];
    case 'splitContainerFs':
      return signal.startsWith('imagefs.') ? ['deleteUnusedImages'] : ['deleteAllUnusedContainers'];
  }
}

/** After node-level reclaim: no threshold is met any more, each with its minimum to reclaim. */
export const isReclaimed = (settings: EvictionSettings, observationsAfter: Observations): boolean =>
  thresholdsMet(settings.thresholds, observationsAfter, true).length === 0;

/** The one pod that a pass evicts: the first in rank that is not critical. */
export function chooseVictim(settings: EvictionSettings, reclaim: Reclaim, view: EvictionView): Eviction | undefined {
  const { threshold, resource, thresholds } = reclaim;
  const rank = rankPods(view.activePods, view.usageOf, threshold.signal, settings.diskLayout);
  const pod = rank.find((candidate) => !isCriticalPod(candidate));
  if (pod === undefined) {
    return undefined;
  }
  const { messagesNameThreshold } = settings;
  return {
    pod,
    gracePeriodOverride: gracePeriodFor(settings, threshold, pod),
    ...evictionMessage({ resource, pod, usage: view.usageOf(pod), thresholds, ...view, messagesNameThreshold }),
    marksDisruptionTarget: settings.marksDisruptionTarget,
  };
}

function gracePeriodFor(settings: EvictionSettings, threshold: Threshold, pod: Pod): Seconds {
  if (isHard(threshold)) {
    return settings.immediateGracePeriodSeconds;
  }
  const own = pod.spec.terminationGracePeriodSeconds;
  return settings.softGraceIsLimitedByPod && own !== undefined
    ? Math.min(settings.maxPodGracePeriodSeconds, own)
    : settings.maxPodGracePeriodSeconds;
}

/**
 * Whether passes change nothing until a signal falls below `criticalLevel` or a pod outgrows a local storage limit: no
 * condition is held, no threshold is being met.
 */
export const isQuiet = (state: EvictionState): boolean =>
  state.nodeConditions.length === 0 && state.thresholdsFirstObservedAt.size === 0;

/** Below this availability a signal meets some threshold; 0 when it has none. */
export function criticalLevel(settings: EvictionSettings, signal: Signal, capacity: number): number {
  const levels = settings.thresholds.filter((threshold) => threshold.signal === signal);
  return Math.max(0, ...levels.map(({ value }) => levelOf(value, capacity)));
}
