import type { Micros } from '../../engine/time/micros.js';
import { wholeSecond } from '../../engine/time/micros.js';
import { conditionOf, hasTaint, type Lease, type Node, type NodeCondition, type Taint } from '../api/index.js';
import type { NodeLifecycleConfiguration } from './config.js';

export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Status of a node's Ready condition; undefined when it has none. */
export type ReadyStatus = string | undefined;

export const UNREACHABLE = 'node.kubernetes.io/unreachable';
export const NOT_READY = 'node.kubernetes.io/not-ready';

export const readyStatusOf = (node: Pick<Node, 'status'>): ReadyStatus =>
  conditionOf(node.status?.conditions, 'Ready')?.status;

/** Whether the node has no vote on the state of its zone. As isNodeExcludedFromDisruptionChecks. */
export const isExcludedFromDisruption = (node: Node): boolean =>
  node.metadata.labels?.['node.kubernetes.io/exclude-disruption'] !== undefined;

/** What this controller remembers of a node from one pass to the next. All instants are by its own clock. */
export interface NodeHealth {
  /** The pass that last saw a sign of life: a changed status heartbeat, or a later renewTime of the Lease. */
  readonly probeTimestamp: Micros;
  /** The pass that last saw Ready change. */
  readonly readyTransitionTimestamp: Micros;
  readonly conditions: readonly NodeCondition[];
  readonly lease: Lease | undefined;
}

/** The passes that first saw the status and the Lease as they are now; a caller that runs every pass gives `now` for both. */
export interface SeenAt {
  readonly status: Micros;
  readonly lease: Micros;
}

/**
 * What is known of the node after looking at it. k8s 1.37 pkg/controller/nodelifecycle tryUpdateNodeHealth, first half:
 * a heartbeat counts when it differs, a Lease only when it is *later*, so clocks may be skewed but must not go back.
 */
export function observeNodeHealth(
  node: Node,
  lease: Lease | undefined,
  saved: NodeHealth | undefined,
  seenAt: SeenAt,
): NodeHealth {
  const seen = observeStatus(node, saved, seenAt.status);
  const isRenewed =
    lease !== undefined && (saved?.lease === undefined || renewTimeOf(saved.lease) < renewTimeOf(lease));
  return isRenewed ? { ...seen, lease, probeTimestamp: Math.max(seen.probeTimestamp, seenAt.lease) } : seen;
}

const renewTimeOf = (lease: Lease): Micros => lease.spec.renewTime ?? Number.NEGATIVE_INFINITY;

function observeStatus(node: Node, saved: NodeHealth | undefined, seenAt: Micros): NodeHealth {
  const conditions = node.status?.conditions ?? [];
  const current = conditionOf(conditions, 'Ready');
  const before = conditionOf(saved?.conditions, 'Ready');
  if (current === undefined) {
    // Nobody posted a status: the node's life counts from its creation.
    const createdAt = node.metadata.creationTimestamp ?? 0;
    return saved === undefined
      ? { probeTimestamp: createdAt, readyTransitionTimestamp: createdAt, conditions, lease: undefined }
      : { ...saved, conditions };
  }
  if (saved !== undefined && before?.lastHeartbeatTime === current.lastHeartbeatTime) {
    return saved;
  }
  // A new record, as there: it forgets the Lease, so one that was not renewed just now counts as news at the next pass.
  const isTransition = saved === undefined || before?.lastTransitionTime !== current.lastTransitionTime;
  return {
    probeTimestamp: seenAt,
    readyTransitionTimestamp: isTransition ? seenAt : saved.readyTransitionTimestamp,
    conditions,
    lease: undefined,
  };
}

/** How long the node may go unseen: longer while nobody has posted its status yet. */
export const gracePeriodOf = (node: Node, config: NodeLifecycleConfiguration): Micros =>
  readyStatusOf(node) === undefined ? config.nodeStartupGracePeriod : config.nodeMonitorGracePeriod;

/**
 * k8s 1.37 pkg/controller/nodelifecycle tryUpdateNodeHealth: `After` is strict, so at exactly the grace period the node is
 * still healthy. In a live cluster that hardly shows: passes take time, so the tenth one is a hair more than 50 s later.
 */
export const isStale = (health: NodeHealth, gracePeriod: Micros, now: Micros): boolean =>
  now > health.probeTimestamp + gracePeriod;

/** NetworkUnavailable is not the kubelet's to keep fresh, hence not among them. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a node whose kubelet has gone silent. Heartbeat times stay as they were. */
export function silentConditions(node: Node, now: Micros): readonly NodeCondition[] {
  const conditions = [...(node.status?.conditions ?? [])];
  for (const type of KUBELET_CONDITIONS) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const current = conditions[at];
    if (current === undefined) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: wholeSecond(now),
      });
    } else if (current.status !== 'Unknown') {
      conditions[at] = {
        ...current,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: wholeSecond(now),
      };
    }
  }
  return conditions;
}

export interface TaintChange {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
}

/** What the Ready condition asks of the node's NoExecute taints. */
export type NoExecuteAction =
  | { readonly kind: 'untaint' }
  /** One of the two taints stands for the other's cause: swapped at once, outside the rate limit. */
  | { readonly kind: 'swap'; readonly change: TaintChange }
  /** To be tainted when the zone's rate allows; `again` when the node is not tainted although it may have been queued before. */
  | { readonly kind: 'queue'; readonly again: boolean };

const noExecute = (key: string): Taint => ({ key, effect: 'NoExecute' });

