import {
  controllerOf,
  firstUntoleratedTaint,
  type LabelSelector,
  type Labels,
  matchesAll,
  matchesRequiredNodeAffinity,
  matchesSet,
  type Pod,
  type Requirement,
  requirementsOf,
  type TopologySpreadConstraint,
} from '../../../api/index.js';
import type { Listers } from '../../framework/listers.js';
import type { NodeInfo } from '../../framework/node-info.js';
import type { PodInfo } from '../../framework/pod-info.js';

export type UnsatisfiableAction = 'DoNotSchedule' | 'ScheduleAnyway';

/** A constraint with its selector made ready. As topologySpreadConstraint (podtopologyspread/common.go). */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  /** Undefined matches nothing. */
  readonly selector: readonly Requirement[] | undefined;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** podtopologyspread/plugin.go systemDefaultConstraints. */
export const SYSTEM_DEFAULT_CONSTRAINTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** Fields of a constraint that came later than the plugin: absent, they mean what was fixed before. */
export interface ConstraintFeatures {
  readonly minDomains: boolean;
  readonly nodeInclusionPolicies: boolean;
  readonly matchLabelKeys: boolean;
}

type ByAction<T> = Readonly<Record<UnsatisfiableAction, T>>;

/** Constraints of pods with this action. Pods of one template get the very same list. */
export type ConstraintsOf = (pod: Pod, action: UnsatisfiableAction) => readonly SpreadConstraint[];

const NO_CONSTRAINTS: readonly SpreadConstraint[] = [];

/** Reads the pods' own constraints. */
export function ownConstraints(features: ConstraintFeatures): ConstraintsOf {
  type Own = readonly TopologySpreadConstraint[];
  const remembered: ByAction<WeakMap<Own, readonly SpreadConstraint[]>> = {
    DoNotSchedule: new WeakMap(),
    ScheduleAnyway: new WeakMap(),
  };
  return ({ spec, metadata }, action) => {
    const own = spec.topologySpreadConstraints ?? [];
    let constraints = remembered[action].get(own);
    if (constraints === undefined) {
      const wanted = own.filter(({ whenUnsatisfiable }) => (whenUnsatisfiable || 'DoNotSchedule') === action);
      constraints = wanted.map((constraint) => readConstraint(constraint, metadata.labels, features));
      if (!wanted.some(({ matchLabelKeys }) => matchLabelKeys?.length)) {
        remembered[action].set(own, constraints);
      }
    }
    return constraints;
  };
}

const readConstraint = (
  constraint: TopologySpreadConstraint,
  labels: Labels | undefined,
  features: ConstraintFeatures,
): SpreadConstraint => ({
  maxSkew: constraint.maxSkew,
  topologyKey: constraint.topologyKey,
  selector: selectorOf(constraint, features.matchLabelKeys ? labels : undefined),
  minDomains: (features.minDomains ? constraint.minDomains : undefined) ?? 1,
  honorsAffinity: !features.nodeInclusionPolicies || constraint.nodeAffinityPolicy !== 'Ignore',
  honorsTaints: features.nodeInclusionPolicies && constraint.nodeTaintsPolicy === 'Honor',
});

/** The label selector, and equality for every matchLabelKey that the pod has. */
function selectorOf(
  { labelSelector, matchLabelKeys }: TopologySpreadConstraint,
  labels: Labels | undefined,
): readonly Requirement[] | undefined {
  const own = labelSelector && requirementsOf(labelSelector);
  const merged: Requirement[] = [];
  for (const key of matchLabelKeys ?? []) {
    const value = labels?.[key];
    if (value !== undefined) {
      merged.push({ key, operator: 'In', values: [value] });
    }
  }
  return merged.length === 0 ? own : [...merged, ...(own ?? [])];
}

