import type { PodInfo } from '../framework/pod-info.js';

/** Nodes that passed the filters, by slot, in order. */
export interface FeasibleSlots {
  readonly slots: Int32Array;
  readonly count: number;
}

/**
 * A plugin whose answers depend on the whole cluster, kept up to date instead of worked out for each pod. It says the same as its
 * PreFilter and Filter, PreScore, Score and NormalizeScore.
 */
export interface IncrementalPlugin {
  /** Whether a pod may go to a slot; undefined when it may go everywhere. */
  planFilter(pod: PodInfo): ((slot: number) => boolean) | undefined;
  /** Whether the plugin scores this pod at all. */
  scores(pod: PodInfo): boolean;
  /** Adds normalised scores times the weight, aligned with the slots; only for pods that it scores. */
  addScores(pod: PodInfo, feasible: FeasibleSlots, weight: number, totals: Float64Array): void;
}
