import type { Micros } from '../../engine/index.js';
import type { Node, Pod } from '../api/index.js';
import type { SchedulingSimulation } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { equivalenceGroups } from './decisions.js';
import { addNewNode, Estimator, removeNewNode } from './estimator.js';
import { bestOption, type ExpansionOption } from './expander.js';
import type { GroupState } from './group-states.js';

export interface ScaleUpView {
  readonly now: Micros;
  /** Pods that no node takes, after those that will find one when machines on their way have come. */
  readonly pods: readonly Pod[];
  readonly nodeCount: number;
  readonly states: readonly GroupState[];
  readonly simulation: SchedulingSimulation;
  /** Pods of DaemonSets that a node like this gets. */
  readonly daemonPodsOf: (node: Node) => readonly Pod[];
  /** A draw from [0, 1). */
  readonly chance: () => number;
}

export interface ScaleUpDecision {
  readonly option: ExpansionOption | undefined;
  /** How many nodes to add, within the limits. */
  readonly count: number;
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
  view: Omit<ScaleUpView, 'pods'>,
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

/** As ScaleUpOrchestrator.ScaleUp (autoscaler cluster-autoscaler/core/scaleup/orchestrator/orchestrator.go). */
export function decideScaleUp(view: ScaleUpView, config: ClusterAutoscalerConfiguration): ScaleUpDecision {
  const pods = view.pods.filter(
    ({ metadata }) => view.now - (metadata.creationTimestamp ?? 0) >= config.newPodScaleUpDelay,
  );
  const groups = equivalenceGroups(pods);
  const options: ExpansionOption[] = [];
  const reasons = new Map<readonly Pod[], string[]>(groups.map((group) => [group, []]));
  for (const state of view.states) {
    if (state.blocked !== undefined) {
      tellAll(reasons, groups, state.blocked);
      continue;
    }
    const fitting = groups.filter((group) => {
      const refusal = refusalOnNew(view, state, group[0] as Pod);
      if (refusal !== undefined) {
        reasons.get(group)?.push(refusal);
      }
      return refusal === undefined;
    });
    const option = fitting.length > 0 ? expansion(view, state, fitting, config) : undefined;
    if (option !== undefined) {
      options.push(option);
    }
  }
  const option = bestOption(options, config.expanders, view.chance);
  const helped = new Set(options.flatMap((each) => each.pods));
  const refused = groups
    .filter((group) => !group.some((pod) => helped.has(pod)))
    .flatMap((group) => group.map((pod) => ({ pod, message: refusalText(reasons.get(group) ?? []) })));
  return { option, count: option === undefined ? 0 : withinLimits(option, view, config), refused };
}

function expansion(
  view: ScaleUpView,
  state: GroupState,
  groups: readonly (readonly Pod[])[],
  config: ClusterAutoscalerConfiguration,
): ExpansionOption | undefined {
  const template = (ordinal: number): Node => madeUpNode(state, String(ordinal));
  const node = template(0);
  const estimator = new Estimator(view.simulation, template, view.daemonPodsOf(node));
  const estimate = estimator.estimate(groups, config.maxNodesPerScaleUp);
  return estimate.nodeCount > 0 ? { group: state.group, node, ...estimate } : undefined;
}

/** Why a fresh node of the group would not take the pod. */
function refusalOnNew({ simulation, daemonPodsOf }: ScaleUpView, state: GroupState, pod: Pod): string | undefined {
  const node = madeUpNode(state, 'sample');
  const { name } = node.metadata;
  const daemonPods = daemonPodsOf(node);
  addNewNode(simulation, node, daemonPods);
  const refusal = simulation.ask(pod).refusal(name);
  removeNewNode(simulation, name, daemonPods);
  return refusal;
}

function withinLimits(
  { group, nodeCount }: ExpansionOption,
  view: ScaleUpView,
  config: ClusterAutoscalerConfiguration,
): number {
  const expected = view.nodeCount + view.states.reduce((sum, { upcoming }) => sum + upcoming, 0);
  const left = config.maxNodesTotal > 0 ? Math.max(0, config.maxNodesTotal - expected) : Number.POSITIVE_INFINITY;
  return Math.min(nodeCount, group.maxSize - group.targetSize, left);
}

function tellAll(
  reasons: ReadonlyMap<readonly Pod[], string[]>,
  groups: readonly (readonly Pod[])[],
  reason: string,
): void {
  for (const group of groups) {
    reasons.get(group)?.push(reason);
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
