import type { NodeInfo } from '../../framework/node-info.js';
import type { NodeMemos } from '../../framework/node-memo.js';
import type { PodInfo } from '../../framework/pod-info.js';
import type { Snapshot } from '../../framework/snapshot.js';
import { type Status, unresolvable, unschedulable } from '../../framework/status.js';
import { countingKey, countMatching, hasAllKeys, includes, type SpreadConstraint, selects } from './constraints.js';

const NAME = 'PodTopologySpread';
const MISSING_LABEL = unresolvable(
  NAME,
  "node(s) didn't match pod topology spread constraints (missing required label)",
);
const TOO_SKEWED = unschedulable(NAME, "node(s) didn't match pod topology spread constraints");

/** The two least populated domains. As criticalPaths: after changes the second one may be stale, as in the real one. */
class LeastPopulated {
  readonly #values: [string, string] = ['', ''];
  readonly #counts: [number, number] = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

  get count(): number {
    return this.#counts[0];
  }

  update(value: string, count: number): void {
    const [values, counts] = [this.#values, this.#counts];
    const at = value === values[0] ? 0 : value === values[1] ? 1 : -1;
    if (at >= 0) {
      counts[at as 0 | 1] = count;
      if (counts[0] > counts[1]) {
        counts.reverse();
        values.reverse();
      }
    } else if (count < counts[0]) {
      counts[1] = counts[0];
      values[1] = values[0];
      counts[0] = count;
      values[0] = value;
    } else if (count < counts[1]) {
      counts[1] = count;
      values[1] = value;
    }
  }

  clone(): LeastPopulated {
    const copy = new LeastPopulated();
    copy.#values.splice(0, 2, ...this.#values);
    copy.#counts.splice(0, 2, ...this.#counts);
    return copy;
  }
}

interface Spread {
  readonly constraint: SpreadConstraint;
  /** Matching pods by value of the topology key. */
  readonly counts: Map<string, number>;
  readonly least: LeastPopulated;
  /** 1 when the pod itself matches. */
  readonly self: number;
}

/** What Filter needs of one pod. As preFilterState. */
export interface SpreadFilterState {
  readonly spreads: readonly Spread[];
}

/** As calPreFilterState: counts over all nodes that have every key, whether the pod fits them otherwise or not. */
export function spreadFilterState(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
  memos: NodeMemos<number>,
): SpreadFilterState {
  const counters = constraints.map(({ selector }) =>
    memos.get(countingKey(pod.namespace, selector), (node) => countMatching(node, pod.namespace, selector)),
  );
  const spreads: Spread[] = constraints.map((constraint) => ({
    constraint,
    counts: new Map(),
    least: new LeastPopulated(),
    self: selects(constraint.selector, pod.labels) ? 1 : 0,
  }));
  for (const node of snapshot.nodes) {
    if (!hasAllKeys(constraints, node)) {
      continue;
    }
    for (let i = 0; i < spreads.length; i++) {
      const { constraint, counts } = spreads[i] as Spread;
      if (includes(constraint, pod, node)) {
        const value = node.label(constraint.topologyKey) as string;
        counts.set(value, (counts.get(value) ?? 0) + (counters[i]?.get(node) ?? 0));
      }
    }
  }
  for (const { counts, least } of spreads) {
    for (const [value, count] of counts) {
      least.update(value, count);
    }
  }
  return { spreads };
}

export const cloneSpreadFilterState = ({ spreads }: SpreadFilterState): SpreadFilterState => ({
  spreads: spreads.map(({ constraint, counts, least, self }) => ({
    constraint,
    counts: new Map(counts),
    least: least.clone(),
    self,
  })),
});

/** As updateWithPod: a pod comes to or leaves a node that is tried out. */
export function spreadUpdate(
  { spreads }: SpreadFilterState,
  pod: PodInfo,
  moved: PodInfo,
  node: NodeInfo,
  change: 1 | -1,
): void {
  if (
    moved.namespace !== pod.namespace ||
    !spreads.every(({ constraint }) => node.label(constraint.topologyKey) !== undefined)
  ) {
    return;
  }
  for (const { constraint, counts, least } of spreads) {
    if (selects(constraint.selector, moved.labels) && includes(constraint, pod, node)) {
      const value = node.label(constraint.topologyKey) as string;
      const count = (counts.get(value) ?? 0) + change;
      counts.set(value, count);
      least.update(value, count);
    }
  }
}

export function spreadVerdict({ spreads }: SpreadFilterState, node: NodeInfo): Status | undefined {
  for (const { constraint, counts, least, self } of spreads) {
    const value = node.label(constraint.topologyKey);
    if (value === undefined) {
      return MISSING_LABEL;
    }
    const minimum = counts.size < constraint.minDomains ? 0 : least.count;
    if ((counts.get(value) ?? 0) + self - minimum > constraint.maxSkew) {
      return TOO_SKEWED;
    }
  }
  return undefined;
}
