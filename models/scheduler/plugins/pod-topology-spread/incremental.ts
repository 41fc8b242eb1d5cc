import { naturalLogarithm } from '../../framework/natural-logarithm.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { ClusterView } from '../../incremental/cluster-view.js';
import { longEnough } from '../../incremental/cluster-view.js';
import { contentId } from '../../incremental/content-ids.js';
import type { FeasibleSlots, IncrementalPlugin } from '../../incremental/incremental-plugin.js';
import { PodGroups, type SelectorCounts } from '../../incremental/pod-groups.js';
import { type DomainSums, Topology } from '../../incremental/topology.js';
import {
  HOSTNAME,
  hasAllKeys,
  includes,
  type SpreadConstraint,
  selects,
  type UnsatisfiableAction,
} from './constraints.js';

/** Kinds of pods whose counts are at hand; beyond it all are forgotten. */
const PLAN_LIMIT = 8192;
/** Raw scores that lie within so much of each other are normalised by a table. */
const TABLE_LIMIT = 1024;

export interface IncrementalSpreadOptions {
  readonly view: ClusterView;
  readonly constraintsOf: (pod: PodInfo, action: UnsatisfiableAction) => readonly SpreadConstraint[];
  /** False for the system's default constraints. */
  readonly requiresAllKeys: (pod: PodInfo) => boolean;
  readonly filters: boolean;
  readonly scores: boolean;
}

/** A constraint with its counts. */
interface Counted {
  readonly constraint: SpreadConstraint;
  readonly topology: Topology;
  readonly counts: SelectorCounts;
  /** Undefined where every node is a domain of its own, and scored by its own pods. */
  readonly sums: DomainSums | undefined;
}

/** PodTopologySpread from running counts: filter.ts and score.ts of this folder say the same the long way. */
export class IncrementalSpread implements IncrementalPlugin {
  readonly #options: IncrementalSpreadOptions;
  readonly #groups: PodGroups;
  readonly #plans = new Map<string, readonly Counted[]>();
  #generation = 0;
  /** Of the pod that was asked about last. */
  #plan: readonly Counted[] = [];
  #requiresAllKeys = false;
  readonly #logarithms: number[] = [];
  /** Marks domains seen among the feasible nodes of one pod. */
  #seen = new Int32Array(0);
  #round = 0;
  #raw = new Float64Array(0);
  /** What a domain adds to the raw score, by domain. */
  #terms = new Float64Array(0);
  readonly #normalized = new Float64Array(TABLE_LIMIT);

  constructor(options: IncrementalSpreadOptions) {
    this.#options = options;
    this.#groups = new PodGroups(options.view);
  }

