import { type Micros, wholeSecond } from '../../engine/time/micros.js';
import { conditionOf, type NodeClaim, withCondition } from '../api/index.js';

export type ClaimCondition =
  | 'Launched'
  | 'Registered'
  | 'Initialized'
  | 'Ready'
  | 'Consolidatable'
  | 'Drifted'
  | 'DisruptionReason';

export const isTrue = ({ status }: NodeClaim, type: ClaimCondition): boolean =>
  conditionOf(status?.conditions, type)?.status === 'True';

export const trueSince = ({ status }: NodeClaim, type: ClaimCondition): Micros | undefined => {
  const condition = conditionOf(status?.conditions, type);
  return condition?.status === 'True' ? condition.lastTransitionTime : undefined;
};

/** With that condition True, for a reason. As StatusConditions().SetTrueWithReason. */
export function withTrue(claim: NodeClaim, type: ClaimCondition, reason: string, now: Micros): NodeClaim {
  if (isTrue(claim, type) && conditionOf(claim.status?.conditions, type)?.reason === reason) {
    return claim;
  }
  const condition = { type, status: 'True', reason, message: '', lastTransitionTime: wholeSecond(now) };
  return { ...claim, status: { ...claim.status, conditions: withCondition(claim.status?.conditions, condition) } };
}

/** Without that condition. As StatusConditions().Clear. */
export function without(claim: NodeClaim, type: ClaimCondition): NodeClaim {
  return conditionOf(claim.status?.conditions, type) === undefined
    ? claim
    : {
        ...claim,
        status: { ...claim.status, conditions: claim.status?.conditions?.filter((each) => each.type !== type) },
      };
}
