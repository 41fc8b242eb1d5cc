import type { Labels } from '../../../api/index.js';
import { type AffinityTerm, termMatches } from '../../framework/affinity-term.js';
import type { NodeInfo } from '../../framework/node-info.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { Snapshot } from '../../framework/snapshot.js';
import { type Status, unresolvable, unschedulable } from '../../framework/status.js';
import { PairCounts } from './pair-counts.js';

const NAME = 'InterPodAffinity';
const NOT_BESIDE = unresolvable(NAME, "node(s) didn't match pod affinity rules");
const TOO_CLOSE = unschedulable(NAME, "node(s) didn't match pod anti-affinity rules");
const UNWANTED = unschedulable(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");

/** Labels of a namespace by name; undefined when there is no such object. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

/** How many pods stand in the way or are wanted near, by topology pair. As preFilterState. */
export interface AffinityFilterState {
  /** Existing pods whose required anti-affinity speaks of the pod. */
  readonly existingAnti: PairCounts;
  /** Existing pods that match all of the pod's required affinity terms. */
  readonly affinity: PairCounts;
  /** Existing pods that match a required anti-affinity term of the pod. */
  readonly anti: PairCounts;
  readonly namespaceLabels: Labels | undefined;
}

/** Undefined: nothing can stand in the way. */
export function affinityFilterState(
  pod: PodInfo,
  snapshot: Snapshot,
  namespaceLabels: NamespaceLabels,
): AffinityFilterState | undefined {
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
  const hasTerms = requiredAffinity.length > 0 || requiredAntiAffinity.length > 0;
  if (!hasTerms && snapshot.podsWithRequiredAntiAffinity === 0) {
    return undefined;
  }
  const state: AffinityFilterState = {
    existingAnti: new PairCounts(),
    affinity: new PairCounts(),
    anti: new PairCounts(),
    namespaceLabels: namespaceLabels(pod.namespace),
  };
  for (const node of snapshot.nodes) {
    for (const existing of node.podsWithRequiredAntiAffinity) {
      countExistingAnti(state, pod, existing, node, 1);
    }
    if (hasTerms) {
      for (const existing of node.pods) {
        countOwnTerms(state, pod, existing, node, namespaceLabels, 1);
      }
    }
  }
  return !hasTerms && state.existingAnti.isEmpty ? undefined : state;
}

export const cloneAffinityFilterState = (state: AffinityFilterState): AffinityFilterState => ({
  existingAnti: state.existingAnti.clone(),
  affinity: state.affinity.clone(),
  anti: state.anti.clone(),
  namespaceLabels: state.namespaceLabels,
});

/** As updateWithPod: another pod comes to or leaves a node that is tried out. */
export function affinityUpdate(
  state: AffinityFilterState,
  pod: PodInfo,
  moved: PodInfo,
  node: NodeInfo,
  namespaceLabels: NamespaceLabels,
  change: 1 | -1,
): void {
  countExistingAnti(state, pod, moved, node, change);
  countOwnTerms(state, pod, moved, node, namespaceLabels, change);
}

function countExistingAnti(
  state: AffinityFilterState,
  pod: PodInfo,
  existing: PodInfo,
  node: NodeInfo,
  change: 1 | -1,
): void {
  for (const term of existing.affinity.requiredAntiAffinity) {
    if (termMatches(term, pod, state.namespaceLabels ?? {})) {
      state.existingAnti.add(node, term.topologyKey, change);
    }
  }
}

function countOwnTerms(
  state: AffinityFilterState,
  pod: PodInfo,
  existing: PodInfo,
  node: NodeInfo,
  namespaceLabels: NamespaceLabels,
  change: 1 | -1,
): void {
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
  const labels = namespaceLabels(existing.namespace);
  if (requiredAffinity.length > 0 && requiredAffinity.every((term) => termMatches(term, existing, labels))) {
    for (const { topologyKey } of requiredAffinity) {
      state.affinity.add(node, topologyKey, change);
    }
  }
  for (const term of requiredAntiAffinity) {
    if (termMatches(term, existing, labels)) {
      state.anti.add(node, term.topologyKey, change);
    }
  }
}

/** In this order: required affinity, own anti-affinity, anti-affinity of others. */
export function affinityVerdict(state: AffinityFilterState, pod: PodInfo, node: NodeInfo): Status | undefined {
  if (!satisfiesAffinity(state, pod, node)) {
    return NOT_BESIDE;
  }
  const { requiredAntiAffinity } = pod.affinity;
  if (!state.anti.isEmpty && requiredAntiAffinity.some((term) => countFor(state.anti, term, node) > 0)) {
    return TOO_CLOSE;
  }
  return !state.existingAnti.isEmpty && state.existingAnti.touches(node) ? UNWANTED : undefined;
}

const countFor = (counts: PairCounts, { topologyKey }: AffinityTerm, node: NodeInfo): number => {
  const value = node.label(topologyKey);
  return value === undefined ? 0 : counts.get(topologyKey, value);
};

/** As satisfyPodAffinity: the first of a group of pods that want to be together may go anywhere with the labels. */
function satisfiesAffinity(state: AffinityFilterState, pod: PodInfo, node: NodeInfo): boolean {
  const { requiredAffinity } = pod.affinity;
  let allFound = true;
  for (const term of requiredAffinity) {
    if (node.label(term.topologyKey) === undefined) {
      return false;
    }
    allFound &&= countFor(state.affinity, term, node) > 0;
  }
  return (
    allFound ||
    (state.affinity.isEmpty && requiredAffinity.every((term) => termMatches(term, pod, state.namespaceLabels)))
  );
}
