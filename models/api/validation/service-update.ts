import type { Service, ServiceSpec } from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateObjectMetaUpdate } from './meta.js';
import { isHeadless, validateWholeService } from './service.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const SPEC = FieldPath.of('spec');
const ONCE = 'may not change once set';

/** ValidateServiceUpdate */
export function validateServiceUpdate(
  service: Service,
  before: Service,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(service.metadata, errors);
  const [spec, old] = [service.spec ?? {}, before.spec ?? {}];
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    validateAddressChange(spec, old, errors);
    validateFamilyChange(spec, old, errors);
  }
  if (spec.type === 'LoadBalancer' && old.type === 'LoadBalancer' && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.invalid(SPEC.child('loadBalancerClass'), spec.loadBalancerClass, ONCE);
  }
  if (needsHealthCheck(spec) && needsHealthCheck(old) && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.forbidden(SPEC.child('healthCheckNodePort'), 'field is immutable');
  }
  validateWholeService(service, { gates, isNew: false }, errors);
}

const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** validateUpgradeDowngradeClusterIPs: the second address may come and go, the first may not. */
function validateAddressChange(spec: ServiceSpec, old: ServiceSpec, errors: FieldErrors): void {
  if (isHeadless(spec) && isHeadless(old)) {
    return;
  }
  const [addresses, before] = [spec.clusterIPs ?? [], old.clusterIPs ?? []];
  const path = SPEC.child('clusterIPs');
  if (before.length > 0 && addresses.length === 0) {
    errors.invalid(path.index(0), spec.clusterIPs, 'primary clusterIP can not be unset');
    return;
  }
  for (const [i, address] of before.entries()) {
    if (address !== addresses[i] && (i === 0 || addresses.length === before.length)) {
      errors.invalid(path.index(i), addresses, ONCE);
    }
  }
  if (before.length > addresses.length) {
    validateRelease(spec, 'clusterIP', errors);
  }
}

/** validateUpgradeDowngradeIPFamilies, whose messages show the addresses where the number of families changes. */
function validateFamilyChange(spec: ServiceSpec, old: ServiceSpec, errors: FieldErrors): void {
  if (isHeadless(spec) || isHeadless(old)) {
    return;
  }
  const [families, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  const path = SPEC.child('ipFamilies').index(0);
  if (families.length === before.length) {
    for (const _ of before.filter((family, i) => family !== families[i])) {
      errors.invalid(path, families, ONCE);
    }
    return;
  }
  if (before.length > families.length && (spec.clusterIPs ?? []).length === 0) {
    errors.invalid(path, spec.ipFamilies, 'primary ipFamily can not be unset');
  }
  if (families.length > 0 && before.length > 0 && families[0] !== before[0]) {
    errors.invalid(path, spec.clusterIPs, ONCE);
  }
  if (before.length > families.length && families.length === 1) {
    validateRelease(spec, 'ipFamily', errors);
  }
}

function validateRelease({ ipFamilyPolicy }: ServiceSpec, what: 'clusterIP' | 'ipFamily', errors: FieldErrors): void {
  if (ipFamilyPolicy !== 'SingleStack') {
    const message = `must be set to 'SingleStack' when releasing the secondary ${what}`;
    errors.invalid(SPEC.child('ipFamilyPolicy'), ipFamilyPolicy, message);
  }
}
