import { Diagnosis, fitErrorMessage, type KindMemo } from '../framework/diagnosis.js';
import { type Extender, ExtenderError } from '../framework/extender.js';
import type { Listers } from '../framework/listers.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { Plugin } from '../framework/plugin.js';
import { podInfoOf } from '../framework/pod-info.js';
import type { PostFilterContext, PostFilterResult } from '../framework/post-filter.js';
import { failure, unresolvable, unschedulable } from '../framework/status.js';
import { notEligible } from '../preemption/eligibility.js';
import { type ExecutorRules, type PreemptionClient, PreemptionExecutor } from '../preemption/executor.js';
import { bestCandidates } from '../preemption/pick-one-node.js';
import { type Candidate, candidatesWanted, dryRun, type NodesToTry } from '../preemption/victims.js';
import { VictimsMemo } from '../preemption/victims-memo.js';

const NAME = 'DefaultPreemption';
const IS_RUNNING = unresolvable(NAME, 'waiting for the preemption for this pod to be finished');
const NOT_HELPFUL = unresolvable('', 'Preemption is not helpful for scheduling');

export interface PreemptionRules extends ExecutorRules {
  /** Only victims with condition DisruptionTarget keep a preemptor waiting. */
  readonly waitsForConditionOnly: boolean;
  /** Says in the pod's condition where room is being made, since 1.37. */
  readonly tellsSuccess: boolean;
}

export interface DefaultPreemptionOptions {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
  readonly rules: PreemptionRules;
  readonly listers: Listers;
  readonly client: PreemptionClient;
  /** A draw from [0, 1) for where to begin, and which of equals to take. */
  readonly uniform: (uid: string) => number;
  readonly extenders: readonly Extender[];
}

/** Makes room for a pod by evicting less important ones. As Evaluator.Preempt (pkg/scheduler/framework/preemption). */
export function defaultPreemption(options: DefaultPreemptionOptions): Plugin {
  const { rules, client } = options;
  const executor = new PreemptionExecutor(client, rules);
  return {
    name: NAME,
    // Never makes a pod worth a try by itself; registered so that the gate below is looked at again.
    eventsToRegister: () => [{ resource: 'AssignedPod', actions: ['Delete'], hint: () => 'Skip' }],
    preEnqueue: ({ uid }) => (executor.isRunning(uid) ? IS_RUNNING : undefined),
    postFilter(context): PostFilterResult {
      const latest = client.latest(context.pod.key) ?? context.pod.pod;
      const info = context.snapshot.get(latest.status?.nominatedNodeName ?? '');
      const status = context.diagnosis.statusOf(latest.status?.nominatedNodeName ?? '');
      const obstacle = notEligible(latest, { info, status }, rules.waitsForConditionOnly);
      if (obstacle !== undefined) {
        return refusal(obstacle);
      }
      const found = findCandidates(context, options);
      if (typeof found === 'string') {
        return { ...refusal(found), nominatedNodeName: '' };
      }
      const agreed = agreedByExtenders(found, context, options.extenders);
      if ('error' in agreed) {
        return { status: failure(NAME, agreed.error), message: agreed.error };
      }
      if (agreed.candidates.length === 0) {
        return refusal('no candidate node for preemption');
      }
      const areTurned = options.extenders.length === 0;
      const best = pickOne(agreed.candidates, options.uniform(context.pod.uid), areTurned);
      return success(best, context, executor, rules);
    },
  };
}

function refusal(message: string): PostFilterResult {
  const text = `preemption: ${message}`;
  return { status: unschedulable(NAME, text), message: text };
}

function success(
  best: Candidate,
  { pod }: PostFilterContext,
  executor: PreemptionExecutor,
  rules: PreemptionRules,
): PostFilterResult {
  const preemptor = podInfoOf(pod.pod);
  const { node, victims } = best;
  const text = `preemption: found a potential placement for pod on node ${node}, preempting ${victims.length} victims`;
  const result = { status: undefined, message: rules.tellsSuccess ? text : '', nominatedNodeName: node };
  if (rules.async) {
    executor.start(best, preemptor, () => {});
    return result;
  }
  return { ...result, finish: (then) => executor.start(best, preemptor, then) };
}

/** Candidates, or why there are none. */
function findCandidates(
  { pod, profile, state, snapshot, diagnosis }: PostFilterContext,
  options: DefaultPreemptionOptions,
): readonly Candidate[] | string {
  const known = diagnosis.kept?.kind;
  const failed = known?.untilChange.get(`${NAME} ${pod.priority}`) as string | undefined;
  if (failed !== undefined) {
    return failed;
  }
  const potential = new PotentialNodes(snapshot.nodes, diagnosis);
  const budgets = [...options.listers.list('PodDisruptionBudget')];
  const offset = Math.floor(options.uniform(pod.uid) * potential.count);
  const wanted = candidatesWanted(potential.count, options);
  // Budgets change by themselves; without any, what would have to go from a node depends on that node alone.
  const memo = known !== undefined && budgets.length === 0 ? victimsMemo(known, pod.priority) : undefined;
  const run = { profile, pod, state, budgets };
  const tryOn = memo?.begin(run);
  const { candidates, statuses } = dryRun(run, potential.from(offset), wanted, tryOn);
  if (candidates.length > 0) {
    return candidates;
  }
  const why = new Diagnosis();
  for (const [node, status] of statuses) {
    why.refuse(node, status);
  }
  why.absentStatus = NOT_HELPFUL;
  const text = fitErrorMessage(snapshot.nodes.length, why);
  known?.untilChange.set(`${NAME} ${pod.priority}`, text);
  return text;
}

