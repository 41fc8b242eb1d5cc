import type { Node, Pod } from '../api/index.js';
import type { NodeGroup } from './cloud.js';
import type { Expander } from './config.js';
import { type Priorities, priorityOf } from './priorities.js';
import { priceScore, type ResourcePrices, waste } from './utilization.js';

/** One way to help pods: so many more nodes of a group. As expander.Option (autoscaler cluster-autoscaler/expander). */
export interface ExpansionOption {
  readonly group: NodeGroup;
  readonly node: Node;
  readonly nodeCount: number;
  readonly pods: readonly Pod[];
}

/** What expanders look at besides. */
export interface ExpanderSights {
  /** Nodes of the cluster. */
  readonly clusterSize: number;
  readonly prices: ResourcePrices;
  /** Undefined when there is no ConfigMap of priorities that can be read. */
  readonly priorities: Priorities | undefined;
  /** A draw from [0, 1). */
  readonly chance: () => number;
}

/**
 * The option that the expanders leave, each in turn; chance decides among those that remain equal. As chainStrategy.BestOption
 * (expander/factory/chain.go): an expander may leave none.
 */
export function bestOption(
  options: readonly ExpansionOption[],
  expanders: readonly Expander[],
  sights: ExpanderSights,
): ExpansionOption | undefined {
  let left = options;
  for (const expander of expanders) {
    left = FILTERS[expander](left, sights);
    if (left.length === 1) {
      return left[0];
    }
  }
  return left[Math.floor(sights.chance() * left.length)];
}

type Filter = (options: readonly ExpansionOption[], sights: ExpanderSights) => readonly ExpansionOption[];

/** Those of the lowest cost; an option whose cost is not known is none. */
function cheapest(cost: (option: ExpansionOption, sights: ExpanderSights) => number | undefined): Filter {
  return (options, sights) => {
    const costs = options.map((option) => cost(option, sights) ?? Number.POSITIVE_INFINITY);
    const least = Math.min(...costs);
    return options.filter((_, i) => costs[i] === least && least < Number.POSITIVE_INFINITY);
  };
}

const FILTERS: Readonly<Record<Expander, Filter>> = {
  random: (options, { chance }) => options.slice(Math.floor(chance() * options.length)).slice(0, 1),
  'most-pods': cheapest(({ pods }) => -pods.length),
  'least-nodes': cheapest(({ nodeCount }) => nodeCount),
  'least-waste': cheapest(({ node, nodeCount, pods }) => waste(node, nodeCount, pods)),
  price: cheapest(({ group: { price }, ...option }, { clusterSize, prices }) =>
    price === undefined ? undefined : priceScore({ ...option, price }, clusterSize, prices),
  ),
  priority: byPriority,
};

/** As priority.BestOptions (expander/priority/priority.go): groups without a rule fall behind; without a ConfigMap nothing grows. */
function byPriority(options: readonly ExpansionOption[], { priorities }: ExpanderSights): readonly ExpansionOption[] {
  if (priorities === undefined) {
    return [];
  }
  const ranks = options.map(({ group }) => priorityOf(group.name, priorities) ?? Number.NEGATIVE_INFINITY);
  const best = Math.max(...ranks);
  // Priorities below -1 are none: the search for the highest starts there.
  return best < -1 ? options : options.filter((_, i) => ranks[i] === best);
}
