import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../generated/types.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/batch/validation/validation.go: the policies of a Job

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEXES_CHARACTERS = 64 * 1024;

/** A list as Go's %q prints one. */
const quoted = (names: readonly string[]): string => `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;

export function validateJobPolicies(spec: JobSpec, path: FieldPath, errors: FieldErrors): void {
  const { podFailurePolicy, successPolicy, podReplacementPolicy } = spec;
  if (podFailurePolicy) {
    const rulesPath = path.child('podFailurePolicy', 'rules');
    const { rules = [] } = podFailurePolicy;
    if (rules.length > MAX_RULES) {
      errors.tooMany(rulesPath, rules.length, MAX_RULES);
    }
    for (const [i, rule] of rules.entries()) {
      validateFailureRule(spec, rule, rulesPath.index(i), errors);
    }
  }
  if (successPolicy) {
    if (spec.completionMode !== 'Indexed') {
      const shown = {
        Rules: (successPolicy.rules ?? []).map(({ succeededIndexes, succeededCount }) => ({
          SucceededIndexes: succeededIndexes ?? null,
          SucceededCount: succeededCount ?? null,
        })),
      };
      errors.invalid(path.child('successPolicy'), shown, 'requires indexed completion mode');
    } else {
      validateSuccessRules(
        successPolicy.rules ?? [],
        spec.completions ?? 0,
        path.child('successPolicy', 'rules'),
        errors,
      );
    }
  }
  const replacements = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  errors.ifSetOneOf(path.child('podReplacementPolicy'), podReplacementPolicy, replacements);
}

function validateFailureRule(spec: JobSpec, rule: PodFailurePolicyRule, path: FieldPath, errors: FieldErrors): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const actionPath = path.child('action');
  if (!action) {
    errors.required(actionPath, `valid values: ${quoted(ACTIONS)}`);
  } else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.invalid(actionPath, action, 'requires the backoffLimitPerIndex to be set');
  } else {
    errors.ifSetOneOf(actionPath, action, ACTIONS);
  }
  if (onExitCodes) {
    validateExitCodes(spec, onExitCodes, path.child('onExitCodes'), errors);
  }
  if (onPodConditions.length > MAX_PATTERNS) {
    errors.tooMany(path.child('onPodConditions'), onPodConditions.length, MAX_PATTERNS);
  }
  for (const [i, { type, status }] of onPodConditions.entries()) {
    const at = path.child('onPodConditions').index(i);
    errors.invalidEach(at.child('type'), type, isQualifiedName(type));
    if (!status) {
      errors.required(at.child('status'), `valid values: ${quoted(STATUSES)}`);
    } else {
      errors.ifSetOneOf(at.child('status'), status, STATUSES);
    }
  }
  if (onExitCodes && onPodConditions.length > 0) {
    errors.invalidUnshown(path, 'specifying both OnExitCodes and OnPodConditions is not supported');
  } else if (!onExitCodes && onPodConditions.length === 0) {
    errors.invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required');
  }
}

function validateExitCodes(
  { template }: JobSpec,
  { operator, containerName, values = [] }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (!operator) {
    errors.required(path.child('operator'), `valid values: ${quoted(OPERATORS)}`);
  } else {
    errors.ifSetOneOf(path.child('operator'), operator, OPERATORS);
  }
  const containers = [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])];
  if (containerName !== undefined && !containers.some(({ name }) => name === containerName)) {
    const message = 'must be one of the container or initContainer names in the pod template';
    errors.invalid(path.child('containerName'), containerName, message);
  }
  const valuesPath = path.child('values');
  if (values.length === 0) {
    errors.invalid(valuesPath, values, 'at least one value is required');
  } else if (values.length > MAX_EXIT_CODES) {
    errors.tooMany(valuesPath, values.length, MAX_EXIT_CODES);
  }
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      errors.invalid(valuesPath.index(i), value, 'must not be 0 for the In operator');
    }
    if (values.indexOf(value) < i) {
      errors.duplicate(valuesPath.index(i), value);
    }
  }
  if (values.some((value, i) => i > 0 && (values[i - 1] as number) > value)) {
    errors.invalid(valuesPath, values, 'must be ordered');
  }
}

/** validateSuccessPolicy */
function validateSuccessRules(
  rules: readonly SuccessPolicyRule[],
  completions: number,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (rules.length === 0) {
    errors.required(path, 'at least one rules must be specified when the successPolicy is specified');
  }
  if (rules.length > MAX_RULES) {
    errors.tooMany(path, rules.length, MAX_RULES);
  }
  for (const [i, { succeededCount: count, succeededIndexes: indexes }] of rules.entries()) {
    const at = path.index(i);
    if (count === undefined && indexes === undefined) {
      errors.required(at, 'at least one of succeededCount or succeededIndexes must be specified');
    }
    const total =
      indexes === undefined ? 0 : validateIndexes(indexes, completions, at.child('succeededIndexes'), errors);
    const countPath = at.child('succeededCount');
    errors.nonNegative(countPath, count);
    if (count !== undefined && count > completions) {
      const message = `must be less than or equal to ${completions} (the number of specified completions)`;
      errors.invalid(countPath, count, message);
    }
    if (count !== undefined && indexes !== undefined && count > total) {
      const what = 'the number of indexes in the specified succeededIndexes field';
      errors.invalid(countPath, count, `must be less than or equal to ${total} (${what})`);
    }
  }
}

/** validateIndexesFormat: "0,2-5"; how many indexes it names */
function validateIndexes(indexes: string, completions: number, path: FieldPath, errors: FieldErrors): number {
  if (indexes.length > MAX_INDEXES_CHARACTERS) {
    errors.tooLong(path, MAX_INDEXES_CHARACTERS);
  }
  let total = 0;
  let last = -1;
  const refuse = (why: string): number => {
    errors.invalid(path, indexes, `error parsing succeededIndexes: ${why}`);
    return 0;
  };
  for (const interval of indexes === '' ? [] : indexes.split(',')) {
    const limits = interval.split('-');
    if (limits.length > 2) {
      const rule = "an index interval can have at most two parts separated by '-'";
      return refuse(`the fragment ${JSON.stringify(interval)} violates the requirement that ${rule}`);
    }
    for (const limit of limits) {
      if (!/^\d+$/.test(limit)) {
        return refuse(`cannot convert string to integer for index: ${JSON.stringify(limit)}`);
      }
      if (Number(limit) >= completions) {
        return refuse(`too large index: ${JSON.stringify(limit)}`);
      }
    }
    const [first, end] = [Number(limits[0]), Number(limits.at(-1))];
    if (limits.length === 2 && first >= end) {
      return refuse(`non-increasing order, previous: ${first}, current: ${end}`);
    }
    if (last >= first) {
      return refuse(`non-increasing order, previous: ${last}, current: ${first}`);
    }
    total += end - first + 1;
    last = end;
  }
  return total;
}
