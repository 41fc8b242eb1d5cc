import type { CycleState } from './cycle-state.js';
import { Diagnosis, NO_NODES_MESSAGE } from './diagnosis.js';
import { EXTENDER_PLUGIN, type Extender, ExtenderError } from './extender.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';
import { type PluginScores, Profile } from './profile.js';
import { heapRoot, oneOfTheBest, type TieRule } from './select-host.js';
import type { Snapshot } from './snapshot.js';
import { failure, isRejection, isStatus, messageOf, type Status, unresolvable, unschedulable } from './status.js';

export interface CycleOptions {
  /** percentageOfNodesToScore of the whole scheduler; 0 means adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly tieRule: TieRule;
  /** For tie rule 'reservoir': a draw from [0, 1) for the n-th cycle of a pod. */
  readonly uniform?: (pod: PodInfo) => number;
  /** A nominated node that was looked at, whether it fits or not, moves the start to the first node of the list. */
  readonly nominatedNodeResetsStart: boolean;
  /** One feasible node is enough for a profile without scores, unless extenders have a say. Default: true. */
  readonly oneIsEnoughWithoutScores?: boolean;
  /** A refusal by PreFilter is told once, not as that of so many nodes. Default: true. */
  readonly tellsPreFilterOnce?: boolean;
  /** Webhooks that have a say, in the order in which they are asked. */
  readonly extenders?: readonly Extender[];
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

/** How many feasible nodes a cycle of this profile looks for. */
export function nodesWanted(profile: Profile, nodeCount: number, options: CycleOptions): number {
  const { percentageOfNodesToScore, extenders = [], oneIsEnoughWithoutScores = true } = options;
  const isCompared = profile.has('score') || extenders.some(({ filters, prioritizes }) => filters || prioritizes);
  return isCompared || !oneIsEnoughWithoutScores
    ? feasibleNodesToFind(nodeCount, profile.percentageOfNodesToScore ?? percentageOfNodesToScore)
    : 1;
}

/**
 * Finds a node for a pod: filter from where the last cycle stopped until enough nodes fit, score those, take the best.
 * As schedulePod (pkg/scheduler/schedule_one.go) with parallelism 1. This is the plain engine: it asks every plugin about
 * every node.
 */
export class Cycle {
  readonly #options: CycleOptions;
  /** Position in the list at which the next cycle begins; shared by all profiles. */
  nextStartNodeIndex = 0;

  constructor(options: CycleOptions) {
    this.#options = options;
  }

  schedule(profile: Profile, pod: PodInfo, snapshot: Snapshot, explain = false): CycleResult {
    if (snapshot.nodes.length === 0) {
      return { outcome: 'error', message: NO_NODES_MESSAGE, isRejected: true };
    }
    const state = profile.newState();
    const diagnosis = new Diagnosis();
    const found = this.#findPassing(profile, pod, snapshot, state, diagnosis);
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
    const added = this.#extenderScores(pod, feasible);
    const sums = added === undefined ? totals : totals.map((total, i) => total + (added[i] as number));
    const node = feasible[this.#choose(sums, pod)] as NodeInfo;
    if (!explain) {
      return { ...placed, node };
    }
    if (added !== undefined) {
      plugins.push({ plugin: EXTENDER_PLUGIN, weight: 1, raw: added, weighted: added });
    }
    return { ...placed, node, scores: { nodes: feasible.map(({ name }) => name), plugins, totals: sums } };
  }

  #choose(totals: readonly number[], pod: PodInfo): number {
    const { tieRule, uniform } = this.#options;
    return tieRule === 'heap' || uniform === undefined ? heapRoot(totals) : oneOfTheBest(totals, () => uniform(pod));
  }

  /** What extenders add to each node; one that fails is left out. As the end of prioritizeNodes. */
  #extenderScores(pod: PodInfo, feasible: readonly NodeInfo[]): readonly number[] | undefined {
    const added = new Map<string, number>();
    for (const extender of this.#options.extenders ?? []) {
      if (extender.prioritizes && extender.isInterested(pod)) {
        for (const [node, score] of scoresOf(extender, pod, feasible)) {
          added.set(node, (added.get(node) ?? 0) + score);
        }
      }
    }
    return added.size === 0 ? undefined : feasible.map(({ name }) => added.get(name) ?? 0);
  }

  /** The nodes that extenders let pass too. As findNodesThatPassExtenders. */
  #passExtenders(pod: PodInfo, found: readonly NodeInfo[], diagnosis: Diagnosis): readonly NodeInfo[] | Status {
    let passing = found;
    for (const extender of this.#options.extenders ?? []) {
      if (passing.length === 0 || !extender.filters || !extender.isInterested(pod)) {
        continue;
      }
      try {
        const { nodes, failed, failedAndUnresolvable } = extender.filter(pod, passing);
        for (const [node, text] of Object.entries(failed)) {
          diagnosis.refuse(node, unschedulable('', text));
        }
        for (const [node, text] of Object.entries(failedAndUnresolvable)) {
          diagnosis.refuse(node, unresolvable('', text));
        }
        passing = nodes;
      } catch (error) {
        if (!(error instanceof ExtenderError)) {
          throw error;
        }
        if (!extender.isIgnorable) {
          return failure('', error.message);
        }
      }
    }
    return passing;
  }

  /** As findNodesThatFitPod. */
  #findPassing(
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
      diagnosis.preFilterMessage = this.#options.tellsPreFilterOnce === false ? '' : messageOf(status);
      diagnosis.addRejector(status);
      return [];
    }
    const nominated = pod.pod.status?.nominatedNodeName;
    const nominatedNode = nominated ? snapshot.get(nominated) : undefined;
    if (nominatedNode !== undefined) {
      // An error on the way is logged, and all nodes are looked at.
      const fit = this.#passFilters(profile, pod, [nominatedNode], 0, state, diagnosis);
      if (this.#options.nominatedNodeResetsStart) {
        this.nextStartNodeIndex = 0;
      }
      const passing = isStatus(fit) ? fit : this.#passExtenders(pod, fit, diagnosis);
      if (!isStatus(passing) && passing.length > 0) {
        return passing;
      }
    }
    let nodes = snapshot.nodes;
    if (nodeNames !== undefined) {
      nodes = [...nodeNames].sort().flatMap((name) => snapshot.get(name) ?? []);
      diagnosis.absentStatus = unresolvable('', `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`);
    }
    const feasible = this.#passFilters(profile, pod, nodes, this.nextStartNodeIndex, state, diagnosis);
    if (isStatus(feasible)) {
      return feasible;
    }
    this.nextStartNodeIndex =
      (this.nextStartNodeIndex + feasible.length + diagnosis.statuses.size) % snapshot.nodes.length;
    const passing = this.#passExtenders(pod, feasible, diagnosis);
    if (!isStatus(passing) && passing.length !== feasible.length) {
      diagnosis.unschedulablePlugins.add(EXTENDER_PLUGIN);
    }
    return passing;
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
    const wanted = nodesWanted(profile, nodes.length, this.#options);
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

function scoresOf(extender: Extender, pod: PodInfo, nodes: readonly NodeInfo[]): ReadonlyMap<string, number> {
  try {
    return extender.prioritize(pod, nodes);
  } catch (error) {
    if (error instanceof ExtenderError) {
      return new Map();
    }
    throw error;
  }
}
