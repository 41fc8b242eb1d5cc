import { type Micros, wholeSecond } from '../../engine/time/micros.js';
import { conditionOf, type Job, type JobCondition } from '../api/index.js';

type Conditions = readonly JobCondition[] | undefined;

export const jobCondition = (
  type: 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended',
  status: 'True' | 'False',
  reason: string,
  message: string,
  now: Micros,
): JobCondition => ({
  type,
  status,
  reason,
  message,
  lastProbeTime: wholeSecond(now),
  lastTransitionTime: wholeSecond(now),
});

/** The list with this condition; the same list where nothing changes. A False one is not added. As ensureJobConditionStatus. */
export function withJobCondition(conditions: Conditions, added: JobCondition): Conditions {
  const standing = conditionOf(conditions, added.type);
  if (standing === undefined) {
    return added.status === 'False' ? conditions : [...(conditions ?? []), added];
  }
  const isSame =
    standing.status === added.status && standing.reason === added.reason && standing.message === added.message;
  return isSame ? conditions : conditions?.map((one) => (one === standing ? added : one));
}

export const isTrue = (conditions: Conditions, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

/** Complete or Failed: nothing is done about it any more. As IsJobFinished (pkg/controller/job/util). */
export const isJobFinished = ({ status }: Job): boolean =>
  isTrue(status?.conditions, 'Complete') || isTrue(status?.conditions, 'Failed');
