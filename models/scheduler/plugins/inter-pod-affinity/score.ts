import { termMatches, type WeightedAffinityTerm } from '../../framework/affinity-term.js';
import type { NodeInfo } from '../../framework/node-info.js';
import type { NodeMemo } from '../../framework/node-memo.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import { hasAffinity, type PodInfo } from '../../framework/pod-info.js';
import type { Snapshot } from '../../framework/snapshot.js';
import type { NamespaceLabels } from './filter.js';
import { PairCounts } from './pair-counts.js';

/** Weight by topology key that the pods of one node give to its own pairs. */
export type NodeWeights = ReadonlyMap<string, number>;

const NO_WEIGHTS: NodeWeights = new Map();

export interface AffinityScoreOptions {
  /** Weight of a required affinity term of an existing pod that speaks of the incoming one. */
  readonly hardPodAffinityWeight: number;
}

export const hasPreferences = ({ affinity }: PodInfo): boolean =>
  affinity.preferredAffinity.length > 0 || affinity.preferredAntiAffinity.length > 0;

/**
 * What one existing pod says for or against the incoming one. As processExistingPod
 * (pkg/scheduler/framework/plugins/interpodaffinity/scoring.go).
 */
export function weigh(
  existing: PodInfo,
  pod: PodInfo,
  namespaceLabels: NamespaceLabels,
  { hardPodAffinityWeight }: AffinityScoreOptions,
  tell: (topologyKey: string, weight: number) => void,
): void {
  const labels = namespaceLabels(existing.namespace);
  const tellOwn = (terms: readonly WeightedAffinityTerm[], sign: 1 | -1): void => {
    for (const term of terms) {
      if (termMatches(term, existing, labels)) {
        tell(term.topologyKey, sign * term.weight);
      }
    }
  };
  tellOwn(pod.affinity.preferredAffinity, 1);
  tellOwn(pod.affinity.preferredAntiAffinity, -1);
  if (!hasAffinity(existing)) {
    return;
  }
  const ownLabels = namespaceLabels(pod.namespace) ?? {};
  const { requiredAffinity, preferredAffinity, preferredAntiAffinity } = existing.affinity;
  for (const term of hardPodAffinityWeight > 0 ? requiredAffinity : []) {
    if (termMatches(term, pod, ownLabels)) {
      tell(term.topologyKey, hardPodAffinityWeight);
    }
  }
  for (const term of preferredAffinity) {
    if (termMatches(term, pod, ownLabels)) {
      tell(term.topologyKey, term.weight);
    }
  }
  for (const term of preferredAntiAffinity) {
    if (termMatches(term, pod, ownLabels)) {
      tell(term.topologyKey, -term.weight);
    }
  }
}

/** What the pods of a node say together. Without preferences of its own only pods with affinity matter to a pod. */
export function nodeWeights(
  node: NodeInfo,
  pod: PodInfo,
  namespaceLabels: NamespaceLabels,
  options: AffinityScoreOptions,
): NodeWeights {
  const existingPods = hasPreferences(pod) ? node.pods : node.podsWithAffinity;
  if (existingPods.length === 0) {
    return NO_WEIGHTS;
  }
  const weights = new Map<string, number>();
  for (const existing of existingPods) {
    weigh(existing, pod, namespaceLabels, options, (key, weight) => {
      if (weight !== 0) {
        weights.set(key, (weights.get(key) ?? 0) + weight);
      }
    });
  }
  return weights;
}

/** Sums over all nodes, feasible or not; undefined when nobody said anything. */
export function affinityScoreState(
  snapshot: Snapshot,
  memo: NodeMemo<NodeWeights>,
): { readonly sums: PairCounts } | undefined {
  const sums = new PairCounts();
  let hasSpoken = false;
  for (const node of snapshot.nodes) {
    for (const [key, weight] of memo.get(node)) {
      hasSpoken ||= node.label(key) !== undefined;
      sums.add(node, key, weight);
    }
  }
  return hasSpoken ? { sums } : undefined;
}

/** From the least liked feasible node, 0, to the most liked, 100. Divides before it multiplies, as the real one. */
export function normalizeAffinity(scores: number[]): void {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    minimum = Math.min(minimum, score);
    maximum = Math.max(maximum, score);
  }
  const difference = maximum - minimum;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = difference > 0 ? Math.trunc(MAX_NODE_SCORE * (((scores[i] as number) - minimum) / difference)) : 0;
  }
}