/** The taint that this Ready status calls for, and its opposite; undefined for a ready node. As doNoExecuteTaintingPass. */
export function noExecuteChange(ready: ReadyStatus): TaintChange | undefined {
  switch (ready) {
    case 'False':
      return { add: [noExecute(NOT_READY)], remove: [noExecute(UNREACHABLE)] };
    case 'Unknown':
      return { add: [noExecute(UNREACHABLE)], remove: [noExecute(NOT_READY)] };
    default:
      return undefined;
  }
}

/** As processTaintBaseEviction and markNodeForTainting. */
export function noExecuteAction(node: Node, ready: ReadyStatus): NoExecuteAction {
  const change = noExecuteChange(ready);
  if (change === undefined) {
    return { kind: 'untaint' };
  }
  const taints = node.spec.taints;
  return change.remove.some((opposite) => hasTaint(taints, opposite))
    ? { kind: 'swap', change }
    : { kind: 'queue', again: !change.add.some((taint) => hasTaint(taints, taint)) };
}

/** Condition type → status → key of the NoSchedule taint it stands for (nodeConditionToTaintKeyStatusMap). */
const CONDITION_TAINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED_KEYS = new Set([UNSCHEDULABLE, ...Object.values(CONDITION_TAINTS).flatMap(Object.values<string>)]);

/** NoSchedule taints to put and to take so that they say what the conditions say. As doNoScheduleTaintingPass. */
export function noScheduleChange(node: Node): TaintChange {
  const keys = (node.status?.conditions ?? []).flatMap((c) => CONDITION_TAINTS[c.type]?.[c.status] ?? []);
  const wanted = [...keys, ...(node.spec.unschedulable ? [UNSCHEDULABLE] : [])].map(
    (key): Taint => ({ key, effect: 'NoSchedule' }),
  );
  const found = (node.spec.taints ?? []).filter((t) => t.effect === 'NoSchedule' && MANAGED_KEYS.has(t.key));
  return {
    add: wanted.filter((taint) => !hasTaint(found, taint)),
    remove: found.filter((taint) => !hasTaint(wanted, taint)),
  };
}

/** Nodes of a zone that have a vote on its state; anything but Ready=True counts as not ready. */
export interface ZoneVotes {
  readonly ready: number;
  readonly notReady: number;
}

/** As ComputeZoneState. */
export function computeZoneState({ ready, notReady }: ZoneVotes, unhealthyZoneThreshold: number): ZoneState {
  if (ready === 0 && notReady > 0) {
    return 'FullDisruption';
  }
  // The threshold is a float32 and so is the fraction it is compared with: 0.55 of 20 nodes is 11, not 12.
  const fraction = Math.fround(notReady / (ready + notReady));
  return notReady > 2 && fraction >= Math.fround(unhealthyZoneThreshold) ? 'PartialDisruption' : 'Normal';
}

/** Nodes a second that may be tainted NoExecute in a zone of this state. As setLimiterInZone, HealthyQPSFunc, ReducedQPSFunc. */
export function evictionRate(state: ZoneState, zoneSize: number, config: EvictionRates): number {
  if (state !== 'PartialDisruption') {
    return config.nodeEvictionRate;
  }
  return zoneSize > config.largeClusterSizeThreshold ? config.secondaryNodeEvictionRate : 0;
}

export type EvictionRates = Pick<
  NodeLifecycleConfiguration,
  'nodeEvictionRate' | 'secondaryNodeEvictionRate' | 'largeClusterSizeThreshold'
>;

/** What follows from one pass's votes. */
export interface DisruptionDecision {
  /** Entering: every NoExecute taint is withdrawn and tainting stops. Leaving: every node gets a fresh grace period. */
  readonly masterDisruption: 'enters' | 'leaves' | 'unchanged';
  readonly states: ReadonlyMap<string, ZoneState>;
  /** Zones whose limiter is to be swapped, with the new rate. */
  readonly rates: ReadonlyMap<string, number>;
}

/**
 * As handleDisruption. Zones without votes (their last node has gone) lose their state.
 * k8s deletes them while ranging over a map and stops at the first zone that was not fully disrupted, so some may linger a
 * pass or two there; nothing but their bookkeeping depends on it.
 */
export function decideDisruption(
  before: ReadonlyMap<string, ZoneState>,
  votes: ReadonlyMap<string, ZoneVotes>,
  config: EvictionRates & Pick<NodeLifecycleConfiguration, 'unhealthyZoneThreshold'>,
): DisruptionDecision {
  const states = new Map<string, ZoneState>();
  for (const [zone, zoneVotes] of votes) {
    states.set(zone, computeZoneState(zoneVotes, config.unhealthyZoneThreshold));
  }
  const isFull = (state: ZoneState | undefined): boolean => state === 'FullDisruption';
  // The order of a Go map there: nothing depends on it but the order in which the changes are told.
  const zones = [...states.keys()].sort();
  const allAreFull = zones.every((zone) => isFull(states.get(zone)));
  const allWereFull = zones.every((zone) => isFull(before.get(zone)));
  if (allAreFull) {
    const rates = allWereFull ? [] : zones.map((zone) => [zone, 0] as const);
    return { masterDisruption: allWereFull ? 'unchanged' : 'enters', states, rates: new Map(rates) };
  }
  const changed = zones.filter((zone) => allWereFull || states.get(zone) !== before.get(zone));
  const rateOf = (zone: string): number => {
    const { ready, notReady } = votes.get(zone) as ZoneVotes;
    return evictionRate(states.get(zone) as ZoneState, ready + notReady, config);
  };
  return {
    masterDisruption: allWereFull ? 'leaves' : 'unchanged',
    states,
    rates: new Map(changed.map((zone) => [zone, rateOf(zone)])),
  };
}
