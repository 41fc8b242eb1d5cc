import type {
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetSpec,
  ReplicationController,
  ReplicationControllerSpec,
} from '../generated/types.js';
import { matchesLabelSelector, matchesSet } from '../selector.js';
import { type FieldErrors, FieldPath, sorted } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import {
  intOrPercentNumber,
  isEmptySelector,
  shownSelector,
  validateAtMost100Percent,
  validateImmutable,
  validateIntOrPercent,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './meta.js';
import { isDnsSubdomain } from './names.js';
import { validatePodTemplate } from './pod.js';

// k8s 1.37 pkg/apis/apps/validation/validation.go; ReplicationControllers are of pkg/apis/core/validation

const SPEC = FieldPath.of('spec');
const NAMED = { isNamespaced: true, name: isDnsSubdomain };

export function validateDeployment({ metadata, spec }: Deployment, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateDeploymentSpec(spec ?? EMPTY_SPEC, gates, errors);
}

export function validateDeploymentUpdate(
  { metadata, spec }: Deployment,
  before: Deployment,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateDeploymentSpec(spec ?? EMPTY_SPEC, gates, errors);
  validateSelectorKept(spec?.selector, before.spec?.selector, errors);
}

/** The selector of apps/v1 objects is what they own: pkg/registry/apps strategies forbid to change it. */
function validateSelectorKept(
  selector: LabelSelector | undefined,
  before: LabelSelector | undefined,
  errors: FieldErrors,
): void {
  validateImmutable(selector, before, SPEC.child('selector'), errors, shownSelector(selector));
}

/** A spec that was left out says nothing, and is told all that is required. */
const EMPTY_SPEC = { template: {} } as DeploymentSpec & ReplicaSetSpec & DaemonSetSpec;

function validateDeploymentSpec(spec: DeploymentSpec, gates: ValidationGates, errors: FieldErrors): void {
  errors.nonNegative(SPEC.child('replicas'), spec.replicas);
  validateSelectorOfTemplate(spec.selector, spec.template, 'deployment', gates, errors);
  validateStrategy(spec.strategy ?? {}, SPEC.child('strategy'), errors);
  errors.nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds);
  errors.nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  errors.nonNegative(SPEC.child('progressDeadlineSeconds'), deadline);
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.invalid(SPEC.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds');
  }
}

/** The selector, and the template whose pods it must match: as ValidateReplicaSetSpec, which Deployments share. */
function validateSelectorOfTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  kind: 'deployment',
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  if (!validateSelector(selector, `empty selector is invalid for ${kind}`, errors)) {
    errors.invalid(SPEC.child('selector'), shownSelector(selector), 'invalid label selector');
    return;
  }
  const path = SPEC.child('template');
  validateMatch(selector, template, errors);
  validatePodTemplate(template ?? {}, gates, path, errors);
  validateRunsForever(template, 'ReplicaSet', errors);
}

/** Whether it can be used as a selector at all. */
export function validateSelector(selector: LabelSelector | undefined, whenEmpty: string, errors: FieldErrors): boolean {
  const path = SPEC.child('selector');
  if (selector === undefined) {
    errors.required(path);
    return true;
  }
  const mistakes = errors.causes.length;
  validateLabelSelector(selector, path, errors);
  const isUsable = errors.causes.length === mistakes;
  if (isEmptySelector(selector)) {
    errors.invalid(path, shownSelector(selector), whenEmpty);
  }
  return isUsable;
}

/** Pods of the template must be found again by the selector; no selector finds none, an empty one all. */
export function validateMatch(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  errors: FieldErrors,
): void {
  const labels = template?.metadata?.labels;
  if (!matchesLabelSelector(selector, labels)) {
    const path = SPEC.child('template', 'metadata', 'labels');
    errors.invalid(path, sorted(labels), '`selector` does not match template `labels`');
  }
}

