import { type ObjectKey, wholeSecond } from '../../engine/index.js';
import {
  conditionOf,
  isBeingDeleted,
  isPodReady,
  isPodTerminal,
  matchesLabelSelector,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  splitKey,
  withCondition,
} from '../api/index.js';
import type { DeleteOptions, Reply } from '../client-go/index.js';
import { type Failure, forbidden, internalError, notFound, tooManyRequests } from './errors.js';
import { withPodCondition } from './preparation.js';
import type { Registry } from './registry.js';

/** pkg/registry/core/pod/storage/eviction.go MaxDisruptedPodSize. */
const MAX_DISRUPTED_PODS = 2000;

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * POST pods/…/eviction: k8s 1.37 pkg/registry/core/pod/storage/eviction.go EvictionREST.Create. All of it happens at one instant of
 * the server, so its retries on conflict (20 tries, 500 ms apart) never come into play.
 */
export function evict(registry: Registry, key: ObjectKey, options: DeleteOptions): Reply<Pod> {
  const pod = registry.get('Pod', key);
  if (pod === undefined) {
    return notFound('Pod', splitKey(key).name);
  }
  if (canIgnoreBudgets(pod)) {
    return remove(registry, key, options);
  }
  const budgets = budgetsOf(registry, pod);
  if (budgets.length > 1) {
    return internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (budget === undefined || isFreeForUnready(registry, pod, budget)) {
    return remove(registry, key, options);
  }
  const refused = obstacleOf(budget);
  if (refused) {
    return refused;
  }
  registry.replace('PodDisruptionBudget', budget, { ...budget, status: decremented(budget, pod, registry.now) });
  return remove(registry, key, options);
}

/** canIgnorePDB: evicting such a pod disrupts nothing. */
const canIgnoreBudgets = (pod: Pod): boolean =>
  isPodTerminal(pod) || pod.status?.phase === 'Pending' || isBeingDeleted(pod);

/** getPodDisruptionBudgets: an absent selector matches no pod, an empty one every pod of the namespace (in 1.23 none either). */
function budgetsOf(registry: Registry, pod: Pod): PodDisruptionBudget[] {
  const { namespace, labels } = pod.metadata;
  const matchesAll = registry.defaults.apiServer.emptyBudgetSelectorMatchesAll;
  const found: PodDisruptionBudget[] = [];
  for (const budget of registry.list('PodDisruptionBudget')) {
    const { selector } = budget.spec;
    const isEmpty = !selector?.matchExpressions?.length && Object.keys(selector?.matchLabels ?? {}).length === 0;
    if (budget.metadata.namespace === namespace && (matchesAll || !isEmpty) && matchesLabelSelector(selector, labels)) {
      found.push(budget);
    }
  }
  return found;
}

/** A pod that is not ready need not count against the budget: unhealthyPodEvictionPolicy (k8s 1.31; before, IfHealthyBudget). */
function isFreeForUnready(registry: Registry, pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) {
    return false;
  }
  if (registry.defaults.features.PDBUnhealthyPodEvictionPolicy && spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') {
    return true;
  }
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** checkAndDecrement, the check. */
function obstacleOf(budget: PodDisruptionBudget): Failure | undefined {
  const { name, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < generation) {
    return tooManyRequests(WOULD_VIOLATE, 10, [
      cause(`The disruption budget ${name} is still being processed by the server.`),
    ]);
  }
  if (disruptionsAllowed < 0) {
    const why = 'pdb disruptions allowed is negative';
    return forbidden('PodDisruptionBudget', name, why, [cause(`${doesNotAllow(name)}: ${why}`)]);
  }
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    const text = `${doesNotAllow(name)}: too many pending evictions not confirmed by PDB controller`;
    return forbidden('PodDisruptionBudget', name, why, [cause(text)]);
  }
  return disruptionsAllowed > 0 ? undefined : tooManyRequests(WOULD_VIOLATE, 0, [cause(whyNoneIsAllowed(budget))]);
}

function whyNoneIsAllowed({ metadata, status }: PodDisruptionBudget): string {
  const { desiredHealthy = 0, currentHealthy = 0, conditions } = status ?? {};
  const { status: allowed, reason, message } = conditionOf(conditions, 'DisruptionAllowed') ?? {};
  const isTold = allowed === 'False' && message;
  if (isTold && reason === 'SyncFailed') {
    return `${doesNotAllow(metadata.name)} because it failed sync: ${message}`;
  }
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return isTold ? `${doesNotAllow(metadata.name)} (${reason}): ${message}` : doesNotAllow(metadata.name);
}

const doesNotAllow = (name: string): string => `The disruption budget ${name} does not allow evicting pods currently`;

const cause = (message: string) => ({ reason: 'DisruptionBudget', field: '', message });

/** checkAndDecrement, the decrement: the disruption controller learns of this pod before it sees its deletion. */
function decremented({ status, metadata }: PodDisruptionBudget, pod: Pod, now: number): PodDisruptionBudgetStatus {
  const disruptionsAllowed = (status?.disruptionsAllowed ?? 0) - 1;
  const before = conditionOf(status?.conditions, 'DisruptionAllowed');
  return {
    ...status,
    disruptionsAllowed,
    disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: wholeSecond(now) },
    conditions:
      disruptionsAllowed > 0
        ? status?.conditions
        : withCondition(status?.conditions, {
            // k8s.io/component-helpers apps/poddisruptionbudget UpdateDisruptionAllowedCondition
            type: 'DisruptionAllowed',
            status: 'False',
            reason: 'InsufficientPods',
            message: '',
            observedGeneration: metadata.generation,
            lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : wholeSecond(now),
          }),
  };
}

/** The pod's DELETE, after a condition that says why. addConditionAndDeletePod. */
function remove(registry: Registry, key: ObjectKey, options: DeleteOptions): Reply<Pod> {
  const { features } = registry.defaults;
  if (features.PodDisruptionConditions) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    registry.patchStatus('Pod', key, (current) => ({
      ...current,
      status: { ...current.status, conditions: withPodCondition(current, condition, registry.now) },
    }));
  }
  return registry.delete('Pod', key, options);
}
