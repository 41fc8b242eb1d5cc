import type { Micros } from '../../../engine/time/micros.js';
import { wholeSecond } from '../../../engine/time/micros.js';
import {
  type ContainerImage,
  compareQuantities,
  conditionOf,
  type Node,
  type NodeAddress,
  type NodeCondition,
  type NodeStatus,
  type NodeSystemInfo,
  type Quantity,
  semanticallyEqual,
  subtractQuantities,
  withCondition,
} from '../../api/index.js';

type Amounts = Readonly<Record<string, Quantity>>;

export type Pressure = 'Memory' | 'Disk' | 'PID';

const KUBELET_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];

/** Whether the condition is one that kubelets write. */
export const isKubeletCondition = ({ type }: NodeCondition): boolean => KUBELET_CONDITIONS.includes(type);

/** What a kubelet knows of its machine and of itself when it computes the node's status. */
export interface NodeFacts {
  readonly addresses: readonly NodeAddress[];
  readonly nodeInfo: NodeSystemInfo;
  readonly capacity: Amounts;
  /** Taken off the capacity: kube and system reserved, and the hard eviction thresholds. */
  readonly reserved: Amounts;
  /** In order of size, largest first. */
  readonly images: readonly ContainerImage[];
  readonly volumesInUse?: readonly string[];
  /** [37] What pods may need of a kubelet and this one can do; none: the status does not say. */
  readonly declaredFeatures?: readonly string[];
  readonly kubeletPort: number;
  readonly isUnderPressure: Readonly<Record<Pressure, boolean>>;
  /** Errors of runtime, network, storage and shutdown, in that order; none for a ready node. */
  readonly readyErrors: readonly string[];
}

/** An event on the Node that a change of its status calls for. */
export interface NodeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface ComputedStatus {
  readonly status: NodeStatus;
  readonly events: readonly NodeEvent[];
}

/** The status a kubelet would write over the one it read. As setNodeStatus (pkg/kubelet) with the setters of nodestatus. */
export function computeNodeStatus(node: Node, facts: NodeFacts, maxImages: number, now: Micros): ComputedStatus {
  const before: NodeStatus = node.status ?? {};
  const events: NodeEvent[] = [];
  const tell = (reason: string): void => {
    events.push({ type: 'Normal', reason, message: `Node ${node.metadata.name} status is now: ${reason}` });
  };
  const { bootID } = facts.nodeInfo;
  if (before.nodeInfo?.bootID && before.nodeInfo.bootID !== bootID) {
    const message = `Node ${node.metadata.name} has been rebooted, boot id: ${bootID}`;
    events.push({ type: 'Warning', reason: 'Rebooted', message });
  }
  const capacity = { ...before.capacity, ...facts.capacity };
  let conditions = before.conditions ?? [];
  for (const pressure of ['Memory', 'Disk', 'PID'] as const) {
    conditions = withPressure(conditions, pressure, facts.isUnderPressure[pressure], now, tell);
  }
  conditions = withReady(conditions, [...facts.readyErrors, ...missingCapacity(capacity)], now, tell);
  const status: NodeStatus = {
    ...before,
    addresses: facts.addresses,
    capacity,
    allocatable: allocatableOf(capacity, facts.reserved),
    conditions,
    daemonEndpoints: { kubeletEndpoint: { Port: facts.kubeletPort } },
    images: maxImages < 0 ? facts.images : facts.images.slice(0, maxImages),
    nodeInfo: facts.nodeInfo,
    ...(facts.volumesInUse === undefined ? {} : { volumesInUse: facts.volumesInUse }),
    ...(facts.declaredFeatures === undefined ? {} : { declaredFeatures: facts.declaredFeatures }),
  };
  return { status, events };
}

interface PressureWords {
  readonly condition: string;
  readonly under: readonly [reason: string, message: string, event: string];
  readonly free: readonly [reason: string, message: string, event: string];
}

const PRESSURES: Readonly<Record<Pressure, PressureWords>> = {
  Memory: {
    condition: 'MemoryPressure',
    under: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available', 'NodeHasInsufficientMemory'],
    free: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available', 'NodeHasSufficientMemory'],
  },
  Disk: {
    condition: 'DiskPressure',
    under: ['KubeletHasDiskPressure', 'kubelet has disk pressure', 'NodeHasDiskPressure'],
    free: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure', 'NodeHasNoDiskPressure'],
  },
  PID: {
    condition: 'PIDPressure',
    under: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available', 'NodeHasInsufficientPID'],
    free: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available', 'NodeHasSufficientPID'],
  },
};

