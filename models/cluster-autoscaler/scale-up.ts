import type { Micros } from '../../engine/index.js';
import type { Node, Pod } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';
import type { NodeGroup } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { equivalenceGroups } from './decisions.js';
import { addNewNode, Estimator, removeNewNode } from './estimator.js';
import { bestOption, type ExpanderSights, type ExpansionOption } from './expander.js';
import type { GroupState } from './group-states.js';
import { areSimilar, balanced, type SampleNode } from './similar-groups.js';

export interface ScaleUpView {
  readonly now: Micros;
  /** Pods that no node takes, after those that will find one when machines on their way have come. */
  readonly pods: readonly Pod[];
  /** Nodes that are ready. */
  readonly readyCount: number;
  readonly states: readonly GroupState[];
  readonly simulation: SchedulingSimulation;
  /** Pods of DaemonSets that a node like this gets. */
  readonly daemonPodsOf: (node: Node) => readonly Pod[];
  readonly sights: ExpanderSights;
}

export interface ScaleUpDecision {
  readonly option: ExpansionOption | undefined;
  /** How many nodes to add to which group, within the limits. */
  readonly increases: ReadonlyMap<NodeGroup, number>;
  /** All groups that could have grown. */
  readonly considered: readonly NodeGroup[];
  readonly isCappedByTotal: boolean;
  /** Pods that nothing can be done for, and why. */
  readonly refused: readonly { readonly pod: Pod; readonly message: string }[];
}

/** The Node of the group's next machine but so many, under a name that no real one has. */
export function madeUpNode({ group, nodes }: GroupState, label: string): Node {
  const { metadata, spec, ...rest } = nodes.find((node) => !node.spec.unschedulable) ?? group.template();
  const template = group.template();
  const name = `template-node-for-${group.name}-${label}`;
  const labels = { ...metadata.labels, 'kubernetes.io/hostname': name };
  return {
    ...rest,
    metadata: { ...metadata, name, uid: name, labels },
    // Taints that come and go with a node's life are not the group's own.
    spec: { ...spec, ...(template.spec.taints ? { taints: template.spec.taints } : { taints: [] }) },
    ...(template.status && { status: { ...template.status, ...rest.status } }),
  };
}

/** Places machines on their way, and on them and the others whatever pods they will take. Answers the pods that are left. */
export function withoutThoseThatWillFit(
  view: Pick<ScaleUpView, 'simulation' | 'states' | 'daemonPodsOf'>,
  pods: readonly Pod[],
  names: readonly string[],
): readonly Pod[] {
  const { simulation, states, daemonPodsOf } = view;
  const all = [...names];
  for (const state of states) {
    for (let i = 0; i < state.upcoming; i++) {
      const node = madeUpNode(state, `upcoming-${i}`);
      addNewNode(simulation, node, daemonPodsOf(node));
      all.push(node.metadata.name);
    }
  }
  const byPriority = pods.toSorted((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0));
  return byPriority.filter((pod) => {
    const question = simulation.ask(pod);
    const node = all.find((name) => question.refusal(name) === undefined);
    if (node !== undefined) {
      simulation.addPod(pod, node);
    }
    return node === undefined;
  });
}

type PodGroup = readonly Pod[];

/** A group that may grow, and which pods its nodes would take. */
interface Candidate extends SampleNode {
  readonly state: GroupState;
  readonly fitting: readonly PodGroup[];
}

