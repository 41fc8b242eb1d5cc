import type { CycleState } from './cycle-state.js';
import { Diagnosis, NO_NODES_MESSAGE } from './diagnosis.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';
import { type PluginScores, Profile } from './profile.js';
import { heapRoot, oneOfTheBest, type TieRule } from './select-host.js';
import type { Snapshot } from './snapshot.js';
import { isRejection, isStatus, messageOf, type Status, unresolvable } from './status.js';

export interface CycleOptions {
  /** percentageOfNodesToScore of the whole scheduler; 0 means adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly tieRule: TieRule;
  /** For tie rule 'reservoir': a draw from [0, 1) for the n-th cycle of a pod. */
  readonly uniform?: (pod: PodInfo) => number;
  /** Since 1.27 PreFilter may narrow the nodes; before, the start index was reset by a nominated node that fits. */
  readonly nominatedNodeResetsStart: boolean;
}

/** Scores of a placement, for explaining it. */
export interface ScoreTable {
  readonly nodes: readonly string[];
  readonly plugins: readonly PluginScores[];
  readonly totals: readonly number[];
}

export type CycleResult =
  | {
      readonly outcome: 'placed';
      readonly node: NodeInfo;
      /** Nodes that were looked at. */
      readonly evaluated: number;
      readonly feasible: number;
      readonly state: CycleState;
      readonly diagnosis: Diagnosis;
      readonly scores?: ScoreTable;
    }
  | {
      readonly outcome: 'unfit';
      readonly nodeCount: number;
      readonly diagnosis: Diagnosis;
      readonly state: CycleState;
    }
  /** Something broke; the pod is tried again after a back-off of its own kind. `isRejected`: there are no nodes. */
  | { readonly outcome: 'error'; readonly message: string; readonly isRejected: boolean };

/** A fixed share below this many nodes would be too few. minFeasibleNodesToFind (pkg/scheduler/schedule_one.go). */
const MIN_FEASIBLE_NODES_TO_FIND = 100;
/** minFeasibleNodesPercentageToFind. */
const MIN_FEASIBLE_PERCENTAGE = 5;

/**
 * How many feasible nodes are enough: all of a small cluster; of a large one a share that falls with its size.
 * As numFeasibleNodesToFind (pkg/scheduler/schedule_one.go).
 */
export function feasibleNodesToFind(nodeCount: number, percentageOfNodesToScore: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES_TO_FIND || percentageOfNodesToScore >= 100) {
    return nodeCount;
  }
  let percentage = percentageOfNodesToScore;
  if (percentage === 0) {
    percentage = Math.max(MIN_FEASIBLE_PERCENTAGE, 50 - Math.trunc(nodeCount / 125));
  }
  return Math.max(MIN_FEASIBLE_NODES_TO_FIND, Math.trunc((nodeCount * percentage) / 100));
}

/**
 * Finds a node for a pod: filter from where the last cycle stopped until enough nodes fit, score those, take the best.
 * As schedulePod (pkg/scheduler/schedule_one.go) with parallelism 1. This is the plain engine: it asks every plugin about
 * every node.
 */
export class Cycle {
  readonly #options: CycleOptions;
  #nextStart = 0;

  constructor(options: CycleOptions) {
    this.#options = options;
  }

  /** Position in the list at which the next cycle begins; shared by all profiles. As nextStartNodeIndex. */
  get nextStartNodeIndex(): number {
    return this.#nextStart;
  }

  schedule(profile: Profile, pod: PodInfo, snapshot: Snapshot, explain = false): CycleResult {
    if (snapshot.nodes.length === 0) {
      return { outcome: 'error', message: NO_NODES_MESSAGE, isRejected: true };
    }
    const state = profile.newState();
    const diagnosis = new Diagnosis();
    const found = this.#findFeasible(profile, pod, snapshot, state, diagnosis);
    if (isStatus(found)) {
      return { outcome: 'error', message: messageOf(found), isRejected: false };
    }
    const feasible = found;
    if (feasible.length === 0) {
      return { outcome: 'unfit', nodeCount: snapshot.nodes.length, diagnosis, state };
    }
    const placed = {
      outcome: 'placed',
      state,
      diagnosis,
      feasible: feasible.length,
      evaluated: feasible.length + diagnosis.statuses.size,
    } as const;
    if (feasible.length === 1) {
      return { ...placed, node: feasible[0] as NodeInfo };
    }
    const plugins: PluginScores[] = [];
    const totals = profile.runScore(state, pod, feasible, snapshot, explain ? (row) => plugins.push(row) : undefined);
    if (isStatus(totals)) {
      return { outcome: 'error', message: messageOf(totals), isRejected: false };
    }
    const node = feasible[this.#choose(totals, pod)] as NodeInfo;
    return explain
      ? { ...placed, node, scores: { nodes: feasible.map(({ name }) => name), plugins, totals } }
      : { ...placed, node };
  }

  #choose(totals: readonly number[], pod: PodInfo): number {
    const { tieRule, uniform } = this.#options;
    return tieRule === 'heap' || uniform === undefined ? heapRoot(totals) : oneOfTheBest(totals, () => uniform(pod));
  }

  /** As findNodesThatFitPod. */
  #findFeasible(
    profile: Profile,
    pod: PodInfo,
    snapshot: Snapshot,
    state: CycleState,
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] | Status {
    const { status, nodeNames, narrowedBy } = profile.runPreFilter(state, pod, snapshot);
    for (const plugin of narrowedBy) {
      diagnosis.unschedulablePlugins.add(plugin);
    }
    if (status !== undefined) {
      if (!isRejection(status)) {
        return status;
      }
      diagnosis.absentStatus = status;
      diagnosis.preFilterMessage = messageOf(status);
      diagnosis.addRejector(status);
      return [];
    }
    const nominated = pod.pod.status?.nominatedNodeName;
    const nominatedNode = nominated ? snapshot.get(nominated) : undefined;
    if (nominatedNode !== undefined) {
      const fit = this.#passFilters(profile, pod, [nominatedNode], 0, state, diagnosis);
      if (isStatus(fit) || fit.length > 0) {
        if (this.#options.nominatedNodeResetsStart) {
          this.#nextStart = 0;
        }
        return fit;
      }
    }
    let nodes = snapshot.nodes;
    if (nodeNames !== undefined) {
      nodes = [...nodeNames].sort().flatMap((name) => snapshot.get(name) ?? []);
      diagnosis.absentStatus = unresolvable('', `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`);
    }
    const feasible = this.#passFilters(profile, pod, nodes, this.#nextStart, state, diagnosis);
    if (!isStatus(feasible)) {
      this.#nextStart = (this.#nextStart + feasible.length + diagnosis.statuses.size) % snapshot.nodes.length;
    }
    return feasible;
  }

  /** As findNodesThatPassFilters: stops at the first feasible node beyond the number wanted. */
  #passFilters(
    profile: Profile,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    start: number,
    state: CycleState,
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] | Status {
    const percentage = profile.percentageOfNodesToScore ?? this.#options.percentageOfNodesToScore;
    const wanted = profile.has('score') ? feasibleNodesToFind(nodes.length, percentage) : 1;
    const feasible: NodeInfo[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[(start + i) % nodes.length] as NodeInfo;
      const status = profile.runFilterWithNominated(state, pod, node);
      if (status === undefined) {
        if (feasible.length >= wanted) {
          break;
        }
        feasible.push(node);
      } else if (isRejection(status)) {
        Profile.refuse(diagnosis, node, status);
      } else {
        return status;
      }
    }
    return feasible;
  }
}
