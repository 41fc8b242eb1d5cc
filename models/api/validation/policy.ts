import { isSameValue } from '../equality.js';
import type { PodDisruptionBudget, PriorityClass } from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import {
  METADATA,
  shownSelector,
  validateAtMost100Percent,
  validateImmutable,
  validateIntOrPercent,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './meta.js';
import { isDnsSubdomain } from './names.js';

// k8s 1.37 pkg/apis/policy/validation/validation.go and pkg/apis/scheduling/validation/validation.go

const SPEC = FieldPath.of('spec');

/** ValidatePodDisruptionBudget; its metadata are looked at as those of any object. */
export function validateDisruptionBudget({ spec }: PodDisruptionBudget, errors: FieldErrors): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec ?? {};
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: shownSelector(selector) ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    };
    errors.invalid(SPEC, shown, 'minAvailable and maxUnavailable cannot be both set');
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    validateIntOrPercent(spec?.[field], SPEC.child(field), errors);
    validateAtMost100Percent(spec?.[field], SPEC.child(field), errors);
  }
  validateLabelSelector(selector, SPEC.child('selector'), errors);
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  errors.ifSetOneOf(SPEC.child('unhealthyPodEvictionPolicy'), unhealthyPodEvictionPolicy, policies);
}

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
/** pkg/apis/scheduling/v1/helpers.go SystemPriorityClasses */
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export function validatePriorityClass(priorityClass: PriorityClass, errors: FieldErrors): void {
  const { metadata, value = 0, preemptionPolicy } = priorityClass;
  validateObjectMeta(metadata, { isNamespaced: false, name: isDnsSubdomain }, errors);
  if (metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const problem = systemClassProblem(priorityClass);
    if (problem !== undefined) {
      const rule = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`;
      errors.forbidden(METADATA.child('name'), `${rule}. error: ${problem}`);
    }
  } else if (value > HIGHEST_USER_PRIORITY) {
    const message = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    errors.forbidden(FieldPath.of('value'), message);
  }
  if (preemptionPolicy !== undefined) {
    errors.oneOf(FieldPath.of('preemptionPolicy'), preemptionPolicy, ['PreemptLowerPriority', 'Never']);
  }
}

/** IsKnownSystemPriorityClass */
function systemClassProblem({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const { name } = metadata;
  const expected = SYSTEM_PRIORITIES[name as string];
  if (expected === undefined) {
    return `${name} is not a known system priority class`;
  }
  if (value !== expected) {
    return `value of ${name} PriorityClass must be ${expected}`;
  }
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClassUpdate(
  priorityClass: PriorityClass,
  before: PriorityClass,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(priorityClass.metadata, errors);
  if (!isSameValue(priorityClass.value, before.value)) {
    errors.forbidden(FieldPath.of('value'), 'may not be changed in an update.');
  }
  const { preemptionPolicy } = priorityClass;
  validateImmutable(preemptionPolicy, before.preemptionPolicy, FieldPath.of('preemptionPolicy'), errors);
}
