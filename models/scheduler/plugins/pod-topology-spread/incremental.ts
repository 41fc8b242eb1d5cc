import { naturalLogarithm } from '../../framework/natural-logarithm.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { ClusterView } from '../../incremental/cluster-view.js';
import { longEnough } from '../../incremental/cluster-view.js';
import { contentId } from '../../incremental/content-ids.js';
import type { FeasibleSlots, IncrementalPlugin } from '../../incremental/incremental-plugin.js';
import { SpreadCounter } from '../../incremental/spread-counter.js';
import {
  HOSTNAME,
  hasAllKeys,
  includes,
  type SpreadConstraint,
  selects,
  type UnsatisfiableAction,
} from './constraints.js';

/** Selectors and keys that are counted; beyond it all are forgotten. */
const COUNTER_LIMIT = 4096;

export interface IncrementalSpreadOptions {
  readonly view: ClusterView;
  readonly constraintsOf: (pod: PodInfo, action: UnsatisfiableAction) => readonly SpreadConstraint[];
  /** False for the system's default constraints. */
  readonly requiresAllKeys: (pod: PodInfo) => boolean;
  readonly filters: boolean;
  readonly scores: boolean;
}

interface Scored {
  readonly constraint: SpreadConstraint;
  readonly counter: SpreadCounter;
  readonly isHostname: boolean;
  weight: number;
}

/** PodTopologySpread from running counts: filter.ts and score.ts of this folder say the same the long way. */
export class IncrementalSpread implements IncrementalPlugin {
  readonly #options: IncrementalSpreadOptions;
  readonly #counters = new Map<string, SpreadCounter>();
  readonly #logarithms: number[] = [];
  /** Marks domains seen among the feasible nodes of one pod. */
  #seen = new Int32Array(0);
  #round = 0;

  constructor(options: IncrementalSpreadOptions) {
    this.#options = options;
  }

  planFilter(pod: PodInfo): ((slot: number) => boolean) | undefined {
    const constraints = this.#options.filters ? this.#options.constraintsOf(pod, 'DoNotSchedule') : [];
    if (constraints.length === 0) {
      return undefined;
    }
    const limits = constraints.map((constraint) => {
      const counter = this.#counter(pod, constraint, constraints, true);
      const self = selects(constraint.selector, pod.labels) ? 1 : 0;
      return { counter, most: counter.minimum(constraint.minDomains) + constraint.maxSkew - self };
    });
    return (slot) =>
      limits.every(({ counter, most }) => {
        const domain = counter.domains[slot] as number;
        return domain >= 0 && (counter.sums[domain] as number) <= most;
      });
  }

  score(pod: PodInfo, { slots, count }: FeasibleSlots, scores: Float64Array): boolean {
    const constraints = this.#options.scores ? this.#options.constraintsOf(pod, 'ScheduleAnyway') : [];
    if (constraints.length === 0) {
      return false;
    }
    const requiresAllKeys = this.#options.requiresAllKeys(pod);
    const spreads: Scored[] = constraints.map((constraint) => ({
      constraint,
      counter: this.#counter(pod, constraint, constraints, requiresAllKeys),
      isHostname: constraint.topologyKey === HOSTNAME,
      weight: 0,
    }));
    const isIgnored = (slot: number): boolean =>
      requiresAllKeys && spreads.some(({ counter }) => (counter.domains[slot] as number) < 0);
    this.#weigh(spreads, slots, count, isIgnored);
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = 0;
    for (let j = 0; j < count; j++) {
      const slot = slots[j] as number;
      if (isIgnored(slot)) {
        scores[j] = Number.NaN;
        continue;
      }
      const raw = rawScore(spreads, slot);
      scores[j] = raw;
      minimum = raw < minimum ? raw : minimum;
      maximum = raw > maximum ? raw : maximum;
    }
    for (let j = 0; j < count; j++) {
      const raw = scores[j] as number;
      if (Number.isNaN(raw)) {
        scores[j] = 0;
      } else {
        scores[j] = maximum === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (maximum + minimum - raw)) / maximum);
      }
    }
    return true;
  }

  /** A constraint weighs more the more domains the feasible nodes are in. */
  #weigh(spreads: readonly Scored[], slots: Int32Array, count: number, isIgnored: (slot: number) => boolean): void {
    let kept = 0;
    for (let j = 0; j < count; j++) {
      kept += isIgnored(slots[j] as number) ? 0 : 1;
    }
    for (const spread of spreads) {
      const domains = spread.isHostname ? kept : this.#countDomains(spread.counter, slots, count, isIgnored);
      spread.weight = this.#logarithms[domains + 2] ??= naturalLogarithm(domains + 2);
    }
  }

  /** Domains of the feasible nodes; those without the label are one more. */
  #countDomains(
    { domains, domainCount }: SpreadCounter,
    slots: Int32Array,
    count: number,
    isIgnored: (slot: number) => boolean,
  ): number {
    this.#seen = longEnough(this.#seen, domainCount);
    const round = ++this.#round;
    let found = 0;
    for (let j = 0; j < count; j++) {
      const slot = slots[j] as number;
      const domain = domains[slot] as number;
      const mark = domain < 0 ? domainCount : domain;
      if (this.#seen[mark] !== round && !isIgnored(slot)) {
        this.#seen[mark] = round;
        found++;
      }
    }
    return found;
  }

  /** @param needsAllKeys pods count only on nodes that have the keys of all constraints */
  #counter(
    pod: PodInfo,
    constraint: SpreadConstraint,
    constraints: readonly SpreadConstraint[],
    needsAllKeys: boolean,
  ): SpreadCounter {
    const { selector, topologyKey, honorsAffinity, honorsTaints } = constraint;
    const { nodeSelector, affinity, tolerations } = pod.pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const key =
      `${pod.namespace}/${selector === undefined ? '' : JSON.stringify(selector)}/${topologyKey}/` +
      `${honorsAffinity ? `${contentId(nodeSelector)},${contentId(required)}` : ''}/` +
      `${honorsTaints ? contentId(tolerations) : ''}/` +
      (needsAllKeys ? constraints.map((other) => other.topologyKey).join() : '');
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      if (this.#counters.size >= COUNTER_LIMIT) {
        this.#counters.clear();
      }
      counter = new SpreadCounter(this.#options.view, {
        namespace: pod.namespace,
        selector,
        topologyKey,
        includes: (node) => (!needsAllKeys || hasAllKeys(constraints, node)) && includes(constraint, pod, node),
      });
      this.#counters.set(key, counter);
    }
    counter.catchUp();
    return counter;
  }
}

function rawScore(spreads: readonly Scored[], slot: number): number {
  let score = 0;
  for (const { constraint, counter, isHostname, weight } of spreads) {
    const domain = counter.domains[slot] as number;
    if (domain >= 0) {
      const count = isHostname ? (counter.own[slot] as number) : (counter.sums[domain] as number);
      score += count * weight + (constraint.maxSkew - 1);
    }
  }
  return Math.round(score);
}
