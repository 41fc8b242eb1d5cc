import type { ContainerStatus, Job, Pod, PodFailurePolicyRule, SuccessPolicy } from '../api/index.js';
import { countCommon, countIndexes, type Indexes, parseIndexes } from './indexes.js';

type PodFailurePolicy = Job['spec']['podFailurePolicy'];

export type FailureAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';

/** What a policy says about a failed pod. */
export interface FailureVerdict {
  /** Undefined when no rule matches. */
  readonly action: FailureAction | undefined;
  readonly counts: boolean;
  /** Why the Job fails, with FailJob. */
  readonly message?: string;
}

const NO_RULE: FailureVerdict = { action: undefined, counts: true };

/** The first rule that matches decides. As matchPodFailurePolicy (pkg/controller/job/pod_failure_policy.go). */
export function matchPodFailurePolicy(policy: PodFailurePolicy, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const why = reasonOf(rule, pod);
    if (why !== undefined) {
      const action = rule.action as FailureAction;
      return {
        action,
        counts: action !== 'Ignore',
        ...(action === 'FailJob' && { message: `${why} matching FailJob rule at index ${index}` }),
      };
    }
  }
  return NO_RULE;
}

/** How the pod matches the rule, in words; undefined when it does not. */
function reasonOf(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata;
  if (rule.onExitCodes) {
    const status = matchingContainer(rule.onExitCodes, pod);
    const exitCode = status?.state?.terminated?.exitCode;
    return status && `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`;
  }
  const condition = pod.status?.conditions?.find(({ type, status }) =>
    rule.onPodConditions?.some((pattern) => pattern.type === type && pattern.status === status),
  );
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

/** The first container, init containers last, that ended with such a code; code 0 never matches. As matchOnExitCodes. */
function matchingContainer(
  { containerName, operator, values }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  { status }: Pod,
): ContainerStatus | undefined {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return statuses.find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode;
    const isMeant = containerName === undefined || containerName === name;
    return isMeant && exitCode !== undefined && exitCode !== 0 && values.includes(exitCode) === (operator === 'In');
  });
}

/** Words of the first rule that these indexes satisfy; undefined when none does. As matchSuccessPolicy (success_policy.go). */
export function matchSuccessPolicy(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: Indexes,
): string | undefined {
  if (succeeded.length === 0) {
    return undefined;
  }
  const index = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) {
      return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    }
    const wanted = parseIndexes(succeededIndexes, completions);
    const common = countCommon(wanted, succeeded);
    const hasEnough = succeededCount !== undefined && common >= succeededCount;
    return wanted.length > 0 && (common === countIndexes(wanted) || hasEnough);
  });
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
