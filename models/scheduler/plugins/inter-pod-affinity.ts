import type { Affinity, Labels, Node, Pod } from '../../api/index.js';
import { type AffinityTerm, termMatches } from '../framework/affinity-term.js';
import { asNode, asPod, type Hint } from '../framework/events.js';
import type { Listers } from '../framework/listers.js';
import { NodeMemos } from '../framework/node-memo.js';
import { type Plugin, SKIP } from '../framework/plugin.js';
import { type PodInfo, podInfoOf } from '../framework/pod-info.js';
import {
  type AffinityFilterState,
  affinityFilterState,
  affinityUpdate,
  affinityVerdict,
  cloneAffinityFilterState,
  type NamespaceLabels,
} from './inter-pod-affinity/filter.js';
import { IncrementalAffinity } from './inter-pod-affinity/incremental.js';
import type { PairCounts } from './inter-pod-affinity/pair-counts.js';
import {
  affinityScoreState,
  hasPreferences,
  type NodeWeights,
  nodeWeights,
  normalizeAffinity,
} from './inter-pod-affinity/score.js';

export interface InterPodAffinityOptions {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
  readonly listers: Listers;
}

/** Keeps pods together or apart. As pkg/scheduler/framework/plugins/interpodaffinity. */
export function interPodAffinity(
  options: InterPodAffinityOptions,
): Plugin<AffinityFilterState, { readonly sums: PairCounts }> {
  const { listers } = options;
  const namespaceLabels: NamespaceLabels = (name) => {
    const namespace = listers.get('Namespace', name);
    return namespace && (namespace.metadata.labels ?? {});
  };
  const memos = new NodeMemos<NodeWeights>();

  return {
    name: 'InterPodAffinity',
    incremental: (view, parts) =>
      new IncrementalAffinity({
        ...options,
        ...parts,
        view,
        namespaceLabels,
        kindOf: (pod) => kindOf(pod, listers),
      }),
    eventsToRegister: () => [
      {
        resource: 'AssignedPod',
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        hint: (pod, before, after) => hintAfterPodChange(pod, asPod(before), asPod(after), namespaceLabels),
      },
      {
        resource: 'Node',
        actions: ['Add', 'UpdateNodeLabel'],
        hint: (pod, before, after) => hintAfterNodeChange(pod, asNode(before), asNode(after)),
      },
      { resource: 'TargetPod', actions: ['UpdatePodLabel'] },
    ],
    preFilter(pod, snapshot) {
      const state = affinityFilterState(pod, snapshot, namespaceLabels);
      return state === undefined ? SKIP : { state };
    },
    filter: (pod, node, state) => affinityVerdict(state, pod, node),
    cloneState: cloneAffinityFilterState,
    addPod: (pod, added, node, state) => affinityUpdate(state, pod, added, node, namespaceLabels, 1),
    removePod: (pod, removed, node, state) => affinityUpdate(state, pod, removed, node, namespaceLabels, -1),
    preScore(pod, _feasible, snapshot) {
      if (options.ignorePreferredTermsOfExistingPods && !hasPreferences(pod)) {
        return 'skip';
      }
      const memo = memos.get(kindOf(pod, listers), (node) => nodeWeights(node, pod, namespaceLabels, options));
      return affinityScoreState(snapshot, memo) ?? 'skip';
    },
    score: (_pod, node, { sums }) => sums.sumFor(node),
    normalizeScores: normalizeAffinity,
  };
}

const affinityTexts = new WeakMap<Affinity, string>();

/** Pods of one kind are liked and disliked by the same others. Namespaces count as far as selectors look at them. */
function kindOf({ namespace, labels, pod, affinity: terms }: PodInfo, listers: Listers): string {
  const { affinity } = pod.spec;
  let text = '';
  if (affinity !== undefined) {
    text = affinityTexts.get(affinity) ?? JSON.stringify([affinity.podAffinity, affinity.podAntiAffinity]);
    affinityTexts.set(affinity, text);
  }
  const looksAtNamespaces = [
    ...terms.requiredAffinity,
    ...terms.requiredAntiAffinity,
    ...terms.preferredAffinity,
    ...terms.preferredAntiAffinity,
  ].some(({ namespaceSelector }) => namespaceSelector !== undefined);
  const namespaces = looksAtNamespaces
    ? [...listers.list('Namespace')].map(({ metadata }) => [metadata.name, metadata.labels])
    : listers.get('Namespace', namespace)?.metadata.labels;
  return JSON.stringify([namespace, labels, namespaces]) + text;
}

/** As isSchedulableAfterPodChange. */
function hintAfterPodChange(
  pod: PodInfo,
  before: Pod | undefined,
  after: Pod | undefined,
  namespaceLabels: NamespaceLabels,
): Hint {
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
  const matchesAffinity = (other: Pod): boolean =>
    requiredAffinity.length > 0 && requiredAffinity.every((term) => speaksOf(term, other, namespaceLabels));
  const matchesAnti = (other: Pod): boolean =>
    requiredAntiAffinity.some((term) => speaksOf(term, other, namespaceLabels));
  if (before !== undefined && after !== undefined) {
    const hasBecomeWanted = !matchesAffinity(before) && matchesAffinity(after);
    const hasMadeWay = matchesAnti(before) && !matchesAnti(after);
    return hasBecomeWanted || hasMadeWay ? 'Queue' : 'Skip';
  }
  if (after !== undefined) {
    return matchesAffinity(after) ? 'Queue' : 'Skip';
  }
  if (before === undefined) {
    return 'Skip';
  }
  const ownLabels: Labels = namespaceLabels(pod.namespace) ?? {};
  const stoodAgainst = podInfoOf(before).affinity.requiredAntiAffinity.some((term) =>
    termMatches(term, pod, ownLabels),
  );
  return matchesAnti(before) || stoodAgainst ? 'Queue' : 'Skip';
}

const speaksOf = (term: AffinityTerm, { metadata }: Pod, namespaceLabels: NamespaceLabels): boolean => {
  const namespace = metadata.namespace ?? '';
  return termMatches(term, { namespace, labels: metadata.labels }, namespaceLabels(namespace));
};

/** As isSchedulableAfterNodeChange: a domain to be in appeared, or one to keep out of was left. */
function hintAfterNodeChange(pod: PodInfo, before: Node | undefined, after: Node | undefined): Hint {
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
  for (const { topologyKey } of requiredAffinity) {
    const [was, is] = [before?.metadata.labels?.[topologyKey], after?.metadata.labels?.[topologyKey]];
    if (is !== undefined && was !== is) {
      return 'Queue';
    }
  }
  if (before === undefined) {
    return requiredAntiAffinity.length > 0 ? 'Queue' : 'Skip';
  }
  for (const { topologyKey } of requiredAntiAffinity) {
    const [was, is] = [before.metadata.labels?.[topologyKey], after?.metadata.labels?.[topologyKey]];
    if (was !== undefined && was !== is) {
      return 'Queue';
    }
  }
  return 'Skip';
}
