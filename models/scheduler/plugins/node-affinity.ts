import {
  matchesNodeSelector,
  matchesNodeSelectorTerm,
  matchesRequiredNodeAffinity,
  type Node,
  type NodeAffinity,
  type NodeSelectorTerm,
  type PreferredSchedulingTerm,
} from '../../api/index.js';
import { asNode } from '../framework/events.js';
import type { NodeInfo } from '../framework/node-info.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';
import { normalizeByMaximum } from './normalize.js';

const NAME = 'NodeAffinity';
const REFUSED = unresolvable(NAME, "node(s) didn't match Pod's node affinity/selector");
const REFUSED_BY_PROFILE = unresolvable(NAME, "node(s) didn't match scheduler-enforced node affinity");
const CONTRADICTION = unresolvable(NAME, 'pod affinity terms conflict');

export interface NodeAffinityOptions {
  readonly addedAffinity: NodeAffinity | undefined;
  /** PreFilter may answer with node names. */
  readonly narrowsNodes: boolean;
}

/** nodeSelector and node affinity of the pod, and what the profile adds for all of its pods. */
export function nodeAffinity({
  addedAffinity,
  narrowsNodes,
}: NodeAffinityOptions): Plugin<undefined, readonly PreferredSchedulingTerm[]> {
  const added = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const addedTerms = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const matches = ({ pod }: PodInfo, node: Node): boolean =>
    (added === undefined || matchesNodeSelector(added, node)) && matchesRequiredNodeAffinity(pod.spec, node);

  return {
    name: NAME,
    isLocal: true,
    isStatic: true,
    eventsToRegister: () => [
      {
        resource: 'Node',
        actions: ['Add', 'UpdateNodeLabel'],
        hint(pod, before, after) {
          const node = asNode(after);
          const matchedBefore = before !== undefined && matches(pod, asNode(before) as Node);
          return node !== undefined && matches(pod, node) && !matchedBefore ? 'Queue' : 'Skip';
        },
      },
    ],
    preFilter({ pod }: PodInfo): PreFilterResult<undefined> {
      const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const hasSelector = pod.spec.nodeSelector !== undefined && Object.keys(pod.spec.nodeSelector).length > 0;
      if (added === undefined && required === undefined && !hasSelector) {
        return SKIP;
      }
      const nodeNames = required && narrowsNodes ? namesOf(required.nodeSelectorTerms) : undefined;
      if (nodeNames === undefined) {
        return { state: undefined };
      }
      return nodeNames.size === 0 ? { status: CONTRADICTION } : { state: undefined, nodeNames };
    },
    filter({ pod }: PodInfo, { node }: NodeInfo): Status | undefined {
      if (added !== undefined && !matchesNodeSelector(added, node)) {
        return REFUSED_BY_PROFILE;
      }
      return matchesRequiredNodeAffinity(pod.spec, node) ? undefined : REFUSED;
    },
    preScore({ pod }: PodInfo) {
      const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      const terms = [...preferred, ...addedTerms].filter(({ weight }) => weight !== 0);
      return preferred.length + addedTerms.length === 0 ? 'skip' : terms;
    },
    score(_pod: PodInfo, { node }: NodeInfo, terms: readonly PreferredSchedulingTerm[]): number {
      let sum = 0;
      for (const { weight, preference } of terms) {
        sum += matchesNodeSelectorTerm(preference, node) ? weight : 0;
      }
      return sum;
    },
    normalizeScores: (scores) => normalizeByMaximum(scores, false),
  };
}

/** Node names that the terms allow when each of them names nodes; undefined when one does not, or there are none. */
function namesOf(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) {
    return undefined;
  }
  const names = new Set<string>();
  for (const { matchFields } of terms) {
    let ofTerm: ReadonlySet<string> | undefined;
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In') {
        const allowed: ReadonlySet<string> = new Set(values);
        ofTerm = ofTerm === undefined ? allowed : new Set([...ofTerm].filter((name) => allowed.has(name)));
      }
    }
    if (ofTerm === undefined) {
      return undefined;
    }
    for (const name of ofTerm) {
      names.add(name);
    }
  }
  return names;
}