function victimsMemo({ victims }: KindMemo, priority: number): VictimsMemo {
  const memo = (victims.get(priority) as VictimsMemo | undefined) ?? new VictimsMemo();
  victims.set(priority, memo);
  return memo;
}

/** As callExtenders: each may drop candidates and victims. */
function agreedByExtenders(
  candidates: readonly Candidate[],
  { pod, snapshot }: PostFilterContext,
  extenders: readonly Extender[],
): { readonly candidates: readonly Candidate[] } | { readonly error: string } {
  let left = candidates;
  for (const extender of extenders) {
    if (left.length === 0 || !extender.preempts || !extender.isInterested(pod)) {
      continue;
    }
    try {
      left = extender.processPreemption(pod, left, snapshot.get);
    } catch (error) {
      if (!(error instanceof ExtenderError)) {
        throw error;
      }
      if (!extender.isIgnorable) {
        return { error: `preemption: ${error.message}` };
      }
    }
  }
  return { candidates: left };
}

/** Nodes whose refusal preemption may undo, in order of name. */
export class PotentialNodes {
  readonly count: number;
  readonly #order: NamedOrder;
  /** 1 for potential ones, by slot. */
  readonly #isPotential: Uint8Array;

  constructor(nodes: readonly NodeInfo[], diagnosis: Diagnosis) {
    const { kept } = diagnosis;
    this.#order = byName(nodes);
    this.#isPotential = kept?.isResolvable ?? resolvable(nodes, diagnosis);
    this.count = kept?.resolvableCount ?? this.#isPotential.reduce((sum, one) => sum + one, 0);
  }

  /** All of them, beginning with the one at `offset`. */
  from(offset: number): NodesToTry {
    return { some: (isEnough) => this.#some(offset, isEnough) };
  }

  #some(offset: number, isEnough: (node: NodeInfo, slot: number) => boolean): boolean {
    const { nodes, slots } = this.#order;
    const isPotential = this.#isPotential;
    const size = slots.length;
    let begin = this.count === size ? offset : 0;
    for (let rank = begin; begin < size && rank < offset; begin++) {
      rank += isPotential[slots[begin] as number] as number;
    }
    for (let i = 0; i < size; i++) {
      const at = begin + i < size ? begin + i : begin + i - size;
      const slot = slots[at] as number;
      if (isPotential[slot] === 1 && isEnough(nodes[at] as NodeInfo, slot)) {
        return true;
      }
    }
    return false;
  }
}

function resolvable(nodes: readonly NodeInfo[], diagnosis: Diagnosis): Uint8Array {
  const found = new Uint8Array(nodes.reduce((most, { slot }) => Math.max(most, slot + 1), 0));
  for (const { name, slot } of nodes) {
    found[slot] = Number(diagnosis.statusOf(name)?.code === 'Unschedulable');
  }
  return found;
}

interface NamedOrder {
  readonly nodes: readonly NodeInfo[];
  /** Of each of them. */
  readonly slots: Int32Array;
}

const sorted = new WeakMap<readonly NodeInfo[], NamedOrder>();

/** A snapshot's list stays the same until nodes come or go. */
function byName(list: readonly NodeInfo[]): NamedOrder {
  let found = sorted.get(list);
  if (found === undefined) {
    const nodes = [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
    found = { nodes, slots: Int32Array.from(nodes, ({ slot }) => slot) };
    sorted.set(list, found);
  }
  return found;
}

/**
 * kube-scheduler takes the first of equals in the order of a map: any of them, here by a draw and in order of name.
 * @param areTurned the candidates are in order of name but for beginning somewhere, as they were tried
 */
function pickOne(candidates: readonly Candidate[], uniform: number, areTurned: boolean): Candidate {
  const equals = bestCandidates(candidates);
  const nth = Math.floor(uniform * equals.length);
  return areTurned
    ? (equals[(turnOf(equals) + nth) % equals.length] as Candidate)
    : ([...equals].sort((a, b) => (a.node < b.node ? -1 : 1))[nth] as Candidate);
}

/** Where the order of names begins: at the first of those that come before the first of all. */
function turnOf(turned: readonly Candidate[]): number {
  const first = turned[0]?.node ?? '';
  let low = 0;
  let high = turned.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((turned[middle] as Candidate).node < first) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
