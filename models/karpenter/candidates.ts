import { type Micros, seconds } from '../../engine/index.js';
import { isNodeReady, type NodePool } from '../api/index.js';
import type { ClusterState } from './cluster-state.js';
import { isTrue } from './conditions.js';
import type { Candidate } from './consolidation.js';
import { disruptionCost, disruptionObstacle, isReschedulable, mayNotBeDisrupted } from './decisions.js';
import { INSTANCE_TYPE, NODE_POOL } from './labels.js';
import { allowedDisruptions, type DisruptionReason, disruptionRules } from './node-pools.js';
import type { Teller } from './teller.js';

/** Budgets may change every minute. */
const BUDGET_DEDUPE: Micros = seconds(60);

export interface CandidatesOptions {
  readonly state: ClusterState;
  readonly teller: Teller;
  readonly now: Micros;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
  /** Something that only time will change stands in the way. */
  readonly onPassingObstacle: () => void;
}

/** Nodes that may be disrupted for this reason, the cheapest to disrupt first. As GetCandidates (disruption/helpers.go). */
export function candidatesFor(reason: DisruptionReason, options: CandidatesOptions): readonly Candidate[] {
  const { state, teller, now, onPassingObstacle } = options;
  const budgets = [...state.budgets.list()];
  const found = state.stateNodes.flatMap((each): readonly Candidate[] => {
    const { claim, node, name, isInitialized, isLeaving } = each;
    const pool = state.pools.get(claim.metadata.labels?.[NODE_POOL] ?? '');
    const type = state.typeOf(claim.metadata.labels?.[INSTANCE_TYPE]);
    if (!isInitialized || isLeaving || node === undefined || pool === undefined || type === undefined) {
      return [];
    }
    if ([node, claim].some(mayNotBeDisrupted)) {
      return [];
    }
    if (state.isNominated(name)) {
      onPassingObstacle();
      return [];
    }
    const all = state.podsOn(name);
    const obstacle = disruptionObstacle(all, budgets);
    if (obstacle !== undefined) {
      if (!obstacle.startsWith('pod has')) {
        teller.tell([node, claim], 'DisruptionBlocked', obstacle);
      }
      return [];
    }
    const candidate = { ...each, pool, type, pods: all.filter(isReschedulable), cost: disruptionCost(claim, all, now) };
    return isDisruptable(candidate, reason) ? [candidate] : [];
  });
  return found.toSorted((a, b) => a.cost - b.cost);
}

/** As ShouldDisrupt of each method. */
function isDisruptable({ claim, pool, pods }: Candidate, reason: DisruptionReason): boolean {
  const rules = disruptionRules(pool);
  const mayConsolidate = rules.consolidateAfter !== undefined && isTrue(claim, 'Consolidatable');
  switch (reason) {
    case 'Empty':
      return mayConsolidate && pods.length === 0;
    case 'Drifted':
      return isTrue(claim, 'Drifted');
    case 'Underutilized':
      return mayConsolidate && rules.consolidatesUnderutilized && pods.length > 0;
  }
}

/** How many nodes of each pool may go now. As BuildDisruptionBudgetMapping. */
export function budgetsFor(reason: DisruptionReason, options: CandidatesOptions): Map<string, number> {
  const { state, teller, now, startTime } = options;
  const left = (pool: NodePool): number => {
    const own = state.stateNodes.filter(
      ({ claim, isInitialized }) => isInitialized && claim.metadata.labels?.[NODE_POOL] === pool.metadata.name,
    );
    const going = own.filter(({ node, isLeaving }) => isLeaving || !(node !== undefined && isNodeReady(node)));
    const allowed = allowedDisruptions(disruptionRules(pool), own.length, reason, startTime * 1e6 + now);
    if (allowed === 0 && own.length > 0) {
      const text = `No allowed disruptions for disruption reason ${reason} due to blocking budget`;
      teller.tell([pool], 'DisruptionBlocked', text, { dedupe: BUDGET_DEDUPE });
    }
    return Math.max(0, allowed - going.length);
  };
  return new Map([...state.pools.list()].map((pool) => [pool.metadata.name, left(pool)]));
}

/** The first ones, as far as the budgets go. */
export function withinBudgets(
  candidates: readonly Candidate[],
  budgets: Map<string, number>,
  onPassingObstacle: () => void,
): readonly Candidate[] {
  return candidates.filter(({ pool }) => {
    const left = budgets.get(pool.metadata.name) ?? 0;
    if (left === 0) {
      onPassingObstacle();
    }
    budgets.set(pool.metadata.name, Math.max(0, left - 1));
    return left > 0;
  });
}