/** Pods of these kinds are restarted for ever. */
export function validateRunsForever(template: PodTemplateSpec | undefined, kind: string, errors: FieldErrors): void {
  const path = SPEC.child('template', 'spec');
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== 'Always') {
    errors.notSupported(path.child('restartPolicy'), restartPolicy ?? '', ['Always']);
  }
  if (activeDeadlineSeconds !== undefined) {
    errors.forbidden(path.child('activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`);
  }
}

type Strategy = NonNullable<DeploymentSpec['strategy']>;

/** ValidateDeploymentStrategy */
function validateStrategy({ type = '', rollingUpdate }: Strategy, path: FieldPath, errors: FieldErrors): void {
  const at = path.child('rollingUpdate');
  if (type === 'Recreate') {
    if (rollingUpdate) {
      errors.forbidden(at, "may not be specified when strategy `type` is 'Recreate'");
    }
  } else if (type !== 'RollingUpdate') {
    errors.notSupported(path, shownStrategy(type, rollingUpdate), ['Recreate', 'RollingUpdate']);
  } else if (rollingUpdate === undefined) {
    errors.required(at, 'this should be defaulted and never be nil');
  } else {
    const { maxUnavailable, maxSurge } = rollingUpdate;
    validateIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
    validateIntOrPercent(maxSurge, at.child('maxSurge'), errors);
    if (intOrPercentNumber(maxUnavailable) === 0 && intOrPercentNumber(maxSurge) === 0) {
      errors.invalid(at.child('maxUnavailable'), maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0');
    }
    validateAtMost100Percent(maxUnavailable, at.child('maxUnavailable'), errors);
  }
}

/** A strategy in the shape in which Go holds it. */
const shownStrategy = (type: string, rollingUpdate: Strategy['rollingUpdate']): object => ({
  Type: type,
  RollingUpdate: rollingUpdate
    ? { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
    : null,
});

export function validateReplicaSet({ metadata, spec }: ReplicaSet, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateReplicaSetSpec(spec ?? EMPTY_SPEC, gates, errors);
}

export function validateReplicaSetUpdate(
  { metadata, spec }: ReplicaSet,
  before: ReplicaSet,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateReplicaSetSpec(spec ?? EMPTY_SPEC, gates, errors);
  validateSelectorKept(spec?.selector, before.spec?.selector, errors);
}

function validateReplicaSetSpec(spec: ReplicaSetSpec, gates: ValidationGates, errors: FieldErrors): void {
  errors.nonNegative(SPEC.child('replicas'), spec.replicas);
  errors.nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds);
  validateSelectorOfTemplate(spec.selector, spec.template, 'deployment', gates, errors);
}

export function validateDaemonSet({ metadata, spec }: DaemonSet, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateDaemonSetSpec(spec ?? EMPTY_SPEC, gates, errors);
}

export function validateDaemonSetUpdate(
  { metadata, spec }: DaemonSet,
  before: DaemonSet,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateDaemonSetSpec(spec ?? EMPTY_SPEC, gates, errors);
  validateSelectorKept(spec?.selector, before.spec?.selector, errors);
}

function validateDaemonSetSpec(spec: DaemonSetSpec, gates: ValidationGates, errors: FieldErrors): void {
  const mistakes = errors.causes.length;
  validateLabelSelector(spec.selector, SPEC.child('selector'), errors);
  if (errors.causes.length === mistakes) {
    validateMatch(spec.selector, spec.template, errors);
  }
  if (spec.selector && isEmptySelector(spec.selector)) {
    errors.invalid(SPEC.child('selector'), shownSelector(spec.selector), 'empty selector is invalid for daemonset');
  }
  validatePodTemplate(spec.template ?? {}, gates, SPEC.child('template'), errors);
  validateRunsForever(spec.template, 'DaemonSet', errors);
  errors.nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds);
  const { type = '', rollingUpdate } = spec.updateStrategy ?? {};
  const path = SPEC.child('updateStrategy');
  if (type !== 'RollingUpdate' && type !== 'OnDelete') {
    errors.notSupported(path, shownStrategy(type, rollingUpdate), ['RollingUpdate', 'OnDelete']);
  } else if (type === 'RollingUpdate') {
    validateRollingUpdate(rollingUpdate, path.child('rollingUpdate'), errors);
  }
  errors.nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
}

/** ValidateRollingUpdateDaemonSet: pods go first or come first, not both. */
function validateRollingUpdate(
  rollingUpdate: NonNullable<DaemonSetSpec['updateStrategy']>['rollingUpdate'],
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (rollingUpdate === undefined) {
    errors.required(path);
    return;
  }
  const fields = ['maxUnavailable', 'maxSurge'] as const;
  for (const field of fields) {
    validateIntOrPercent(rollingUpdate[field], path.child(field), errors);
  }
  for (const field of fields) {
    validateAtMost100Percent(rollingUpdate[field], path.child(field), errors);
  }
  const hasUnavailable = intOrPercentNumber(rollingUpdate.maxUnavailable) !== 0;
  const hasSurge = intOrPercentNumber(rollingUpdate.maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.invalid(path.child('maxSurge'), rollingUpdate.maxSurge, 'may not be set when maxUnavailable is non-zero');
  } else if (!hasUnavailable && !hasSurge) {
    errors.required(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0');
  }
}

export function validateReplicationController(
  { metadata, spec }: ReplicationController,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateReplicationControllerSpec(spec ?? {}, gates, errors);
}

export function validateReplicationControllerUpdate(
  { metadata, spec }: ReplicationController,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateReplicationControllerSpec(spec ?? {}, gates, errors);
}

function validateReplicationControllerSpec(
  { minReadySeconds, selector = {}, replicas, template }: ReplicationControllerSpec,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  errors.nonNegative(SPEC.child('minReadySeconds'), minReadySeconds);
  if (Object.keys(selector).length === 0) {
    errors.required(SPEC.child('selector'));
  }
  errors.nonNegative(SPEC.child('replicas'), replicas);
  if (template === undefined) {
    errors.required(SPEC.child('template'));
    return;
  }
  const labels = template.metadata?.labels;
  if (!matchesSet(selector, labels)) {
    const path = SPEC.child('template', 'metadata', 'labels');
    errors.invalid(path, sorted(labels), '`selector` does not match template `labels`');
  }
  validatePodTemplate(template, gates, SPEC.child('template'), errors);
  validateRunsForever(template, 'ReplicationController', errors);
}