/** A pressure condition begins as Unknown, so its first value is a transition too and is told. */
function withPressure(
  conditions: readonly NodeCondition[],
  pressure: Pressure,
  isUnder: boolean,
  now: Micros,
  tell: (reason: string) => void,
): readonly NodeCondition[] {
  const words = PRESSURES[pressure];
  const [reason, message, event] = isUnder ? words.under : words.free;
  const status = isUnder ? 'True' : 'False';
  const before = conditionOf(conditions, words.condition);
  const lastHeartbeatTime = wholeSecond(now);
  if (before?.status === status) {
    return withCondition(conditions, { ...before, lastHeartbeatTime });
  }
  tell(event);
  return withCondition(conditions, {
    type: words.condition,
    status,
    lastHeartbeatTime,
    lastTransitionTime: lastHeartbeatTime,
    reason,
    message,
  });
}

/** Ready comes last; its first appearance is no transition. */
function withReady(
  conditions: readonly NodeCondition[],
  errors: readonly string[],
  now: Micros,
  tell: (reason: string) => void,
): readonly NodeCondition[] {
  const isReady = errors.length === 0;
  const status = isReady ? 'True' : 'False';
  const before = conditionOf(conditions, 'Ready');
  if (before !== undefined && before.status !== status) {
    tell(isReady ? 'NodeReady' : 'NodeNotReady');
  }
  return withCondition(conditions, {
    type: 'Ready',
    status,
    lastHeartbeatTime: wholeSecond(now),
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : wholeSecond(now),
    reason: isReady ? 'KubeletReady' : 'KubeletNotReady',
    message: isReady ? 'kubelet is posting ready status' : aggregated(errors),
  });
}

/** One error is told as it is, several as a list, each once. As Error of utilerrors.Aggregate. */
function aggregated(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(', ')}]`;
}

const REQUIRED_CAPACITY = ['cpu', 'memory', 'pods', 'ephemeral-storage'];

function missingCapacity(capacity: Amounts): readonly string[] {
  const missing = REQUIRED_CAPACITY.filter((resource) => capacity[resource] === undefined);
  return missing.length > 0 ? [`missing node capacity for resources: ${missing.join(', ')}`] : [];
}

/** Capacity less what is reserved, never below zero. As MachineInfo (pkg/kubelet/nodestatus). */
function allocatableOf(capacity: Amounts, reserved: Amounts): Amounts {
  const rest = Object.entries(capacity).map(([resource, amount]) => {
    const left = reserved[resource] === undefined ? amount : subtractQuantities(amount, reserved[resource]);
    return [resource, compareQuantities(left, '0') < 0 ? '0' : left] as const;
  });
  return Object.fromEntries(rest);
}

/** Whether the status says anything new; when it was last heartbeaten is nothing new. As nodeStatusHasChanged (pkg/kubelet). */
export function nodeStatusHasChanged(before: NodeStatus, after: NodeStatus): boolean {
  const {
    conditions: conditionsBefore,
    capacity: capacityBefore,
    allocatable: allocatableBefore,
    ...restBefore
  } = before;
  const { conditions, capacity, allocatable, ...rest } = after;
  return !(
    haveSameConditions(conditionsBefore ?? [], conditions ?? []) &&
    haveSameAmounts(capacityBefore ?? {}, capacity ?? {}) &&
    haveSameAmounts(allocatableBefore ?? {}, allocatable ?? {}) &&
    semanticallyEqual(restBefore, rest)
  );
}

function haveSameConditions(before: readonly NodeCondition[], after: readonly NodeCondition[]): boolean {
  return (
    before.length === after.length &&
    after.every((condition) => {
      const old = conditionOf(before, condition.type);
      return (
        old !== undefined && semanticallyEqual({ ...old, lastHeartbeatTime: 0 }, { ...condition, lastHeartbeatTime: 0 })
      );
    })
  );
}

const haveSameAmounts = (before: Amounts, after: Amounts): boolean =>
  Object.keys(before).length === Object.keys(after).length &&
  Object.entries(after).every(([resource, amount]) => {
    const old = before[resource];
    return old !== undefined && compareQuantities(old, amount) === 0;
  });

/** How a status is to be dealt with at one tick of the status loop. */
export interface ReportDecision {
  readonly isDue: boolean;
  /** Whether the wait until the next report is drawn anew, rather than being the report frequency to the letter. */
  readonly drawsDelay: boolean;
}

/**
 * As tryUpdateNodeStatus: a change is reported at once, an unchanged status when the report frequency has passed since the
 * last report (`reportedAt`; undefined in a kubelet that has not reported yet). Once a report was due by time alone, the
 * next ones follow at the fixed frequency.
 */
export function reportDecision(
  hasChanged: boolean,
  reportedAt: Micros | undefined,
  reportDelay: Micros,
  now: Micros,
): ReportDecision {
  const isFirst = reportedAt === undefined;
  return {
    isDue: hasChanged || isFirst || now >= reportedAt + reportDelay,
    drawsDelay: hasChanged || isFirst,
  };
}
