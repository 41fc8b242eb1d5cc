import type { Lease } from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isDnsSubdomain, isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/coordination/validation/validation.go

export function validateLease({ metadata, spec = {} }: Lease, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validateLeaseSpec(spec, errors);
}

export function validateLeaseUpdate({ metadata, spec = {} }: Lease, errors: FieldErrors): void {
  validateObjectMetaUpdate(metadata, errors);
  validateLeaseSpec(spec, errors);
}

function validateLeaseSpec(spec: NonNullable<Lease['spec']>, errors: FieldErrors): void {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec;
  const path = FieldPath.of('spec');
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.invalid(path.child('leaseDurationSeconds'), leaseDurationSeconds, 'must be greater than 0');
  }
  errors.nonNegative(path.child('leaseTransitions'), leaseTransitions);
  if (strategy !== undefined && !strategy.includes('/')) {
    errors.ifSetOneOf(path.child('strategy', 'strategy'), strategy, ['OldestEmulationVersion']);
  } else if (strategy !== undefined) {
    errors.invalidEach(path.child('strategy', 'strategy'), strategy, isQualifiedName(strategy));
  }
  if (preferredHolder && !strategy) {
    errors.forbidden(path.child('preferredHolder'), 'may only be specified if `strategy` is defined');
  }
}