/** Constraints for pods that have none, with the selector of what the pod belongs to; none if that is nothing. */
export function defaultConstraints(defaults: readonly TopologySpreadConstraint[], listers: Listers): ConstraintsOf {
  const wanted = (action: UnsatisfiableAction): readonly TopologySpreadConstraint[] =>
    defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  const byAction: ByAction<readonly TopologySpreadConstraint[]> = {
    DoNotSchedule: wanted('DoNotSchedule'),
    ScheduleAnyway: wanted('ScheduleAnyway'),
  };
  const remembered: ByAction<WeakMap<readonly Requirement[], readonly SpreadConstraint[]>> = {
    DoNotSchedule: new WeakMap(),
    ScheduleAnyway: new WeakMap(),
  };
  return (pod, action) => {
    if (byAction[action].length === 0) {
      return NO_CONSTRAINTS;
    }
    const selector = defaultSelector(pod, listers);
    if (selector.length === 0) {
      return NO_CONSTRAINTS;
    }
    let constraints = remembered[action].get(selector);
    if (constraints === undefined) {
      constraints = byAction[action].map(
        ({ maxSkew, topologyKey, minDomains, nodeAffinityPolicy, nodeTaintsPolicy }) => ({
          maxSkew,
          topologyKey,
          selector,
          minDomains: minDomains ?? 1,
          honorsAffinity: nodeAffinityPolicy !== 'Ignore',
          honorsTaints: nodeTaintsPolicy === 'Honor',
        }),
      );
      remembered[action].set(selector, constraints);
    }
    return constraints;
  };
}

/** What selects the pod: its Services and its controlling owner together. As DefaultSelector (plugins/helper/spread.go). */
export function defaultSelector({ metadata }: Pod, listers: Listers): readonly Requirement[] {
  const namespace = metadata.namespace ?? '';
  let set: Record<string, string> | undefined;
  for (const { spec } of listers.inNamespace('Service', namespace)) {
    const selector = spec?.selector;
    if (selector !== undefined && matchesSet(selector, metadata.labels)) {
      set = { ...set, ...selector };
    }
  }
  const owner = controllerOf({ metadata });
  let ownerSelector: LabelSelector | undefined;
  if (owner !== undefined) {
    const key = `${namespace}/${owner.name}`;
    const type = `${owner.apiVersion}/${owner.kind}`;
    if (type === 'v1/ReplicationController') {
      set = { ...set, ...listers.get('ReplicationController', key)?.spec?.selector };
    } else if (type === 'apps/v1/ReplicaSet') {
      ownerSelector = listers.get('ReplicaSet', key)?.spec?.selector;
    } else if (type === 'apps/v1/StatefulSet') {
      ownerSelector = listers.get('StatefulSet', key)?.spec?.selector;
    }
  }
  const ofOwner = ownerSelector === undefined ? [] : requirementsOf(ownerSelector);
  return set === undefined ? ofOwner : [...requirementsOf({ matchLabels: set }), ...ofOwner];
}

/** Names a constraint's counting rule: constraints with equal keys count the same pods on a node. */
export const countingKey = (namespace: string, selector: readonly Requirement[] | undefined): string =>
  `${namespace}/${selector === undefined ? '-' : JSON.stringify(selector)}`;

/** Pods on the node that the constraint counts: of this namespace, matching, not being deleted. */
export function countMatching(node: NodeInfo, namespace: string, selector: readonly Requirement[] | undefined): number {
  if (selector === undefined || selector.length === 0) {
    return 0;
  }
  let count = 0;
  for (const pod of node.pods) {
    if (!pod.isTerminating && pod.namespace === namespace && matchesAll(selector, pod.labels)) {
      count++;
    }
  }
  return count;
}

export const selects = (selector: readonly Requirement[] | undefined, labels: Labels | undefined): boolean =>
  selector !== undefined && matchesAll(selector, labels);

export const hasAllKeys = (constraints: readonly SpreadConstraint[], node: NodeInfo): boolean =>
  constraints.every(({ topologyKey }) => node.label(topologyKey) !== undefined);

/** Whether pods on this node count. As matchNodeInclusionPolicies. */
export const includes = (constraint: SpreadConstraint, { pod }: PodInfo, { node }: NodeInfo): boolean =>
  (!constraint.honorsAffinity || matchesRequiredNodeAffinity(pod.spec, node)) &&
  (!constraint.honorsTaints ||
    firstUntoleratedTaint(node.spec?.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']) === undefined);
