import type { Quantity, ResourceRequirements } from '../generated/types.js';
import { amountOf, compareQuantities, formatAmount, parseQuantity, scaledValue } from '../quantity.js';
import type { ResourceList } from '../resource-list.js';
import {
  isExtendedResource,
  isHugePages,
  isIntegerResource,
  isNativeResource,
  isOvercommitAllowed,
  isStandardContainerResource,
  isStandardQuotaResource,
  isStandardResource,
} from '../resource-names.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { isDnsLabel, isQualifiedName } from './names.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

type ResourceNameRule = (name: string, path: FieldPath, errors: FieldErrors) => boolean;

/** A quantity as Go prints it. */
export const shownQuantity = (quantity: Quantity): string => formatAmount(amountOf(quantity));

/** Resource lists are maps: what is wrong with them is told in the order of their names. */
export const byName = (list: ResourceList | undefined): (readonly [string, Quantity])[] =>
  Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

/** validateResourceName; whether the name passed */
export const validateResourceName: ResourceNameRule = (name, path, errors) => {
  const problems = isQualifiedName(name);
  if (problems.length > 0) {
    errors.invalidEach(path, name, problems);
    return false;
  }
  if (!name.includes('/') && !isStandardResource(name)) {
    errors.invalid(path, name, 'must be a standard resource type or fully qualified');
    return false;
  }
  return true;
};

export const validateContainerResourceName: ResourceNameRule = (name, path, errors) => {
  const passed = validateResourceName(name, path, errors);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) {
      errors.invalid(path, name, 'must be a standard resource for containers');
      return false;
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.invalid(path, name, "doesn't follow extended resource name standard");
    return false;
  }
  return passed;
};

export const validatePodResourceName: ResourceNameRule = (name, path, errors) => {
  if (!validateResourceName(name, path, errors)) {
    return false;
  }
  const isSupported = name === 'cpu' || name === 'memory' || isHugePages(name);
  if (!isSupported) {
    errors.notSupported(path, name, ['cpu', 'hugepages-', 'memory']);
  }
  return isSupported;
};

export const validateQuotaResourceName: ResourceNameRule = (name, path, errors) => {
  const passed = validateResourceName(name, path, errors);
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errors.invalid(path, name, 'must be a standard resource for quota');
    return false;
  }
  return passed;
};

const isNegative = (quantity: Quantity): boolean => compareQuantities(quantity, '0') < 0;

export function validateNonNegativeQuantity(quantity: Quantity, path: FieldPath, errors: FieldErrors): void {
  if (isNegative(quantity)) {
    errors.invalid(path, shownQuantity(quantity), 'must be greater than or equal to 0');
  }
}

/** ValidateResourceQuantityValue */
export function validateResourceQuantity(name: string, quantity: Quantity, path: FieldPath, errors: FieldErrors): void {
  validateNonNegativeQuantity(quantity, path, errors);
  if (isIntegerResource(name) && scaledValue(amountOf(quantity), -3) % 1000n !== 0n) {
    errors.invalid(path, shownQuantity(quantity), 'must be an integer');
  }
}

/** validateResourceRequirements; containers and pods differ in the names that they may use. */
export function validateRequirements(
  { limits, requests, claims }: ResourceRequirements,
  nameRule: ResourceNameRule,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const limitsPath = path.child('limits');
  const requestsPath = path.child('requests');
  for (const [name, quantity] of byName(limits)) {
    validateResource(name, quantity, nameRule, limitsPath.key(name), errors);
  }
  for (const [name, quantity] of byName(requests)) {
    validateResource(name, quantity, nameRule, requestsPath.key(name), errors);
    const limit = limits?.[name];
    if (limit !== undefined) {
      const order = compareQuantities(quantity, limit);
      const isEqualityDue = !isOvercommitAllowed(name);
      if (isEqualityDue ? order !== 0 : order > 0) {
        const rule = isEqualityDue ? 'equal to' : 'less than or equal to';
        errors.invalid(
          requestsPath,
          shownQuantity(quantity),
          `must be ${rule} ${name} limit of ${shownQuantity(limit)}`,
        );
      }
    } else if (!isOvercommitAllowed(name)) {
      errors.required(limitsPath, 'Limit must be set for non overcommitable resources');
    }
  }
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.forbidden(path, 'HugePages require cpu or memory');
  }
  validateClaims(claims ?? [], claimNames, path.child('claims'), errors);
}

function validateResource(
  name: string,
  quantity: Quantity,
  nameRule: ResourceNameRule,
  path: FieldPath,
  errors: FieldErrors,
): void {
  nameRule(name, path, errors);
  validateResourceQuantity(name, quantity, path, errors);
  if (isHugePages(name) && !isWholePages(name, quantity)) {
    errors.invalid(
      path,
      shownQuantity(quantity),
      `${shownQuantity(quantity)} is not positive integer multiple of ${name}`,
    );
  }
}

/** IsHugePageResourceValueDivisible */
function isWholePages(name: string, quantity: Quantity): boolean {
  try {
    const pageSize = scaledValue(parseQuantity(name.slice('hugepages-'.length)), 0);
    return pageSize > 0n && scaledValue(amountOf(quantity), 0) % pageSize === 0n;
  } catch {
    return false;
  }
}

/** validateResourceClaimNames: either all requests of a claim, or some of them by name. */
function validateClaims(
  claims: NonNullable<ResourceRequirements['claims']>,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  for (const [i, { name, request }] of claims.entries()) {
    const at = path.index(i);
    if (!name) {
      errors.required(at);
      continue;
    }
    const whole = request ? `${name}/${request}` : name;
    if (seen.has(name)) {
      errors.duplicate(at, name);
    } else if (request) {
      errors.invalidEach(at.child('request'), request, isDnsLabel(request));
      if (seen.has(whole)) {
        errors.duplicate(at, whole);
      }
    } else {
      for (const _ of [...seen].filter((other) => other.startsWith(`${name}/`))) {
        errors.duplicate(at, name);
      }
    }
    seen.add(whole);
    if (!claimNames.has(name)) {
      const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
      errors.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${known}`);
    }
  }
}
