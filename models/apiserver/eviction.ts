import { type ObjectKey, wholeSecond } from '../../engine/index.js';
import {
  conditionOf,
  coversPod,
  isBeingDeleted,
  isPodReady,
  isPodTerminal,
  keyOf,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  splitKey,
  withCondition,
} from '../api/index.js';
import type { DeleteOptions, Reply } from '../client-go/index.js';
import { type Failure, forbidden, internalError, notFound, timedOut, tooManyRequests } from './errors.js';
import { withPodCondition } from './preparation.js';
import type { Registry } from './registry.js';

/** pkg/registry/core/pod/storage/eviction.go MaxDisruptedPodSize. */
const MAX_DISRUPTED_PODS = 2000;
/** The same file, EvictionsRetry.Steps. */
const MAX_TRIES = 20;

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * Why a request is not answered yet: it writes what it decided by an object that it read, reads again what another had changed, or
 * looks again for what is about to be made.
 */
export type Pause = { readonly pauseFor: 'write' | 'conflict' | 'service account' };

/**
 * POST pods/…/eviction: k8s 1.37 pkg/registry/core/pod/storage/eviction.go EvictionREST.Create. Between reading the budget and
 * taking one from it time passes, in which another eviction may do the same: the later one then looks again half a second later.
 */
export class Eviction {
  readonly #registry: Registry;
  readonly #key: ObjectKey;
  readonly #options: DeleteOptions;
  /** Set once the pod was found to need leave of a budget. */
  #pod: Pod | undefined;
  #budget: ObjectKey = '';
  /** The budget as read last; undefined after a conflict. */
  #read: PodDisruptionBudget | undefined;
  #conflicts = 0;

  constructor(registry: Registry, key: ObjectKey, options: DeleteOptions) {
    this.#registry = registry;
    this.#key = key;
    this.#options = options;
  }

  /** Goes on, from the request's arrival or after a pause. */
  step(): Reply<Pod> | Pause {
    const outcome = this.#next();
    if ('ok' in outcome) {
      // The client may send the same request again.
      this.#pod = undefined;
      this.#conflicts = 0;
    }
    return outcome;
  }

  #next(): Reply<Pod> | Pause {
    if (this.#pod === undefined) {
      return this.#begin();
    }
    return this.#read ? this.#decrement(this.#read, this.#pod) : this.#check();
  }

  #begin(): Reply<Pod> | Pause {
    const registry = this.#registry;
    const pod = registry.get('Pod', this.#key);
    if (pod === undefined) {
      return notFound('Pod', splitKey(this.#key).name);
    }
    if (canIgnoreBudgets(pod)) {
      return this.#remove();
    }
    const budgets = budgetsOf(registry, pod);
    if (budgets.length > 1) {
      return internalError(
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      );
    }
    const [budget] = budgets;
    if (budget === undefined || isFreeForUnready(registry, pod, budget)) {
      return this.#remove();
    }
    this.#pod = pod;
    this.#budget = keyOf(budget);
    return this.#check();
  }

  /** checkAndDecrement, as far as reading goes. */
  #check(): Reply<Pod> | Pause {
    const read = this.#registry.get('PodDisruptionBudget', this.#budget);
    this.#read = read;
    if (read === undefined) {
      return notFound('PodDisruptionBudget', splitKey(this.#budget).name);
    }
    return obstacleOf(read) ?? { pauseFor: 'write' };
  }

  #decrement(read: PodDisruptionBudget, pod: Pod): Reply<Pod> | Pause {
    const registry = this.#registry;
    if (registry.get('PodDisruptionBudget', this.#budget) === read) {
      registry.replace('PodDisruptionBudget', read, { ...read, status: decremented(read, pod, registry.now) });
      return this.#remove();
    }
    this.#read = undefined;
    this.#conflicts++;
    return this.#conflicts < MAX_TRIES
      ? { pauseFor: 'conflict' }
      : timedOut(`couldn't update PodDisruptionBudget "${read.metadata.name}" due to conflicts`, 10);
  }

  /** The pod's DELETE, after a condition that says why. addConditionAndDeletePod. */
  #remove(): Reply<Pod> {
    const registry = this.#registry;
    if (registry.defaults.features.PodDisruptionConditions) {
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      };
      registry.patchStatus('Pod', this.#key, (current) => ({
        ...current,
        status: { ...current.status, conditions: withPodCondition(current, condition, registry.now) },
      }));
    }
    return registry.delete('Pod', this.#key, this.#options);
  }
}

/** canIgnorePDB: evicting such a pod disrupts nothing. */
const canIgnoreBudgets = (pod: Pod): boolean =>
  isPodTerminal(pod) || pod.status?.phase === 'Pending' || isBeingDeleted(pod);

/** getPodDisruptionBudgets: an absent selector matches no pod, an empty one every pod of the namespace (in 1.23 none either). */
function budgetsOf(registry: Registry, pod: Pod): PodDisruptionBudget[] {
  const matchesAll = registry.defaults.apiServer.emptyBudgetSelectorMatchesAll;
  const found: PodDisruptionBudget[] = [];
  for (const budget of registry.list('PodDisruptionBudget')) {
    const { selector } = budget.spec;
    const isEmpty = !selector?.matchExpressions?.length && Object.keys(selector?.matchLabels ?? {}).length === 0;
    if ((matchesAll || !isEmpty) && coversPod(budget, pod)) {
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
