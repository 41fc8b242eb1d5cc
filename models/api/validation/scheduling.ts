import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
} from '../generated/types.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { validateLabelName, validateLabelSelector } from './meta.js';
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const OPERATORS_WITHOUT_VALUE = ['Exists', 'DoesNotExist'];

/** ValidateTolerations */
export function validateTolerations(tolerations: readonly Toleration[], path: FieldPath, errors: FieldErrors): void {
  for (const [i, { key, operator = '', value = '', effect = '', tolerationSeconds }] of tolerations.entries()) {
    const at = path.index(i);
    if (key) {
      validateLabelName(key, at.child('key'), errors);
    } else if (operator !== 'Exists') {
      const message = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.invalid(at.child('operator'), operator, message);
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.invalid(at.child('effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    validateTolerationOperator(operator, value, at, errors);
    if (effect !== '') {
      errors.ifSetOneOf(at.child('effect'), effect, EFFECTS);
    }
  }
}

function validateTolerationOperator(operator: string, value: string, path: FieldPath, errors: FieldErrors): void {
  const at = path.child('operator');
  if (operator === 'Equal' || operator === '') {
    const problems = isLabelValue(value);
    if (problems.length > 0) {
      errors.invalid(at, value, problems.join(';'));
    }
  } else if (operator === 'Exists') {
    if (value !== '') {
      errors.invalid(at, value, "value must be empty when `operator` is 'Exists'");
    }
  } else if (operator === 'Lt' || operator === 'Gt') {
    // TaintTolerationComparisonOperators is off by default.
    errors.notSupported(at, operator, ['Equal', 'Exists', 'Lt', 'Gt']);
  } else {
    errors.notSupported(at, operator, ['Equal', 'Exists']);
  }
}

/** validateTaintEffect, of taints: they must have one */
export const validateTaintEffect = (effect: string, path: FieldPath, errors: FieldErrors): void =>
  errors.oneOf(path, effect, EFFECTS);

/** validateSchedulingGates */
export function validateSchedulingGates(
  gates: NonNullable<PodSpec['schedulingGates']>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  for (const [i, { name }] of gates.entries()) {
    errors.invalidEach(path.index(i), name, isQualifiedName(name));
    if (seen.has(name)) {
      errors.duplicate(path.index(i), name);
    }
    seen.add(name);
  }
}

/** validateAffinity */
export function validateAffinity(affinity: Affinity | undefined, path: FieldPath, errors: FieldErrors): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  if (nodeAffinity !== undefined) {
    const at = path.child('nodeAffinity');
    const { requiredDuringSchedulingIgnoredDuringExecution: required } = nodeAffinity;
    if (required !== undefined) {
      validateNodeSelector(required, at.child('requiredDuringSchedulingIgnoredDuringExecution'), errors);
    }
    const preferred = at.child('preferredDuringSchedulingIgnoredDuringExecution');
    for (const [i, term] of (nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      validateWeight(term.weight, preferred.index(i), errors);
      // Values that no label can have are let pass here: they only matter when nodes are compared.
      validateNodeSelectorTerm(term.preference, false, preferred.index(i).child('preference'), errors);
    }
  }
  validatePodAffinity(podAffinity, path.child('podAffinity'), errors);
  validatePodAffinity(podAntiAffinity, path.child('podAntiAffinity'), errors);
}

function validateWeight(weight: number, path: FieldPath, errors: FieldErrors): void {
  if (weight <= 0 || weight > 100) {
    errors.invalid(path.child('weight'), weight, 'must be in the range 1-100');
  }
}

/** ValidateNodeSelector */
export function validateNodeSelector(selector: NodeSelector, path: FieldPath, errors: FieldErrors): void {
  const at = path.child('nodeSelectorTerms');
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) {
    errors.required(at, 'must have at least one node selector term');
  }
  for (const [i, term] of terms.entries()) {
    validateNodeSelectorTerm(term, true, at.index(i), errors);
  }
}

function validateNodeSelectorTerm(
  term: NodeSelectorTerm,
  checksValues: boolean,
  path: FieldPath,
  errors: FieldErrors,
): void {
  for (const [i, { key, operator, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i);
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        errors.required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'");
      }
    } else if (OPERATORS_WITHOUT_VALUE.includes(operator)) {
      if (values.length > 0) {
        errors.forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) {
        errors.required(at.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
    } else {
      errors.invalid(at.child('operator'), operator, 'not a valid selector operator');
    }
    validateLabelName(key, at.child('key'), errors);
    for (const [j, value] of checksValues ? values.entries() : []) {
      errors.invalidEach(at.child('values').index(j), value, isLabelValue(value));
    }
  }
  for (const [i, { key, operator, values = [] }] of (term.matchFields ?? []).entries()) {
    const at = path.child('matchFields').index(i);
    if (operator !== 'In' && operator !== 'NotIn') {
      errors.invalid(at.child('operator'), operator, 'not a valid selector operator');
    } else if (values.length !== 1) {
      errors.required(
        at.child('values'),
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      );
    }
    if (key !== 'metadata.name') {
      errors.invalid(at.child('key'), key, 'not a valid field selector key');
      continue;
    }
    for (const [j, value] of values.entries()) {
      errors.invalidEach(at.child('values').index(j), value, isDnsSubdomain(value));
    }
  }
}

function validatePodAffinity(affinity: PodAffinity | undefined, path: FieldPath, errors: FieldErrors): void {
  const required = path.child('requiredDuringSchedulingIgnoredDuringExecution');
  for (const [i, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    validatePodAffinityTerm(term, required.index(i), errors);
  }
  const preferred = path.child('preferredDuringSchedulingIgnoredDuringExecution');
  for (const [i, term] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    validateWeight(term.weight, preferred.index(i), errors);
    validatePodAffinityTerm(term.podAffinityTerm, preferred.index(i).child('podAffinityTerm'), errors);
  }
}

function validatePodAffinityTerm(term: PodAffinityTerm, path: FieldPath, errors: FieldErrors): void {
  validateLabelSelector(term.labelSelector, path.child('labelSelector'), errors);
  validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), errors);
  for (const name of term.namespaces ?? []) {
    errors.invalidEach(path.child('namespace'), name, isDnsLabel(name));
  }
  validateLabelKeys(term.matchLabelKeys ?? [], term.mismatchLabelKeys ?? [], term.labelSelector, path, errors);
  const topologyKey = term.topologyKey ?? '';
  if (topologyKey === '') {
    errors.required(path.child('topologyKey'), 'can not be empty');
  }
  validateLabelName(topologyKey, path.child('topologyKey'), errors);
}

/** ValidateMatchLabelKeysAndMismatchLabelKeys; the selector has the expressions made from the keys already. */
function validateLabelKeys(
  match: readonly string[],
  mismatch: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  for (const [field, keys] of Object.entries({ matchLabelKeys: match, mismatchLabelKeys: mismatch })) {
    const at = path.child(field);
    if (keys.length > 0 && selector === undefined) {
      errors.forbidden(at, 'must not be specified when labelSelector is not set');
      continue;
    }
    for (const [i, key] of keys.entries()) {
      validateLabelName(key, at.index(i), errors);
    }
  }
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    const i = match.lastIndexOf(key);
    if (i >= 0 && seen.has(key)) {
      errors.invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector');
    }
    seen.add(key);
  }
  for (const [i, key] of match.entries()) {
    if (mismatch.includes(key)) {
      const message = 'exists in both matchLabelKeys and mismatchLabelKeys';
      errors.invalid(path.child('matchLabelKeys').index(i), key, message);
    }
  }
}

/** validateTopologySpreadConstraints */
export function validateTopologySpread(
  constraints: NonNullable<PodSpec['topologySpreadConstraints']>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  for (const [i, constraint] of constraints.entries()) {
    const at = path.index(i);
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    if (maxSkew <= 0) {
      errors.invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero');
    }
    if (!topologyKey) {
      errors.required(at.child('topologyKey'), 'can not be empty');
    }
    errors.ifSetOneOf(at.child('whenUnsatisfiable'), whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']);
    const isRepeated = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) {
      errors.duplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`);
    }
    if (minDomains !== undefined && minDomains <= 0) {
      errors.invalid(at.child('minDomains'), minDomains, 'must be greater than zero');
    }
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      const message = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.invalid(at.child('minDomains'), minDomains, message);
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      errors.ifSetOneOf(at.child(field), constraint[field], ['Honor', 'Ignore']);
    }
    validateLabelKeys(constraint.matchLabelKeys ?? [], [], labelSelector, at, errors);
    validateLabelSelector(labelSelector, at.child('labelSelector'), errors);
  }
}
