import { conditionOf, type JobCondition } from '../api/index.js';
import { isTrue, jobCondition } from './conditions.js';
import { countIndexes } from './indexes.js';
import type { JobSettings, JobView } from './job-view.js';
import { isFailed, isIndexed } from './pods.js';
import { matchPodFailurePolicy, matchSuccessPolicy } from './policies.js';

/** Why the Job ends, looked for in Kubernetes' order; undefined while it goes on. As syncJob, up to the deletion of active pods. */
export function findFinish(view: JobView, settings: JobSettings): JobCondition | undefined {
  const { conditions } = view.job.status ?? {};
  if (isTrue(conditions, 'SuccessCriteriaMet')) {
    return conditionOf(conditions, 'SuccessCriteriaMet');
  }
  const target = conditionOf(conditions, 'FailureTarget');
  if (target?.status === 'True') {
    return jobCondition('Failed', 'True', target.reason ?? '', target.message ?? '', view.now);
  }
  return policyFailure(view) ?? limitExceeded(view, settings) ?? indexFailure(view, settings) ?? successPolicyMet(view);
}

function policyFailure({ job, pods, now }: JobView): JobCondition | undefined {
  for (const pod of job.spec.podFailurePolicy ? pods : []) {
    const { message } = matchPodFailurePolicy(job.spec.podFailurePolicy, pod);
    if (message !== undefined && isFailed(pod, job)) {
      return jobCondition('FailureTarget', 'True', 'PodFailurePolicy', message, now);
    }
  }
  return undefined;
}

function limitExceeded(view: JobView, settings: JobSettings): JobCondition | undefined {
  const { backoffLimit = 6 } = view.job.spec;
  if (view.failed > backoffLimit || hasRestartedTooOften(view, backoffLimit)) {
    return failure(view, settings, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const untilDeadline = view.untilDeadline();
  return untilDeadline !== undefined && untilDeadline <= 0
    ? failure(view, settings, 'DeadlineExceeded', 'Job was active longer than specified deadline')
    : undefined;
}

/** Containers that restart in place count, too. As pastBackoffLimitOnFailure. */
function hasRestartedTooOften({ job, pods }: JobView, limit: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') {
    return false;
  }
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function indexFailure(view: JobView, settings: JobSettings): JobCondition | undefined {
  const { maxFailedIndexes, completions = 0 } = view.job.spec;
  if (view.failedIndexes === undefined) {
    return undefined;
  }
  const failed = countIndexes(view.failedIndexes);
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure(view, settings, 'MaxFailedIndexesExceeded', message);
  }
  return failed > 0 && failed + view.succeeded >= completions
    ? failure(view, settings, 'FailedIndexes', 'Job has failed indexes')
    : undefined;
}

function successPolicyMet({ job, succeededIndexes, now }: JobView): JobCondition | undefined {
  const message = isIndexed(job)
    ? matchSuccessPolicy(job.spec.successPolicy, job.spec.completions ?? 0, succeededIndexes)
    : undefined;
  return message === undefined ? undefined : jobCondition('SuccessCriteriaMet', 'True', 'SuccessPolicy', message, now);
}

const failure = ({ now }: JobView, settings: JobSettings, reason: string, message: string): JobCondition =>
  jobCondition(settings.delaysTerminalCondition ? 'FailureTarget' : 'Failed', 'True', reason, message, now);

/** Enough pods have succeeded and none runs any more; without completions one success is enough. */
export function findCompletion(view: JobView, active: number, settings: JobSettings): JobCondition | undefined {
  if (active > 0 || view.succeeded < (view.job.spec.completions ?? 1)) {
    return undefined;
  }
  return settings.delaysTerminalCondition
    ? jobCondition('SuccessCriteriaMet', 'True', 'CompletionsReached', COMPLETIONS_REACHED, view.now)
    : jobCondition('Complete', 'True', '', '', view.now);
}

const COMPLETIONS_REACHED = 'Reached expected number of succeeded pods';
