import type { Node, Pod, TopologySpreadConstraint } from '../../api/index.js';
import { asNode, asPod, type Hint } from '../framework/events.js';
import type { Listers } from '../framework/listers.js';
import { NodeMemos } from '../framework/node-memo.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import {
  type ConstraintFeatures,
  defaultConstraints,
  ownConstraints,
  type SpreadConstraint,
  SYSTEM_DEFAULT_CONSTRAINTS,
  selects,
  type UnsatisfiableAction,
} from './pod-topology-spread/constraints.js';
import {
  cloneSpreadFilterState,
  type SpreadFilterState,
  spreadFilterState,
  spreadUpdate,
  spreadVerdict,
} from './pod-topology-spread/filter.js';
import { IncrementalSpread } from './pod-topology-spread/incremental.js';
import { normalizeSpread, type SpreadScoreState, spreadScore, spreadScoreState } from './pod-topology-spread/score.js';

export interface PodTopologySpreadOptions {
  /** Undefined: the system's defaults. */
  readonly defaultConstraints: readonly TopologySpreadConstraint[] | undefined;
  readonly features: ConstraintFeatures;
  readonly listers: Listers;
}

/** Spreads pods over zones, nodes or whatever labels say. As pkg/scheduler/framework/plugins/podtopologyspread. */
export function podTopologySpread(options: PodTopologySpreadOptions): Plugin<SpreadFilterState, SpreadScoreState> {
  const { features, listers } = options;
  const isSystemDefault = options.defaultConstraints === undefined;
  const defaults = options.defaultConstraints ?? SYSTEM_DEFAULT_CONSTRAINTS;
  const memos = new NodeMemos<number>();
  const [ownOf, defaultsOf] = [ownConstraints(features), defaultConstraints(defaults, listers)];
  const constraintsOf = ({ pod }: PodInfo, action: UnsatisfiableAction): readonly SpreadConstraint[] =>
    (pod.spec.topologySpreadConstraints ?? []).length > 0 ? ownOf(pod, action) : defaultsOf(pod, action);
  const requiresAllKeys = ({ pod }: PodInfo): boolean =>
    (pod.spec.topologySpreadConstraints ?? []).length > 0 || !isSystemDefault;
  const hardConstraintsOf = (pod: PodInfo): readonly SpreadConstraint[] => constraintsOf(pod, 'DoNotSchedule');

  return {
    name: 'PodTopologySpread',
    incremental: (view, parts) => new IncrementalSpread({ ...parts, view, constraintsOf, requiresAllKeys }),
    eventsToRegister: () => [
      {
        resource: 'AssignedPod',
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        hint: (pod, before, after) => hintAfterPodChange(pod, hardConstraintsOf(pod), asPod(before), asPod(after)),
      },
      {
        resource: 'Node',
        actions: ['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'],
        hint: (pod, before, after) => hintAfterNodeChange(hardConstraintsOf(pod), asNode(before), asNode(after)),
      },
      {
        resource: 'TargetPod',
        actions: ['UpdatePodLabel', 'UpdatePodToleration'],
        hint: (pod, before, after) => hintAfterOwnChange(hardConstraintsOf(pod), asPod(before), asPod(after)),
      },
    ],
    preFilter(pod, snapshot): PreFilterResult<SpreadFilterState> {
      const constraints = constraintsOf(pod, 'DoNotSchedule');
      return constraints.length === 0 ? SKIP : { state: spreadFilterState(pod, constraints, snapshot, memos) };
    },
    filter: (_pod, node, state) => spreadVerdict(state, node),
    cloneState: cloneSpreadFilterState,
    addPod: (pod, added, node, state) => spreadUpdate(state, pod, added, node, 1),
    removePod: (pod, removed, node, state) => spreadUpdate(state, pod, removed, node, -1),
    preScore(pod, feasible, snapshot) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway');
      if (constraints.length === 0) {
        return 'skip';
      }
      return spreadScoreState(pod, constraints, feasible, snapshot, requiresAllKeys(pod), memos);
    },
    score: (_pod, node, state) => spreadScore(state, node),
    normalizeScores: normalizeSpread,
  };
}

const matchesAny = (constraints: readonly SpreadConstraint[], pod: Pod): boolean =>
  constraints.some(({ selector }) => selects(selector, pod.metadata.labels));

/** As isSchedulableAfterPodChange, for assigned pods. */
function hintAfterPodChange(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  before: Pod | undefined,
  after: Pod | undefined,
): Hint {
  const other = after ?? before;
  if (other === undefined || (other.metadata.namespace ?? '') !== pod.namespace) {
    return 'Skip';
  }
  if (before !== undefined && after !== undefined) {
    const isFlipped = constraints.some(
      ({ selector }) => selects(selector, before.metadata.labels) !== selects(selector, after.metadata.labels),
    );
    return isFlipped ? 'Queue' : 'Skip';
  }
  return matchesAny(constraints, other) ? 'Queue' : 'Skip';
}

/** As isSchedulableAfterNodeChange: a domain appeared, disappeared or changed. */
function hintAfterNodeChange(
  constraints: readonly SpreadConstraint[],
  before: Node | undefined,
  after: Node | undefined,
): Hint {
  const isMember = (node: Node | undefined): boolean =>
    node !== undefined && constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
  if (before !== undefined && after !== undefined) {
    const [was, is] = [isMember(before), isMember(after)];
    const isMoved = constraints.some(
      ({ topologyKey }) => before.metadata.labels?.[topologyKey] !== after.metadata.labels?.[topologyKey],
    );
    const isTaintChanged = JSON.stringify(before.spec?.taints ?? []) !== JSON.stringify(after.spec?.taints ?? []);
    return was !== is || (is && (isMoved || isTaintChanged)) ? 'Queue' : 'Skip';
  }
  return isMember(after ?? before) ? 'Queue' : 'Skip';
}

/** As isSchedulableAfterPodChange, for the pod itself. */
function hintAfterOwnChange(
  constraints: readonly SpreadConstraint[],
  before: Pod | undefined,
  after: Pod | undefined,
): Hint {
  if (before === undefined || after === undefined) {
    return 'Queue';
  }
  const labelsBefore = before.metadata.labels;
  const labelsAfter = after.metadata.labels;
  const isFlipped = constraints.some(
    ({ selector }) => selects(selector, labelsBefore) !== selects(selector, labelsAfter),
  );
  const isTolerationChanged = before.spec.tolerations?.length !== after.spec.tolerations?.length;
  return isFlipped || (isTolerationChanged && constraints.some(({ honorsTaints }) => honorsTaints)) ? 'Queue' : 'Skip';
}
