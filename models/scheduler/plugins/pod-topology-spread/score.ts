import { naturalLogarithm } from '../../framework/natural-logarithm.js';
import type { NodeInfo } from '../../framework/node-info.js';
import type { NodeMemo, NodeMemos } from '../../framework/node-memo.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { Snapshot } from '../../framework/snapshot.js';
import { countingKey, countMatching, HOSTNAME, hasAllKeys, includes, type SpreadConstraint } from './constraints.js';

interface ScoredSpread {
  readonly constraint: SpreadConstraint;
  /** Matching pods of the whole cluster by domain of the feasible nodes; undefined for the hostname, counted per node. */
  readonly counts: Map<string, number> | undefined;
  readonly counter: NodeMemo<number>;
  weight: number;
}

/** What Score needs of one pod. As preScoreState. */
export interface SpreadScoreState {
  readonly spreads: readonly ScoredSpread[];
  /** Feasible nodes that lack a key: they score 0. */
  readonly ignored: ReadonlySet<NodeInfo>;
}

/**
 * @param requiresAllKeys false for the system's default constraints: nodes without a zone are scored all the same
 */
export function spreadScoreState(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  feasible: readonly NodeInfo[],
  snapshot: Snapshot,
  requiresAllKeys: boolean,
  memos: NodeMemos<number>,
): SpreadScoreState {
  const spreads: ScoredSpread[] = constraints.map((constraint) => ({
    constraint,
    counts: constraint.topologyKey === HOSTNAME ? undefined : new Map(),
    counter: memos.get(countingKey(pod.namespace, constraint.selector), (node) =>
      countMatching(node, pod.namespace, constraint.selector),
    ),
    weight: 0,
  }));
  const ignored = new Set<NodeInfo>();
  for (const node of feasible) {
    if (requiresAllKeys && !hasAllKeys(constraints, node)) {
      ignored.add(node);
      continue;
    }
    for (const { constraint, counts } of spreads) {
      counts?.set(node.label(constraint.topologyKey) ?? '', 0);
    }
  }
  for (const spread of spreads) {
    const domains = spread.counts?.size ?? feasible.length - ignored.size;
    spread.weight = naturalLogarithm(domains + 2);
    if (spread.counts !== undefined) {
      countDomains(pod, spread, spread.counts, constraints, snapshot, requiresAllKeys);
    }
  }
  return { spreads, ignored };
}

/** Pods count on every node of a feasible domain, whether that node is feasible or not. */
function countDomains(
  pod: PodInfo,
  { constraint, counter }: ScoredSpread,
  counts: Map<string, number>,
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
  requiresAllKeys: boolean,
): void {
  for (const node of snapshot.nodes) {
    const matching = counter.get(node);
    if (matching === 0 || (requiresAllKeys && !hasAllKeys(constraints, node))) {
      continue;
    }
    const value = node.label(constraint.topologyKey) ?? '';
    const count = counts.get(value);
    if (count !== undefined && includes(constraint, pod, node)) {
      counts.set(value, count + matching);
    }
  }
}

/** Fewer is better; normalisation turns it round. Terms are summed in the order of the constraints, as doubles. */
export function spreadScore({ spreads, ignored }: SpreadScoreState, node: NodeInfo): number {
  if (ignored.has(node)) {
    return 0;
  }
  let score = 0;
  for (const { constraint, counts, counter, weight } of spreads) {
    const value = node.label(constraint.topologyKey);
    if (value !== undefined) {
      const count = counts === undefined ? counter.get(node) : (counts.get(value) ?? 0);
      score += count * weight + (constraint.maxSkew - 1);
    }
  }
  return Math.round(score);
}

export function normalizeSpread(scores: number[], nodes: readonly NodeInfo[], { ignored }: SpreadScoreState): void {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = 0;
  for (let i = 0; i < nodes.length; i++) {
    if (!ignored.has(nodes[i] as NodeInfo)) {
      minimum = Math.min(minimum, scores[i] as number);
      maximum = Math.max(maximum, scores[i] as number);
    }
  }
  for (let i = 0; i < nodes.length; i++) {
    if (ignored.has(nodes[i] as NodeInfo)) {
      scores[i] = 0;
    } else {
      scores[i] =
        maximum === 0
          ? MAX_NODE_SCORE
          : Math.trunc((MAX_NODE_SCORE * (maximum + minimum - (scores[i] as number))) / maximum);
    }
  }
}
