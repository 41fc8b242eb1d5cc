import { isSameValue } from '../equality.js';
import type { StatefulSet, StatefulSetSpec, Volume } from '../generated/types.js';
import { FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import {
  intOrPercentNumber,
  shownSelector,
  validateAnnotations,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './meta.js';
import { isDnsLabel, isDnsSubdomain } from './names.js';
import { validatePodAnnotations } from './pod.js';
import { validatePodSpec } from './pod-spec.js';
import { validateClaimSpec } from './storage.js';
import { validateMatch, validateRunsForever, validateSelector } from './workloads.js';

// k8s 1.37 pkg/apis/apps/validation/validation.go

const SPEC = FieldPath.of('spec');
const EMPTY_SPEC = { template: {} } as StatefulSetSpec;

interface Strictness {
  readonly checksServiceName: boolean;
  readonly checksPodSpec: boolean;
  readonly checksClaims: boolean;
}

export function validateStatefulSet(set: StatefulSet, gates: ValidationGates, errors: FieldErrors): void {
  const isStrict = gates.statefulSetsAreValidatedStrictly;
  validateObjectMeta(set.metadata, { isNamespaced: true, name: isStrict ? isDnsLabel : isDnsSubdomain }, errors);
  validateSpec(
    set.spec ?? EMPTY_SPEC,
    gates,
    { checksServiceName: isStrict, checksPodSpec: isStrict, checksClaims: isStrict },
    errors,
  );
}

const UPDATABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;
const UPDATABLE_TEXT = `${UPDATABLE.slice(0, -1)
  .map((field) => `'${field}'`)
  .join(', ')} and 'minReadySeconds'`;

/** ValidateStatefulSetUpdate; what was let pass before may stay. */
export function validateStatefulSetUpdate(
  { metadata, spec = EMPTY_SPEC }: StatefulSet,
  before: StatefulSet,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  const old = before.spec ?? EMPTY_SPEC;
  const oldErrors = new FieldErrors();
  const isStrict = gates.statefulSetsAreValidatedStrictly;
  validateSpec(old, gates, { checksServiceName: false, checksPodSpec: true, checksClaims: isStrict }, oldErrors);
  const checksMore = isStrict && oldErrors.causes.length === 0;
  validateSpec(spec, gates, { checksServiceName: false, checksPodSpec: checksMore, checksClaims: checksMore }, errors);
  const kept = Object.fromEntries(UPDATABLE.map((field) => [field, old[field]]));
  if (!isSameValue({ ...spec, ...kept }, old)) {
    const message = `updates to statefulset spec for fields other than ${UPDATABLE_TEXT} are forbidden`;
    errors.forbidden(SPEC, message);
  }
}

function validateSpec(
  spec: StatefulSetSpec,
  gates: ValidationGates,
  { checksServiceName, checksPodSpec, checksClaims }: Strictness,
  errors: FieldErrors,
): void {
  const { podManagementPolicy, persistentVolumeClaimRetentionPolicy: retention } = spec;
  if (!podManagementPolicy) {
    errors.required(SPEC.child('podManagementPolicy'));
  } else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') {
    errors.invalid(SPEC.child('podManagementPolicy'), podManagementPolicy, "must be 'OrderedReady' or 'Parallel'");
  }
  validateUpdateStrategy(spec.updateStrategy ?? {}, SPEC.child('updateStrategy'), errors);
  for (const field of retention ? (['whenDeleted', 'whenScaled'] as const) : []) {
    const path = SPEC.child('persistentVolumeClaimRetentionPolicy', field);
    errors.ifSetOneOf(path, retention?.[field] ?? '', ['Retain', 'Delete']);
  }
  const claimsPath = SPEC.child('volumeClaimTemplates');
  for (const [i, claim] of (checksClaims ? (spec.volumeClaimTemplates ?? []) : []).entries()) {
    validateClaimSpec(claim.spec ?? {}, claimsPath.index(i).child('spec'), errors);
  }
  errors.nonNegative(SPEC.child('replicas'), spec.replicas);
  errors.nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds);
  if (gates.statefulSetsAreValidatedStrictly) {
    errors.nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  }
  errors.nonNegative(SPEC.child('ordinals.start'), spec.ordinals?.start);
  if (checksServiceName && spec.serviceName) {
    errors.invalidEach(SPEC.child('serviceName'), spec.serviceName, isDnsLabel(spec.serviceName));
  }
  if (validateSelector(spec.selector, 'empty selector is invalid for statefulset', errors)) {
    validateTemplate(spec, gates, checksPodSpec, errors);
  } else {
    errors.invalid(SPEC.child('selector'), shownSelector(spec.selector), '');
  }
  validateRunsForever(spec.template, 'StatefulSet', errors);
}

function validateUpdateStrategy(
  { type, rollingUpdate }: NonNullable<StatefulSetSpec['updateStrategy']>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const at = path.child('rollingUpdate');
  const shown = rollingUpdate && {
    Partition: rollingUpdate.partition ?? 0,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  };
  if (!type) {
    errors.required(path);
  } else if (type === 'OnDelete') {
    if (rollingUpdate) {
      errors.invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'");
    }
  } else if (type !== 'RollingUpdate') {
    errors.invalid(path, { Type: type, RollingUpdate: shown ?? null }, "must be 'RollingUpdate' or 'OnDelete'");
  } else if (rollingUpdate) {
    const { partition, maxUnavailable } = rollingUpdate;
    errors.nonNegative(at.child('partition'), partition);
    if (maxUnavailable !== undefined) {
      validateIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
      if (intOrPercentNumber(maxUnavailable) === 0) {
        errors.invalid(at.child('maxUnavailable'), maxUnavailable, 'cannot be 0');
      }
      validateAtMost100Percent(maxUnavailable, at.child('maxUnavailable'), errors);
    }
  }
}

/** ValidatePodTemplateSpecForStatefulSet; containers can mount the claims as well. */
function validateTemplate(
  { selector, template, volumeClaimTemplates = [] }: StatefulSetSpec,
  gates: ValidationGates,
  checksPodSpec: boolean,
  errors: FieldErrors,
): void {
  const path = SPEC.child('template');
  const { metadata, spec } = template ?? {};
  validateMatch(selector, template, errors);
  validateLabels(metadata?.labels, path.child('labels'), errors);
  validateAnnotations(metadata?.annotations, path.child('annotations'), errors);
  if (spec === undefined) {
    return;
  }
  validatePodAnnotations(metadata?.annotations, spec, path.child('annotations'), errors);
  if (!checksPodSpec) {
    return;
  }
  const claims = volumeClaimTemplates.flatMap((claim): Volume[] =>
    claim.metadata?.name
      ? [{ name: claim.metadata.name, persistentVolumeClaim: { claimName: claim.metadata.name } }]
      : [],
  );
  const isClaimed = ({ name }: Volume): boolean => claims.some((claim) => claim.name === name);
  const volumes = [...(spec.volumes ?? []).filter((volume) => !isClaimed(volume)), ...claims];
  validatePodSpec({ ...spec, volumes }, { gates, isPod: false }, path.child('spec'), errors);
  if (spec.ephemeralContainers?.length) {
    errors.forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template');
  }
}