  planFilter(pod: PodInfo): ((slot: number) => boolean) | undefined {
    const constraints = this.#options.filters ? this.#options.constraintsOf(pod, 'DoNotSchedule') : [];
    if (constraints.length === 0) {
      return undefined;
    }
    const limits = this.#planOf(pod, constraints, true, 'filter').map(({ constraint, topology, sums }) => {
      const self = selects(constraint.selector, pod.labels) ? 1 : 0;
      const most = (sums as DomainSums).minimum(constraint.minDomains) + constraint.maxSkew - self;
      return { domains: topology.domains, byDomain: (sums as DomainSums).byDomain, most };
    });
    return (slot) => {
      for (const { domains, byDomain, most } of limits) {
        const domain = domains[slot] as number;
        if (domain < 0 || (byDomain[domain] as number) > most) {
          return false;
        }
      }
      return true;
    };
  }

  scores(pod: PodInfo): boolean {
    const constraints = this.#options.scores ? this.#options.constraintsOf(pod, 'ScheduleAnyway') : [];
    if (constraints.length === 0) {
      return false;
    }
    this.#requiresAllKeys = this.#options.requiresAllKeys(pod);
    this.#plan = this.#planOf(pod, constraints, this.#requiresAllKeys, 'score');
    return true;
  }

  addScores(_pod: PodInfo, feasible: FeasibleSlots, weight: number, totals: Float64Array): void {
    const plan = this.#plan;
    this.#raw = longEnough(this.#raw, feasible.count);
    this.#raw.fill(0, 0, feasible.count);
    if (this.#requiresAllKeys) {
      this.#ignoreWithoutKeys(plan, feasible);
    }
    for (const counted of plan) {
      this.#addRaw(counted, feasible);
    }
    this.#addNormalized(feasible.count, weight, totals);
  }

  /** A node without all keys has no raw score, and 0 in the end. */
  #ignoreWithoutKeys(plan: readonly Counted[], { slots, count }: FeasibleSlots): void {
    for (const { topology } of plan) {
      for (let j = 0; j < count; j++) {
        if ((topology.domains[slots[j] as number] as number) < 0) {
          this.#raw[j] = Number.NaN;
        }
      }
    }
  }

  /** A constraint weighs more the more domains the feasible nodes are in. */
  #addRaw({ constraint, topology, counts, sums }: Counted, { slots, count }: FeasibleSlots): void {
    const raw = this.#raw;
    const { domains } = topology;
    const extra = constraint.maxSkew - 1;
    const size = sums === undefined ? this.#kept(count) : this.#domainsAmong(topology, slots, count);
    this.#logarithms[size + 2] ??= naturalLogarithm(size + 2);
    const weight = this.#logarithms[size + 2] as number;
    if (sums === undefined) {
      const { own } = counts;
      for (let j = 0; j < count; j++) {
        const slot = slots[j] as number;
        if ((domains[slot] as number) >= 0) {
          raw[j] = (raw[j] as number) + ((own[slot] as number) * weight + extra);
        }
      }
      return;
    }
    const { byDomain } = sums;
    this.#terms = longEnough(this.#terms, topology.domainCount);
    const terms = this.#terms;
    for (let domain = 0; domain < topology.domainCount; domain++) {
      terms[domain] = (byDomain[domain] as number) * weight + extra;
    }
    for (let j = 0; j < count; j++) {
      const domain = domains[slots[j] as number] as number;
      if (domain >= 0) {
        raw[j] = (raw[j] as number) + (terms[domain] as number);
      }
    }
  }

  #kept(count: number): number {
    let kept = 0;
    for (let j = 0; j < count; j++) {
      kept += Number.isNaN(this.#raw[j]) ? 0 : 1;
    }
    return kept;
  }

  /** Domains of the feasible nodes that are not ignored; those without the label are one more. */
  #domainsAmong({ domains, domainCount }: Topology, slots: Int32Array, count: number): number {
    this.#seen = longEnough(this.#seen, domainCount);
    const seen = this.#seen;
    const round = ++this.#round;
    let found = 0;
    for (let j = 0; j < count; j++) {
      const domain = domains[slots[j] as number] as number;
      const mark = domain < 0 ? domainCount : domain;
      if (seen[mark] !== round && !Number.isNaN(this.#raw[j])) {
        seen[mark] = round;
        found++;
      }
    }
    return found;
  }

  #addNormalized(count: number, weight: number, totals: Float64Array): void {
    const raw = this.#raw;
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = 0;
    for (let j = 0; j < count; j++) {
      const rounded = Math.round(raw[j] as number);
      raw[j] = rounded;
      minimum = rounded < minimum ? rounded : minimum;
      maximum = rounded > maximum ? rounded : maximum;
    }
    const normalize = (score: number): number =>
      weight * (maximum === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (maximum + minimum - score)) / maximum));
    const range = maximum - minimum;
    const normalized = this.#normalized;
    const hasTable = range < TABLE_LIMIT;
    for (let i = 0; hasTable && i <= range; i++) {
      normalized[i] = normalize(minimum + i);
    }
    for (let j = 0; j < count; j++) {
      const score = raw[j] as number;
      if (!Number.isNaN(score)) {
        totals[j] = (totals[j] as number) + (hasTable ? (normalized[score - minimum] as number) : normalize(score));
      }
    }
  }

  /** @param needsAllKeys pods count only on nodes that have the keys of all constraints */
  #planOf(
    pod: PodInfo,
    constraints: readonly SpreadConstraint[],
    needsAllKeys: boolean,
    use: 'filter' | 'score',
  ): readonly Counted[] {
    this.#groups.catchUp();
    this.#groups.makeRoom();
    if (this.#generation !== this.#groups.generation || this.#plans.size >= PLAN_LIMIT) {
      this.#generation = this.#groups.generation;
      this.#plans.clear();
    }
    const { nodeSelector, affinity, tolerations } = pod.pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const keys = needsAllKeys ? constraints.map(({ topologyKey }) => topologyKey).join() : '';
    let name = `${use}/${pod.namespace}/${keys}`;
    const places: string[] = [];
    for (const { topologyKey, honorsAffinity, honorsTaints } of constraints) {
      const place =
        `${topologyKey}/${honorsAffinity ? `${contentId(nodeSelector)},${contentId(required)}` : ''}/` +
        `${honorsTaints ? contentId(tolerations) : ''}/${keys}`;
      places.push(place);
      name += `/${place}`;
    }
    const selectors = selectorTexts(constraints);
    for (const [i, { maxSkew, minDomains }] of constraints.entries()) {
      name += `/${maxSkew},${minDomains},${selectors[i]}`;
    }
    let plan = this.#plans.get(name);
    if (plan === undefined) {
      plan = constraints.map((constraint, i) => {
        const topology = this.#groups.topologyFor(
          places[i] as string,
          () =>
            new Topology(
              this.#options.view,
              constraint.topologyKey,
              (node) => (!needsAllKeys || hasAllKeys(constraints, node)) && includes(constraint, pod, node),
            ),
        );
        const counts = this.#groups.countsFor(pod.namespace, constraint.selector, selectors[i] as string);
        const isOwn = use === 'score' && constraint.topologyKey === HOSTNAME;
        return { constraint, topology, counts, sums: isOwn ? undefined : topology.sumsOf(counts) };
      });
      this.#plans.set(name, plan);
    }
    for (const { counts } of plan) {
      counts.own = longEnough(counts.own, this.#options.view.slotCount);
    }
    return plan;
  }
}

/** The selectors as texts; constraints mostly share one. */
function selectorTexts(constraints: readonly SpreadConstraint[]): readonly string[] {
  const [first] = constraints;
  const text = JSON.stringify(first?.selector) ?? '';
  return constraints.map(({ selector }) => (selector === first?.selector ? text : (JSON.stringify(selector) ?? '')));
}
