import { conditionOf, type Pod } from '../../api/index.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { Status } from '../framework/status.js';

/**
 * Why a pod may not preempt now; undefined when it may. As PodEligibleToPreemptOthers (plugins/defaultpreemption).
 * @param nominatedNode the node promised to the pod, and what filters said of it
 * @param needsCondition only pods that go by preemption are waited for; before, any that goes
 */
export function notEligible(
  pod: Pod,
  nominatedNode: { readonly info: NodeInfo | undefined; readonly status: Status | undefined },
  needsCondition: boolean,
): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') {
    return 'not eligible due to preemptionPolicy=Never.';
  }
  if (!pod.status?.nominatedNodeName || nominatedNode.status?.code === 'UnschedulableAndUnresolvable') {
    return undefined;
  }
  const priority = pod.spec.priority ?? 0;
  const isWaiting = nominatedNode.info?.pods.some(
    (other) => other.priority < priority && other.isTerminating && (!needsCondition || isPreempted(other.pod)),
  );
  return isWaiting ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

const isPreempted = ({ status }: Pod): boolean => {
  const condition = conditionOf(status?.conditions, 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
};
