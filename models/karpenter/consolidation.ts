import type { Micros } from '../../engine/time/micros.js';
import type { NodePool, Pod } from '../api/index.js';
import type { InstanceType } from './cloud.js';
import type { StateNode } from './cluster-state.js';
import { isProvisionable } from './decisions.js';
import type { DisruptionReason } from './node-pools.js';
import type { NewNode, Packing } from './packing.js';

/** A node that may be disrupted. As disruption.Candidate (karpenter pkg/controllers/disruption/types.go). */
export interface Candidate extends StateNode {
  readonly pool: NodePool;
  readonly type: InstanceType;
  /** Those that need a place elsewhere. */
  readonly pods: readonly Pod[];
  readonly cost: number;
}

/** Nodes that go, and what comes in their place before. */
export interface Command {
  readonly reason: DisruptionReason;
  readonly candidates: readonly Candidate[];
  readonly replacements: readonly NewNode[];
  readonly packing: Packing | undefined;
  readonly decidedAt: Micros;
}

export type Verdict =
  | { readonly isPossible: true; readonly replacements: readonly NewNode[] }
  | { readonly isPossible: false; readonly obstacle: string };

const isScheduled = (pod: Pod): boolean => !isProvisionable(pod);

/** Pods that have a place today and would lose it. As AllNonPendingPodsScheduled, NonPendingPodSchedulingErrors. */
const losers = ({ errors }: Packing): readonly Pod[] => [...errors.keys()].filter(isScheduled);

export const priceOf = (candidates: readonly Candidate[]): number =>
  candidates.reduce((sum, { type }) => sum + type.price, 0);

/** Whether nodes may go for what they cost: nothing new, or one machine that is cheaper. As computeConsolidation (consolidation.go). */
export function consolidate(candidates: readonly Candidate[], packing: Packing): Verdict {
  const { newNodes } = packing;
  const [replacement] = newNodes;
  if (losers(packing).length > 0) {
    const [pod] = losers(packing);
    const obstacle = `not all pods would schedule, ${pod?.metadata.namespace}/${pod?.metadata.name} => ${packing.errors.get(pod as Pod)}`;
    return { isPossible: false, obstacle };
  }
  if (replacement === undefined) {
    return { isPossible: true, replacements: [] };
  }
  if (newNodes.length > 1) {
    return { isPossible: false, obstacle: `Can't remove without creating ${newNodes.length} candidates` };
  }
  const cheaper = cheaperThan(replacement, priceOf(candidates));
  return cheaper === undefined
    ? { isPossible: false, obstacle: "Can't replace with a cheaper node" }
    : { isPossible: true, replacements: [cheaper] };
}

/** As RemoveInstanceTypeOptionsByPriceAndMinValues. */
function cheaperThan(node: NewNode, price: number): NewNode | undefined {
  const offerings = node.offerings.filter(({ type }) => type.price < price);
  return offerings.length === 0 ? undefined : { ...node, offerings };
}

/** Of one of the machines that go, only a cheaper one is worth while: else that one could stay. As filterOutSameType. */
export function withoutSameType(node: NewNode, candidates: readonly Candidate[]): NewNode | undefined {
  const own = new Set(candidates.map(({ type }) => type.name));
  const prices = node.offerings.filter(({ type }) => own.has(type.name)).map(({ type }) => type.price);
  return cheaperThan(node, Math.min(Number.POSITIVE_INFINITY, ...prices));
}

/**
 * The most of the first candidates that can go together, two at least. As firstNConsolidationOption (multinodeconsolidation.go), which
 * halves the interval too.
 */
export function mostTogether(
  candidates: readonly Candidate[],
  max: number,
  simulate: (some: readonly Candidate[]) => Packing,
): Pick<Command, 'candidates' | 'replacements' | 'packing'> | undefined {
  let [low, high] = [1, Math.min(max, candidates.length - 1)];
  let best: ReturnType<typeof mostTogether>;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const some = candidates.slice(0, middle + 1);
    const packing = simulate(some);
    const verdict = consolidate(some, packing);
    const replacements = verdict.isPossible
      ? verdict.replacements.map((node) => withoutSameType(node, some))
      : [undefined];
    if (replacements.every((node) => node !== undefined)) {
      best = { candidates: some, replacements: replacements as readonly NewNode[], packing };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}

/** Whether a second simulation says the same as the first. As ValidateCommand (validation.go). */
export function isConfirmed({ replacements }: Pick<Command, 'replacements'>, packing: Packing): boolean {
  const [wanted] = replacements;
  const [found, ...more] = packing.newNodes;
  if (losers(packing).length > 0 || more.length > 0 || (wanted === undefined) !== (found === undefined)) {
    return false;
  }
  const offered = new Set(found?.offerings.map(({ type }) => type.name));
  return wanted === undefined || wanted.offerings.every(({ type }) => offered.has(type.name));
}
