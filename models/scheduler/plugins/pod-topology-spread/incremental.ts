import { naturalLogarithm } from '../../framework/natural-logarithm.js';
import { MAX_NODE_SCORE } from '../../framework/plugin.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { ClusterView } from '../../incremental/cluster-view.js';
import { longEnough } from '../../incremental/cluster-view.js';
import { contentId } from '../../incremental/content-ids.js';
import type { FeasibleSlots, IncrementalPlugin } from '../../incremental/incremental-plugin.js';
import { PodGroups } from '../../incremental/pod-groups.js';
import { type DomainSums, Topology } from '../../incremental/topology.js';
import {
  HOSTNAME,
  hasAllKeys,
  includes,
  type SpreadConstraint,
  selects,
  type UnsatisfiableAction,
} from './constraints.js';
import { ABSENT, type Looked, NodeLooks, valueAt } from './node-looks.js';

export interface IncrementalSpreadOptions {
  readonly view: ClusterView;
  readonly constraintsOf: (pod: PodInfo, action: UnsatisfiableAction) => readonly SpreadConstraint[];
  /** False for the system's default constraints. */
  readonly requiresAllKeys: (pod: PodInfo) => boolean;
  readonly filters: boolean;
  readonly scores: boolean;
}

/** A constraint with its counts. */
interface Counted extends Looked {
  readonly constraint: SpreadConstraint;
}

/** The plan for a list of constraints, and for which pods it holds. */
interface Remembered {
  readonly plan: readonly Counted[];
  readonly generation: number;
  readonly use: 'filter' | 'score';
  readonly namespace: string;
  readonly nodeSelector: number;
  readonly required: number;
  readonly tolerations: number;
}

/** PodTopologySpread from running counts: filter.ts and score.ts of this folder say the same the long way. */
export class IncrementalSpread implements IncrementalPlugin {
  readonly #options: IncrementalSpreadOptions;
  readonly #groups: PodGroups;
  readonly #remembered = new WeakMap<readonly SpreadConstraint[], Remembered>();
  /** Of the pod that was asked about last. */
  #plan: readonly Counted[] = [];
  #requiresAllKeys = false;
  readonly #logarithms: number[] = [];
  readonly #looks = new NodeLooks();
  /** By the key of a look. */
  #scores = new Float64Array(0);

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

  /** Nodes that look the same to all constraints have the same score: it is worked out once for each look. */
  addScores(_pod: PodInfo, feasible: FeasibleSlots, weight: number, totals: Float64Array): void {
    const { count } = feasible;
    const looks = this.#looks;
    looks.read(this.#plan, feasible);
    const raw = this.#rawScores(count);
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = 0;
    for (const score of raw) {
      minimum = score < minimum ? score : minimum;
      maximum = score > maximum ? score : maximum;
    }
    this.#scores = longEnough(this.#scores, looks.limit);
    const [scores, keys] = [this.#scores, looks.keys];
    raw.forEach((score, look) => {
      const normalized =
        maximum === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (maximum + minimum - score)) / maximum);
      scores[looks.keyOf[look] as number] = Number.isNaN(score) ? 0 : weight * normalized;
    });
    for (let j = 0; j < count; j++) {
      totals[j] = (totals[j] as number) + (scores[keys[j] as number] as number);
    }
  }

  /** By look; NaN where nodes are ignored because they lack a key. A constraint weighs more the more domains the nodes are in. */
  #rawScores(count: number): readonly number[] {
    const plan = this.#plan;
    const looks = this.#looks;
    const values = looks.slots.map((slot) => plan.map((looked) => valueAt(looked, slot)));
    const kept = this.#requiresAllKeys ? values.filter((seen) => !seen.includes(ABSENT)) : values;
    const nodes =
      kept.length === values.length ? count : looks.nodesWith((look) => kept.includes(values[look] ?? []), count);
    const weights = plan.map(({ sums }, i) => {
      const size = sums === undefined ? nodes : new Set(kept.map((seen) => seen[i])).size;
      this.#logarithms[size + 2] ??= naturalLogarithm(size + 2);
      return this.#logarithms[size + 2] as number;
    });
    return values.map((seen) => {
      if (this.#requiresAllKeys && seen.includes(ABSENT)) {
        return Number.NaN;
      }
      let score = 0;
      for (let i = 0; i < plan.length; i++) {
        const { constraint, sums } = plan[i] as Counted;
        const value = seen[i] as number;
        if (value !== ABSENT) {
          const pods = sums === undefined ? value : (sums.byDomain[value] as number);
          score += pods * (weights[i] as number) + (constraint.maxSkew - 1);
        }
      }
      return Math.round(score);
    });
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
    const { generation } = this.#groups;
    const { spec } = pod.pod;
    const nodeSelector = contentId(spec.nodeSelector);
    const required = contentId(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
    const tolerations = contentId(spec.tolerations);
    const known = this.#remembered.get(constraints);
    const { namespace } = pod;
    const isSame =
      known !== undefined &&
      known.generation === generation &&
      known.use === use &&
      known.namespace === namespace &&
      known.nodeSelector === nodeSelector &&
      known.required === required &&
      known.tolerations === tolerations;
    const plan = isSame ? known.plan : this.#newPlan(pod, constraints, needsAllKeys, use);
    if (!isSame) {
      const remembered = { plan, generation, use, namespace, nodeSelector, required, tolerations };
      this.#remembered.set(constraints, remembered);
    }
    for (const { counts } of plan) {
      counts.own = longEnough(counts.own, this.#options.view.slotCount);
    }
    return plan;
  }

  #newPlan(
    pod: PodInfo,
    constraints: readonly SpreadConstraint[],
    needsAllKeys: boolean,
    use: 'filter' | 'score',
  ): readonly Counted[] {
    const { nodeSelector, affinity, tolerations } = pod.pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const keys = needsAllKeys ? constraints.map(({ topologyKey }) => topologyKey).join() : '';
    return constraints.map((constraint) => {
      const { topologyKey, honorsAffinity, honorsTaints, selector } = constraint;
      const place =
        `${topologyKey}/${honorsAffinity ? `${contentId(nodeSelector)},${contentId(required)}` : ''}/` +
        `${honorsTaints ? contentId(tolerations) : ''}/${keys}`;
      const topology = this.#groups.topologyFor(
        place,
        () =>
          new Topology(
            this.#options.view,
            topologyKey,
            (node) => (!needsAllKeys || hasAllKeys(constraints, node)) && includes(constraint, pod, node),
          ),
      );
      const counts = this.#groups.countsFor(pod.namespace, selector, JSON.stringify(selector) ?? '');
      const isOwn = use === 'score' && topologyKey === HOSTNAME;
      return { constraint, topology, counts, sums: isOwn ? undefined : topology.sumsOf(counts) };
    });
  }
}
