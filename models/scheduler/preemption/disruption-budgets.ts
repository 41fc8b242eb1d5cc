import { matchesLabelSelector, type PodDisruptionBudget, requirementsOf } from '../../api/index.js';
import type { PodInfo } from '../framework/pod-info.js';

/**
 * Splits pods, most important first, into those whose disruption some budget does not allow any more and the others.
 * As filterPodsWithPDBViolation (pkg/scheduler/framework/plugins/defaultpreemption).
 */
export function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly PodInfo[]; readonly allowed: readonly PodInfo[] } {
  const left = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const allowed: PodInfo[] = [];
  for (const pod of pods) {
    let isViolated = false;
    budgets.forEach((budget, i) => {
      if (covers(budget, pod)) {
        left[i] = (left[i] as number) - 1;
        isViolated ||= (left[i] as number) < 0;
      }
    });
    (isViolated ? violating : allowed).push(pod);
  }
  return { violating, allowed };
}

/** A pod that the API server has already let go through the budget does not count again. */
const covers = ({ metadata, spec, status }: PodDisruptionBudget, { namespace, labels, pod }: PodInfo): boolean =>
  metadata.namespace === namespace &&
  labels !== undefined &&
  Object.keys(labels).length > 0 &&
  spec?.selector !== undefined &&
  requirementsOf(spec.selector).length > 0 &&
  matchesLabelSelector(spec.selector, labels) &&
  status?.disruptedPods?.[pod.metadata.name] === undefined;
