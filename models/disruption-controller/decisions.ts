import { type Micros, seconds, wholeSecond } from '../../engine/time/micros.js';
import {
  conditionOf,
  controllerOf,
  isBeingDeleted,
  isPodReady,
  isPodTerminal,
  type OwnerReference,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  podCondition,
  scaledIntOrPercent,
  semanticallyEqual,
} from '../api/index.js';

/** pkg/controller/disruption/disruption.go DeletionTimeout: so long an evicted pod may take to be marked as being deleted. */
const DELETION_TIMEOUT = seconds(120);

/** stalePodDisruptionTimeout: so long a disruption may be announced without a deletion. */
const STALE_DISRUPTION_TIMEOUT = seconds(120);

const DISRUPTION_ALLOWED = 'DisruptionAllowed';
const DISRUPTION_TARGET = 'DisruptionTarget';

/** A workload and how many pods it wants; or why that cannot be told. */
export type Scale =
  | { readonly uid: string; readonly replicas: number }
  | { readonly error: string }
  /** Nothing of that kind and name is known. */
  | undefined;

export interface EventDraft {
  readonly about: 'budget' | Pod;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What one look at a budget comes to. */
export interface Assessment {
  readonly status: PodDisruptionBudgetStatus;
  readonly events: readonly EventDraft[];
  /** When an evicted pod that is still there counts as healthy again. */
  readonly recheckAt: Micros | undefined;
  /** Why the status cannot be told; it then allows nothing. */
  readonly error: string | undefined;
}

interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  readonly hasUnmanagedPods: boolean;
}

/**
 * How many of its pods may be disrupted now. `scaleOf` answers the workload behind a pod's controller.
 * As trySync and failSafe (pkg/controller/disruption/disruption.go).
 */
export function assess(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: (owner: OwnerReference) => Scale,
  now: Micros,
): Assessment {
  const events: EventDraft[] = [];
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void => {
    events.push({ about: 'budget', type, reason, message });
  };
  if (pods.length === 0) {
    tell('Normal', 'NoPods', 'No matching pods found');
  }
  const expectation = expect(budget, pods, scaleOf);
  if (typeof expectation === 'string') {
    const message = `Failed to calculate the number of expected pods: ${expectation}`;
    tell('Warning', 'CalculateExpectedPodCountFailed', message);
    return { status: failedStatus(budget, expectation, now), events, recheckAt: undefined, error: expectation };
  }
  if (expectation.hasUnmanagedPods) {
    tell('Warning', 'UnmanagedPods', unmanagedMessage(budget));
  }
  const disrupted = disruptedPods(budget, pods, now);
  for (const pod of disrupted.overdue) {
    const message = `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.name} to be deleted but it wasn't`;
    events.push({ about: pod, type: 'Warning', reason: 'NotDeleted', message });
  }
  const currentHealthy = pods.filter(
    (pod) => !isBeingDeleted(pod) && !hasLeft(disrupted.times[pod.metadata.name], now) && isPodReady(pod),
  ).length;
  const status = statusWith(budget, expectation, currentHealthy, disrupted.times, now);
  return { status, events, recheckAt: disrupted.recheckAt, error: undefined };
}

/** Evicted so recently that it is as good as gone; at the end of the timeout it counts again. As countHealthyPods. */
const hasLeft = (evictedAt: Micros | undefined, now: Micros): boolean =>
  evictedAt !== undefined && evictedAt + DELETION_TIMEOUT > now;

/** As getExpectedPodCount; the error's words when it cannot be told. */
function expect(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: (owner: OwnerReference) => Scale,
): Expectation | string {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') {
    return {
      expectedPods: minAvailable === undefined ? 0 : pods.length,
      desiredHealthy: minAvailable ?? 0,
      hasUnmanagedPods: false,
    };
  }
  const scale = expectedScale(pods, scaleOf);
  if (typeof scale === 'string') {
    return scale;
  }
  const { expectedPods } = scale;
  const desiredHealthy =
    maxUnavailable !== undefined
      ? Math.max(0, expectedPods - scaledIntOrPercent(maxUnavailable, expectedPods, 'up'))
      : scaledIntOrPercent(minAvailable ?? 0, expectedPods, 'up');
  return { ...scale, desiredHealthy };
}

/** The sizes of all workloads that the pods belong to, each once. As getExpectedScale. */
function expectedScale(
  pods: readonly Pod[],
  scaleOf: (owner: OwnerReference) => Scale,
): Omit<Expectation, 'desiredHealthy'> | string {
  const scales = new Map<string, number>();
  const seen = new Set<string>();
  let hasUnmanagedPods = false;
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) {
      hasUnmanagedPods = true;
    } else if (!seen.has(owner.uid)) {
      seen.add(owner.uid);
      const scale = scaleOf(owner);
      if (scale === undefined) {
        return `found no controllers for pod ${JSON.stringify(pod.metadata.name)}`;
      }
      if ('error' in scale) {
        return scale.error;
      }
      scales.set(scale.uid, scale.replicas);
    }
  }
  const expectedPods = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  return { expectedPods, hasUnmanagedPods };
}

