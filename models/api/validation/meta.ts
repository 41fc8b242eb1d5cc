import { isSameValue } from '../equality.js';
import type { IntOrString, LabelSelector, ObjectMeta, OwnerReference } from '../generated/types.js';
import type { Labels } from '../selector.js';
import { type FieldErrors, FieldPath, sorted } from './field-errors.js';
import { asPrefix, isDnsLabel, isLabelValue, isPercent, isQualifiedName, type NameCheck } from './names.js';

export const METADATA = FieldPath.of('metadata');
const NAME = METADATA.child('name');
const GENERATE_NAME = METADATA.child('generateName');
const GENERATION = METADATA.child('generation');
const LABELS = METADATA.child('labels');
const ANNOTATIONS = METADATA.child('annotations');
const OWNERS = METADATA.child('ownerReferences');
const FINALIZERS = METADATA.child('finalizers');
const NAMESPACE = METADATA.child('namespace');

const MAX_ANNOTATION_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

interface MetaRules {
  readonly isNamespaced: boolean;
  readonly name: NameCheck;
}

/** k8s.io/apimachinery pkg/api/validation ValidateObjectMeta, with the finalizer rule of pkg/apis/core/validation. */
export function validateObjectMeta(meta: ObjectMeta, { isNamespaced, name }: MetaRules, errors: FieldErrors): void {
  if (meta.generateName) {
    errors.invalidEach(GENERATE_NAME, meta.generateName, asPrefix(name)(meta.generateName));
  }
  if (!meta.name) {
    errors.required(NAME, 'name or generateName is required');
  } else {
    errors.invalidEach(NAME, meta.name, name(meta.name));
  }
  if (isNamespaced && !meta.namespace) {
    errors.required(NAMESPACE);
  } else if (isNamespaced) {
    errors.invalidEach(NAMESPACE, meta.namespace, isDnsLabel(meta.namespace as string));
  } else if (meta.namespace) {
    errors.forbidden(NAMESPACE, 'not allowed on this type');
  }
  errors.nonNegative(GENERATION, meta.generation);
  validateCommonMeta(meta, errors);
}

/**
 * ValidateObjectMetaUpdate, as far as the server does not settle it itself: it keeps identity, deletion and versions, and refuses new
 * finalizers of what is being deleted.
 */
export const validateObjectMetaUpdate = (meta: ObjectMeta, errors: FieldErrors): void =>
  validateCommonMeta(meta, errors);

function validateCommonMeta(meta: ObjectMeta, errors: FieldErrors): void {
  validateLabels(meta.labels, LABELS, errors);
  validateAnnotations(meta.annotations, ANNOTATIONS, errors);
  validateOwners(meta.ownerReferences ?? [], errors);
  validateFinalizers(meta.finalizers ?? [], errors);
}

export function validateLabels(labels: Labels | undefined, path: FieldPath, errors: FieldErrors): void {
  for (const key in labels) {
    const value = labels[key] as string;
    errors.invalidEach(path, key, isQualifiedName(key));
    errors.invalidEach(path, value, isLabelValue(value));
  }
}

export function validateAnnotations(annotations: Labels | undefined, path: FieldPath, errors: FieldErrors): void {
  let size = 0;
  for (const key in annotations) {
    // Case does not matter in keys of annotations.
    errors.invalidEach(path, key, isQualifiedName(key.toLowerCase()));
    size += key.length + (annotations[key] as string).length;
  }
  if (size > MAX_ANNOTATION_BYTES) {
    errors.tooLong(path, MAX_ANNOTATION_BYTES);
  }
}

function validateOwners(owners: readonly OwnerReference[], errors: FieldErrors): void {
  for (const owner of owners) {
    if (!hasVersion(owner.apiVersion)) {
      errors.invalid(OWNERS.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty');
    }
    for (const field of ['kind', 'name', 'uid'] as const) {
      if (!owner[field]) {
        errors.invalid(OWNERS.child(field), '', 'must not be empty');
      }
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.invalid(OWNERS, owner, '/v1, Kind=Event is disallowed from being an owner');
    }
  }
  if (owners.length < 2) {
    return;
  }
  const controllers = owners.filter((owner) => owner.controller).map((owner) => `${owner.kind}/${owner.name}`);
  for (const second of controllers.slice(1)) {
    errors.invalid(
      OWNERS,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${second}`,
    );
  }
}

/** "version" or "group/version". */
const hasVersion = (apiVersion = ''): boolean =>
  apiVersion !== '' && !apiVersion.endsWith('/') && apiVersion.indexOf('/') === apiVersion.lastIndexOf('/');

function validateFinalizers(finalizers: readonly string[], errors: FieldErrors): void {
  for (const finalizer of finalizers) {
    errors.invalidEach(FINALIZERS, finalizer, isQualifiedName(finalizer));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.invalid(FINALIZERS, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
  }
  for (const [i, finalizer] of finalizers.entries()) {
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.invalid(
        FINALIZERS.index(i),
        finalizer,
        'name is neither a standard finalizer name nor is it fully qualified',
      );
    }
  }
}

/** k8s.io/apimachinery pkg/apis/meta/v1/validation ValidateLabelSelector */
export function validateLabelSelector(selector: LabelSelector | undefined, path: FieldPath, errors: FieldErrors): void {
  validateLabels(selector?.matchLabels, path.child('matchLabels'), errors);
  for (const [i, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i);
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          errors.required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'");
        }
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          errors.forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        break;
      default:
        errors.invalid(at.child('operator'), operator, 'not a valid selector operator');
    }
    validateLabelName(key, at.child('key'), errors);
    for (const [j, value] of values.entries()) {
      errors.invalidEach(at.child('values').index(j), value, isLabelValue(value));
    }
  }
}

export const validateLabelName = (key: string, path: FieldPath, errors: FieldErrors): void =>
  errors.invalidEach(path, key, isQualifiedName(key));

export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;

/** A selector as Go prints one. */
export const shownSelector = (selector: LabelSelector | undefined): object | undefined =>
  selector && {
    ...(selector.matchLabels && { matchLabels: sorted(selector.matchLabels) }),
    ...(selector.matchExpressions && { matchExpressions: selector.matchExpressions }),
  };

/** ValidateImmutableField */
export function validateImmutable(
  value: unknown,
  before: unknown,
  path: FieldPath,
  errors: FieldErrors,
  shown = value,
): void {
  if (!isSameValue(value, before)) {
    errors.invalid(path, shown, 'field is immutable');
  }
}

/** A count that is not negative, or a percentage. As ValidatePositiveIntOrPercent (pkg/apis/apps/validation). */
export function validateIntOrPercent(value: IntOrString | undefined, path: FieldPath, errors: FieldErrors): void {
  if (typeof value === 'string') {
    errors.invalidEach(path, value, isPercent(value));
  } else {
    errors.nonNegative(path, value);
  }
}

export function validateAtMost100Percent(value: IntOrString | undefined, path: FieldPath, errors: FieldErrors): void {
  if (typeof value === 'string' && isPercent(value).length === 0 && Number.parseInt(value, 10) > 100) {
    errors.invalid(path, value, 'must not be greater than 100%');
  }
}

/** The number in front of the percent sign, or the number itself; 0 for nonsense. As getIntOrPercentValue. */
export const intOrPercentNumber = (value: IntOrString | undefined): number =>
  typeof value === 'string' ? (/^(\d+%|[-+]?\d+)$/.test(value) ? Number.parseInt(value, 10) : 0) : (value ?? 0);
