import type { PodDisruptionBudget } from '../../api/index.js';
import type { CycleState } from '../framework/cycle-state.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { Profile } from '../framework/profile.js';
import { isStatus, type Status, unresolvable } from '../framework/status.js';
import { splitByBudgets } from './disruption-budgets.js';
import { byImportance } from './importance.js';
import { measuresOf } from './pick-one-node.js';

/** Pods that would have to go from a node. */
export interface Candidate {
  readonly node: string;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
  readonly budgetViolations: number;
  /** What decides between candidates. */
  readonly measures: readonly number[];
}

export const candidateOf = (node: string, victims: readonly PodInfo[], budgetViolations: number): Candidate => ({
  node,
  victims,
  budgetViolations,
  measures: measuresOf(victims, budgetViolations),
});

const NO_VICTIMS = unresolvable('', 'No preemption victims found for incoming pod');

/** What a dry run works with. */
export interface DryRun {
  readonly profile: Profile;
  readonly pod: PodInfo;
  readonly state: CycleState;
  readonly budgets: readonly PodDisruptionBudget[];
}

/**
 * The fewest and least important pods whose removal lets the pod in: all lower ones go, then as many as possible come back, the
 * most important first, and those that a budget protects before the others. As SelectVictimsOnNode.
 */
export function selectVictims({ profile, pod, state, budgets }: DryRun, original: NodeInfo): Candidate | Status {
  if (!original.pods.some(({ priority }) => priority < pod.priority)) {
    return NO_VICTIMS;
  }
  const lower = original.pods.filter(({ priority }) => priority < pod.priority);
  const node = original.clone();
  const tried = state.cloneFor(profile.plugins);
  for (const victim of lower) {
    profile.removePod(tried, pod, victim, node);
  }
  const status = profile.runFilterWithNominated(tried, pod, node);
  if (status !== undefined) {
    return status;
  }
  const { violating, allowed } = splitByBudgets([...lower].sort(byImportance), budgets);
  const victims: PodInfo[] = [];
  const mustGo = (victim: PodInfo): boolean => {
    profile.addPod(tried, pod, victim, node);
    if (profile.runFilterWithNominated(tried, pod, node) === undefined) {
      return false;
    }
    profile.removePod(tried, pod, victim, node);
    victims.push(victim);
    return true;
  };
  const budgetViolations = violating.filter(mustGo).length;
  allowed.forEach(mustGo);
  return candidateOf(node.name, victims.sort(byImportance), budgetViolations);
}

/** Nodes one after the other, until one says that it is enough: an array, or whatever finds them on the way. */
export interface NodesToTry {
  some(isEnough: (node: NodeInfo, slot: number) => boolean): boolean;
}

/** Result of trying nodes one after the other. */
export interface DryRunResult {
  /** Those that break no budget first. */
  readonly candidates: readonly Candidate[];
  /** Why a node is no candidate. */
  readonly statuses: ReadonlyMap<string, Status>;
}

/**
 * Tries nodes one after the other until enough candidates are found and one of them breaks no budget. As DryRunPreemption.
 */
export function dryRun(
  run: DryRun,
  nodes: NodesToTry,
  candidatesWanted: number,
  tryOn: (node: NodeInfo, slot: number) => Candidate | Status = (node) => selectVictims(run, node),
): DryRunResult {
  const harmless: Candidate[] = [];
  const harmful: Candidate[] = [];
  const statuses = new Map<string, Status>();
  nodes.some((node, slot) => {
    const found = tryOn(node, slot);
    if (isStatus(found)) {
      statuses.set(node.name, found);
      return false;
    }
    (found.budgetViolations === 0 ? harmless : harmful).push(found);
    return harmless.length > 0 && harmless.length + harmful.length >= candidatesWanted;
  });
  return { candidates: [...harmless, ...harmful], statuses };
}

/** As calculateNumCandidates. */
export function candidatesWanted(
  nodeCount: number,
  args: { readonly minCandidateNodesPercentage: number; readonly minCandidateNodesAbsolute: number },
): number {
  const share = Math.trunc((nodeCount * args.minCandidateNodesPercentage) / 100);
  return Math.min(nodeCount, Math.max(share, args.minCandidateNodesAbsolute));
}
