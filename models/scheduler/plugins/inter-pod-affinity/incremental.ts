import { type AffinityTerm, termMatches } from '../../framework/affinity-term.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import { hasAffinity, type PodInfo } from '../../framework/pod-info.js';
import { type ClusterView, longEnough } from '../../incremental/cluster-view.js';
import type { FeasibleSlots, IncrementalPlugin } from '../../incremental/incremental-plugin.js';
import { PairSums } from '../../incremental/pair-sums.js';
import { AffinityCensus } from './census.js';
import type { NamespaceLabels } from './filter.js';
import { hasPreferences, weigh } from './score.js';

/** Kinds of pods whose sums are kept; beyond it all are forgotten. */
const KIND_LIMIT = 1024;

export interface IncrementalAffinityOptions {
  readonly view: ClusterView;
  readonly namespaceLabels: NamespaceLabels;
  /** Names what terms see of a pod, and its own terms. */
  readonly kindOf: (pod: PodInfo) => string;
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
  readonly filters: boolean;
  readonly scores: boolean;
}

/** Sums for pods of one kind; made when they are first needed. */
interface KindSums {
  /** Existing pods whose required anti-affinity speaks of the kind. */
  readonly existingAnti: PairSums;
  readonly affinity: PairSums | undefined;
  readonly anti: PairSums | undefined;
  preferences: PairSums | undefined;
}

/** InterPodAffinity from running sums: filter.ts and score.ts of this folder say the same the long way. */
export class IncrementalAffinity implements IncrementalPlugin {
  readonly #options: IncrementalAffinityOptions;
  readonly #kinds = new Map<string, KindSums>();
  readonly #census: AffinityCensus;
  /** For the pod that was asked about last. */
  #preferences: PairSums | undefined;
  #raw = new Float64Array(0);

  constructor(options: IncrementalAffinityOptions) {
    this.#options = options;
    this.#census = new AffinityCensus(options.view);
  }

  planFilter(pod: PodInfo): ((slot: number) => boolean) | undefined {
    if (!this.#options.filters) {
      return undefined;
    }
    this.#census.catchUp();
    const hasOwn = pod.affinity.requiredAffinity.length + pod.affinity.requiredAntiAffinity.length > 0;
    if (!hasOwn && this.#census.withRequiredAntiAffinity === 0) {
      return undefined;
    }
    const { existingAnti, affinity, anti } = this.#sumsFor(pod);
    existingAnti.catchUp();
    affinity?.catchUp();
    anti?.catchUp();
    const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
    const isUnwanted = !existingAnti.isEmpty;
    const avoids = anti !== undefined && !anti.isEmpty;
    if (requiredAffinity.length === 0 && !avoids && !isUnwanted) {
      return undefined;
    }
    const ownLabels = this.#options.namespaceLabels(pod.namespace);
    const mayBeFirst =
      affinity?.isEmpty === true && requiredAffinity.every((term) => termMatches(term, pod, ownLabels));
    return (slot) =>
      (affinity === undefined || isBeside(affinity, requiredAffinity, slot, mayBeFirst)) &&
      !(avoids && requiredAntiAffinity.some(({ topologyKey }) => anti.at(topologyKey, slot) > 0)) &&
      !(isUnwanted && existingAnti.touches(slot));
  }

  scores(pod: PodInfo): boolean {
    const { scores: takesPart, ignorePreferredTermsOfExistingPods } = this.#options;
    const looksAtAll = hasPreferences(pod);
    if (!takesPart || (ignorePreferredTermsOfExistingPods && !looksAtAll)) {
      return false;
    }
    this.#census.catchUp();
    if (!looksAtAll && this.#census.withTerms === 0) {
      return false;
    }
    const kind = this.#sumsFor(pod);
    kind.preferences ??= this.#preferencesFor(pod);
    this.#preferences = kind.preferences;
    this.#preferences.catchUp();
    return this.#preferences.hasSpoken;
  }

  addScores(_pod: PodInfo, { slots, count }: FeasibleSlots, weight: number, totals: Float64Array): void {
    const preferences = this.#preferences as PairSums;
    this.#raw = longEnough(this.#raw, count);
    const raw = this.#raw;
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < count; j++) {
      const sum = preferences.sumFor(slots[j] as number);
      raw[j] = sum;
      minimum = sum < minimum ? sum : minimum;
      maximum = sum > maximum ? sum : maximum;
    }
    const difference = maximum - minimum;
    for (let j = 0; difference > 0 && j < count; j++) {
      const score = Math.trunc(MAX_NODE_SCORE * (((raw[j] as number) - minimum) / difference));
      totals[j] = (totals[j] as number) + score * weight;
    }
  }

  #sumsFor(pod: PodInfo): KindSums {
    const key = this.#options.kindOf(pod);
    let sums = this.#kinds.get(key);
    if (sums === undefined) {
      if (this.#kinds.size >= KIND_LIMIT) {
        this.#kinds.clear();
      }
      sums = this.#newSums(pod);
      this.#kinds.set(key, sums);
    }
    return sums;
  }

  #newSums(pod: PodInfo): KindSums {
    const { view, namespaceLabels } = this.#options;
    const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
    const ownLabels = namespaceLabels(pod.namespace) ?? {};
    const existingAnti = new PairSums(view, (existing, tell) => {
      for (const term of existing.affinity.requiredAntiAffinity) {
        if (termMatches(term, pod, ownLabels)) {
          tell(term.topologyKey, 1);
        }
      }
    });
    const speaksOf = (term: AffinityTerm, existing: PodInfo): boolean =>
      termMatches(term, existing, namespaceLabels(existing.namespace));
    const affinity = new PairSums(
      view,
      (existing, tell) => {
        if (requiredAffinity.every((term) => speaksOf(term, existing))) {
          for (const { topologyKey } of requiredAffinity) {
            tell(topologyKey, 1);
          }
        }
      },
      requiredAffinity.map(({ topologyKey }) => topologyKey),
    );
    const anti = new PairSums(view, (existing, tell) => {
      for (const term of requiredAntiAffinity) {
        if (speaksOf(term, existing)) {
          tell(term.topologyKey, 1);
        }
      }
    });
    return {
      existingAnti,
      affinity: requiredAffinity.length > 0 ? affinity : undefined,
      anti: requiredAntiAffinity.length > 0 ? anti : undefined,
      preferences: undefined,
    };
  }

  #preferencesFor(pod: PodInfo): PairSums {
    const looksAtAll = hasPreferences(pod);
    return new PairSums(this.#options.view, (existing, tell) => {
      if (looksAtAll || hasAffinity(existing)) {
        weigh(existing, pod, this.#options.namespaceLabels, this.#options, tell);
      }
    });
  }
}

function isBeside(affinity: PairSums, terms: readonly AffinityTerm[], slot: number, mayBeFirst: boolean): boolean {
  let allFound = true;
  for (const { topologyKey } of terms) {
    if (!affinity.hasLabel(topologyKey, slot)) {
      return false;
    }
    allFound &&= affinity.at(topologyKey, slot) > 0;
  }
  return allFound || mayBeFirst;
}
