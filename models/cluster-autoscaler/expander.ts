import type { Node, Pod } from '../api/index.js';
import type { NodeGroup } from './cloud.js';
import type { Expander } from './config.js';
import { waste } from './decisions.js';

/** One way to help pods: so many more nodes of a group. As expander.Option (autoscaler cluster-autoscaler/expander). */
export interface ExpansionOption {
  readonly group: NodeGroup;
  readonly node: Node;
  readonly nodeCount: number;
  readonly pods: readonly Pod[];
}

/** The option that the expanders leave, each in turn; chance (a draw from [0, 1)) decides among those that remain equal. */
export function bestOption(
  options: readonly ExpansionOption[],
  expanders: readonly Expander[],
  chance: () => number,
): ExpansionOption | undefined {
  let left = options;
  for (const expander of expanders) {
    const cost = COSTS[expander];
    const least = Math.min(...left.map(cost));
    left = left.filter((option) => cost(option) === least);
  }
  return left.length > 1 ? left[Math.floor(chance() * left.length)] : left[0];
}

const COSTS: Readonly<Record<Expander, (option: ExpansionOption) => number>> = {
  random: () => 0,
  'most-pods': ({ pods }) => -pods.length,
  'least-nodes': ({ nodeCount }) => nodeCount,
  'least-waste': ({ node, nodeCount, pods }) => waste(node, nodeCount, pods),
};