/** Evictions that have not shown in the pods yet; those that should have are told of. As buildDisruptedPodMap. */
function disruptedPods(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  now: Micros,
): {
  readonly times: Readonly<Record<string, Micros>>;
  readonly overdue: readonly Pod[];
  readonly recheckAt: Micros | undefined;
} {
  const times: Record<string, Micros> = {};
  const overdue: Pod[] = [];
  let recheckAt: Micros | undefined;
  for (const pod of pods) {
    const { name } = pod.metadata;
    const evictedAt = status?.disruptedPods?.[name];
    if (evictedAt === undefined || isBeingDeleted(pod)) {
      continue;
    }
    const deletedBy = evictedAt + DELETION_TIMEOUT;
    if (deletedBy < now) {
      overdue.push(pod);
    } else {
      times[name] = evictedAt;
      recheckAt = Math.min(recheckAt ?? deletedBy, deletedBy);
    }
  }
  return { times, overdue, recheckAt };
}

/** As updatePdbStatus. A budget without pods allows nothing, lest its first ones are not counted yet. */
function statusWith(
  budget: PodDisruptionBudget,
  { expectedPods, desiredHealthy }: Expectation,
  currentHealthy: number,
  times: Readonly<Record<string, Micros>>,
  now: Micros,
): PodDisruptionBudgetStatus {
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const status = {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(times).length > 0 && { disruptedPods: times }),
    observedGeneration: budget.metadata.generation,
  };
  const isAllowed = disruptionsAllowed > 0;
  const conditions = withAllowed(budget, {
    status: isAllowed ? 'True' : 'False',
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation,
    now,
  });
  return { ...status, conditions };
}

/** As failSafe: what is not known must not be disrupted. */
const failedStatus = (budget: PodDisruptionBudget, message: string, now: Micros): PodDisruptionBudgetStatus => ({
  ...budget.status,
  disruptionsAllowed: 0,
  conditions: withAllowed(budget, {
    status: 'False',
    reason: 'SyncFailed',
    message,
    observedGeneration: budget.status?.observedGeneration,
    now,
  }),
});

type Conditions = NonNullable<PodDisruptionBudgetStatus['conditions']>;

interface Allowed {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number | undefined;
  readonly now: Micros;
}

/** As SetStatusCondition (k8s.io/apimachinery pkg/api/meta): the transition time stays while the status does. */
function withAllowed({ status }: PodDisruptionBudget, { now, ...allowed }: Allowed): Conditions {
  const conditions = status?.conditions ?? [];
  const standing = conditionOf(conditions, DISRUPTION_ALLOWED);
  const lastTransitionTime = standing?.status === allowed.status ? standing.lastTransitionTime : wholeSecond(now);
  const condition = { type: DISRUPTION_ALLOWED, ...allowed, lastTransitionTime };
  return standing ? conditions.map((one) => (one === standing ? condition : one)) : [...conditions, condition];
}

export const isSameStatus = (a: PodDisruptionBudgetStatus | undefined, b: PodDisruptionBudgetStatus): boolean =>
  semanticallyEqual(a ?? {}, b);

function unmanagedMessage({ spec }: PodDisruptionBudget): string {
  // The selector in the form of its Go String method.
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}: ${value},`);
  const map = `map[string]string{${labels.join('')}}`;
  const selector = `&LabelSelector{MatchLabels:${map},MatchExpressions:[]LabelSelectorRequirement{},}`;
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status ` +
    'of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ' +
    '".spec.minAvailable" field of the PDB to an integer value.'
  );
}

/**
 * When an announced disruption that has not come is to be taken back; undefined without one.
 * As nonTerminatingPodHasStaleDisruptionCondition.
 */
export function staleDisruptionAt(pod: Pod): Micros | undefined {
  const condition = podCondition(pod, DISRUPTION_TARGET);
  const isAnnounced = condition?.status === 'True' && condition.reason !== 'TerminationByKubelet';
  return isAnnounced && !isBeingDeleted(pod) && !isPodTerminal(pod)
    ? (condition.lastTransitionTime ?? 0) + STALE_DISRUPTION_TIMEOUT
    : undefined;
}

/** The pod with its disruption taken back. */
export const withoutDisruption =
  (now: Micros) =>
  (pod: Pod): Pod => ({
    ...pod,
    status: {
      ...pod.status,
      conditions: pod.status?.conditions?.map((condition) =>
        condition.type === DISRUPTION_TARGET
          ? { type: DISRUPTION_TARGET, status: 'False', lastTransitionTime: wholeSecond(now) }
          : condition,
      ),
    },
  });