/** As ScaleUpOrchestrator.ScaleUp (autoscaler cluster-autoscaler/core/scaleup/orchestrator/orchestrator.go). */
export function decideScaleUp(view: ScaleUpView, config: ClusterAutoscalerConfiguration): ScaleUpDecision {
  const groups = equivalenceGroups(view.pods);
  const reasons = new Map<PodGroup, string[]>(groups.map((group) => [group, []]));
  const candidates = view.states.flatMap((state) => {
    if (state.blocked !== undefined) {
      tellAll(reasons, state.blocked);
      return [];
    }
    return [candidateOf(view, state, reasons)];
  });
  const left = withinTotal(view, config);
  const options = candidates.flatMap((candidate) => {
    const similar = similarTo(candidate, candidates, config);
    return expansion(view, candidate, estimateLimit([candidate, ...similar], left, config));
  });
  const option = bestOption(options, config.expanders, view.sights);
  const chosen = candidates.find(({ state }) => state.group === option?.group);
  const isHelped = (group: PodGroup): boolean => candidates.some(({ fitting }) => fitting.includes(group));
  return {
    option,
    increases:
      option === undefined || chosen === undefined
        ? new Map()
        : balanced(
            [chosen, ...similarTo(chosen, candidates, config)].map(({ state }) => state.group),
            Math.min(option.nodeCount, left),
          ),
    considered: options.map(({ group }) => group),
    isCappedByTotal: option !== undefined && option.nodeCount > left,
    refused: groups
      .filter((group) => !isHelped(group))
      .flatMap((group) => group.map((pod) => ({ pod, message: refusalText(reasons.get(group) ?? []) }))),
  };
}

/** Asks of each kind of pod whether a fresh node of the group takes it. As SchedulablePodGroups. */
function candidateOf(view: ScaleUpView, state: GroupState, reasons: ReadonlyMap<PodGroup, string[]>): Candidate {
  const { simulation, daemonPodsOf } = view;
  const node = madeUpNode(state, 'sample');
  const daemonPods = daemonPodsOf(node);
  addNewNode(simulation, node, daemonPods);
  const fitting = [...reasons].flatMap(([group, told]) => {
    const refusal = simulation.ask(group[0] as Pod).refusal(node.metadata.name);
    if (refusal !== undefined) {
      told.push(refusal);
      return [];
    }
    return [group];
  });
  removeNewNode(simulation, node.metadata.name, daemonPods);
  return { state, node, daemonPods, fitting };
}

/** Groups of the same machines that take at least the same pods. As ComputeSimilarNodeGroups. */
const similarTo = (
  candidate: Candidate,
  candidates: readonly Candidate[],
  { balancing }: ClusterAutoscalerConfiguration,
): readonly Candidate[] =>
  balancing === undefined || candidate.fitting.length === 0
    ? []
    : candidates.filter(
        (other) =>
          other !== candidate &&
          candidate.fitting.every((group) => other.fitting.includes(group)) &&
          areSimilar(candidate, other, balancing),
      );

/** How many nodes the estimate may reach. As the thresholds of ThresholdBasedEstimationLimiter (estimator). */
const estimateLimit = (
  candidates: readonly Candidate[],
  left: number,
  { maxNodesPerScaleUp, estimatesWithinCapacity }: ClusterAutoscalerConfiguration,
): number =>
  estimatesWithinCapacity
    ? Math.min(
        maxNodesPerScaleUp,
        left,
        candidates.reduce((sum, { state: { group } }) => sum + group.maxSize - group.targetSize, 0),
      )
    : maxNodesPerScaleUp;

function expansion(
  { simulation }: ScaleUpView,
  { state, node, daemonPods, fitting }: Candidate,
  maxNodes: number,
): readonly ExpansionOption[] {
  if (fitting.length === 0) {
    return [];
  }
  const template = (ordinal: number): Node => madeUpNode(state, String(ordinal));
  const estimate = new Estimator(simulation, template, daemonPods).estimate(fitting, maxNodes);
  return estimate.nodeCount > 0 ? [{ group: state.group, node, ...estimate }] : [];
}

/** Nodes that --max-nodes-total leaves. As GetCappedNewNodeCount. */
function withinTotal({ readyCount, states }: ScaleUpView, { maxNodesTotal }: ClusterAutoscalerConfiguration): number {
  const expected = readyCount + states.reduce((sum, { upcoming }) => sum + upcoming, 0);
  return maxNodesTotal > 0 ? Math.max(0, maxNodesTotal - expected) : Number.POSITIVE_INFINITY;
}

function tellAll(reasons: ReadonlyMap<PodGroup, string[]>, reason: string): void {
  for (const told of reasons.values()) {
    told.push(reason);
  }
}

/** "2 Insufficient cpu, 1 max node group size reached". */
function refusalText(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
