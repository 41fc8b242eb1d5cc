import type { PodSpec } from '../generated/types.js';
import { aggregateContainerLimits, aggregateContainerRequests } from '../pod-resources.js';
import { compareQuantities } from '../quantity.js';
import { isHugePages } from '../resource-names.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { byName, shownQuantity, validatePodResourceName, validateRequirements } from './resources.js';

/** k8s 1.37 pkg/apis/core/validation/validation.go validatePodResources */
export function validatePodResources(
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const { resources } = spec;
  if (resources === undefined) {
    return;
  }
  if (spec.os?.name === 'windows') {
    errors.forbidden(path, 'may not be set for a windows pod');
    return;
  }
  if (resources.claims !== undefined) {
    errors.forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level');
  }
  validateRequirements(resources, validatePodResourceName, claimNames, path, errors);
  const { limits = {}, requests = {} } = resources;
  for (const [name, sum] of byName(aggregateContainerRequests(spec))) {
    const request = requests[name];
    if (request !== undefined && compareQuantities(sum, request) > 0) {
      const message = `must be greater than or equal to aggregate container requests of ${shownQuantity(sum)}`;
      errors.invalid(path.child('requests').key(name), shownQuantity(request), message);
    }
  }
  for (const [name, sum] of byName(aggregateContainerLimits(spec))) {
    const limit = limits[name];
    if (isHugePages(name) && limit !== undefined && compareQuantities(sum, limit) > 0) {
      const message = `must be greater than or equal to aggregate container limits of ${shownQuantity(sum)}`;
      errors.invalid(path.child('limits').key(name), shownQuantity(limit), message);
    }
  }
  for (const [i, container] of spec.containers.entries()) {
    for (const [name, own] of byName(container.resources?.limits)) {
      const limit = limits[name];
      if (limit !== undefined && compareQuantities(own, limit) > 0) {
        const at = path.child('containers').index(i).key(name).child('limits');
        errors.invalid(at, shownQuantity(own), `must be less than or equal to pod limits of ${shownQuantity(limit)}`);
      }
    }
  }
}
