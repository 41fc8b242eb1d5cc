import type { LimitRange, LimitRangeItem, Quantity, ResourceQuota, ResourceQuotaSpec } from '../generated/types.js';
import { amountOf, approximateFloat, compareQuantities } from '../quantity.js';
import type { ResourceList } from '../resource-list.js';
import { isHugePages, isOvercommitAllowed, isStandardQuotaResource } from '../resource-names.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isDnsSubdomain, isQualifiedName } from './names.js';
import {
  byName,
  shownQuantity,
  validateContainerResourceName,
  validateQuotaResourceName,
  validateResourceName,
  validateResourceQuantity,
} from './resources.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const NAMED = { isNamespaced: true, name: isDnsSubdomain };
const LIMIT_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** ValidateLimitRange, of create and update alike */
export function validateLimitRange({ metadata, spec }: LimitRange, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  const limits = spec?.limits ?? [];
  for (const [i, limit] of limits.entries()) {
    const path = FieldPath.of('spec', 'limits').index(i);
    const problems = isQualifiedName(limit.type);
    errors.invalidEach(path.child('type'), limit.type, problems);
    if (problems.length === 0 && !limit.type.includes('/') && !LIMIT_TYPES.includes(limit.type)) {
      errors.invalid(path.child('type'), limit.type, 'must be a standard limit type or fully qualified');
    }
    if (limits.slice(0, i).some(({ type }) => type === limit.type)) {
      errors.duplicate(path.child('type'), limit.type);
    }
    validateLimit(limit, path, errors);
  }
}

function validateLimit(limit: LimitRangeItem, path: FieldPath, errors: FieldErrors): void {
  const { type, min, max, default: limits, defaultRequest, maxLimitRequestRatio: ratios } = limit;
  const nameRule = type === 'Pod' || type === 'Container' ? validateContainerResourceName : validateResourceName;
  const names = new Set<string>();
  const collect = (list: ResourceList | undefined, field: string): void => {
    for (const [name] of byName(list)) {
      nameRule(name, path.child(field).key(name), errors);
      names.add(name);
    }
  };
  collect(max, 'max');
  collect(min, 'min');
  for (const [field, list] of Object.entries({ default: limits, defaultRequest })) {
    if (type !== 'Pod') {
      collect(list, field);
    } else if (list && Object.keys(list).length > 0) {
      errors.forbidden(path.child(field), "may not be specified when `type` is 'Pod'");
    }
  }
  if (type === 'PersistentVolumeClaim' && min?.storage === undefined && max?.storage === undefined) {
    const message = 'either minimum or maximum storage value is required, but neither was provided';
    errors.required(path.child('limits'), message);
  }
  collect(ratios, 'maxLimitRequestRatio');
  const isPod = type === 'Pod';
  for (const name of [...names].sort()) {
    const bounds = {
      min: min?.[name],
      max: max?.[name],
      limit: isPod ? undefined : limits?.[name],
      request: isPod ? undefined : defaultRequest?.[name],
    };
    validateBounds(name, bounds, path, errors);
    validateRatio(name, ratios?.[name], bounds, path, errors);
  }
}

interface Bounds {
  readonly min: Quantity | undefined;
  readonly max: Quantity | undefined;
  readonly limit: Quantity | undefined;
  readonly request: Quantity | undefined;
}

/** min ≤ default request ≤ default limit ≤ max, as far as they are given */
function validateBounds(name: string, bounds: Bounds, path: FieldPath, errors: FieldErrors): void {
  const { min, max, limit, request } = bounds;
  const texts = { min: 'min value', max: 'max value', limit: 'default limit value', request: 'default request value' };
  const ordered = (
    low: keyof Bounds,
    high: keyof Bounds,
    field: string,
    shown: Quantity | undefined,
    [lowText, highText] = [texts[low], texts[high]],
  ): void => {
    const [lower, higher] = [bounds[low], bounds[high]];
    if (lower !== undefined && higher !== undefined && compareQuantities(lower, higher) > 0) {
      const message = `${lowText} ${shownQuantity(lower)} is greater than ${highText} ${shownQuantity(higher)}`;
      errors.invalid(path.child(field).key(name), shown === undefined ? undefined : shownQuantity(shown), message);
    }
  };
  ordered('min', 'max', 'min', min);
  ordered('min', 'request', 'defaultRequest', request);
  ordered('request', 'max', 'defaultRequest', request);
  ordered('request', 'limit', 'defaultRequest', request);
  ordered('min', 'limit', 'default', min, [texts.min, 'default value']);
  ordered('limit', 'max', 'default', max, ['default value', texts.max]);
  const mustBeEqual = !isOvercommitAllowed(name) && limit !== undefined && request !== undefined;
  if (mustBeEqual && compareQuantities(limit, request) !== 0) {
    const message = `default value ${shownQuantity(limit)} must equal to defaultRequest value ${shownQuantity(request)} in ${name}`;
    errors.invalid(path.child('defaultRequest').key(name), shownQuantity(request), message);
  }
}

function validateRatio(
  name: string,
  ratio: Quantity | undefined,
  { min, max }: Bounds,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (ratio === undefined) {
    return;
  }
  const at = path.child('maxLimitRequestRatio').key(name);
  if (compareQuantities(ratio, '1') < 0) {
    errors.invalid(at, shownQuantity(ratio), `ratio ${shownQuantity(ratio)} is less than 1`);
  }
  if (min === undefined || max === undefined) {
    return;
  }
  const [ratioValue, minValue, maxValue] = [ratio, min, max].map((quantity) => approximateFloat(amountOf(quantity)));
  const highest = (maxValue as number) / (minValue as number);
  if ((ratioValue as number) > highest) {
    const message = `ratio ${shownQuantity(ratio)} is greater than max/min = ${highest.toFixed(6)}`;
    errors.invalid(at, shownQuantity(ratio), message);
  }
}

export function validateResourceQuota({ metadata, spec }: ResourceQuota, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMED, errors);
  validateQuotaSpec(spec ?? {}, errors);
}

export function validateResourceQuotaUpdate(
  { metadata, spec }: ResourceQuota,
  before: ResourceQuota,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateQuotaSpec(spec ?? {}, errors);
  const [scopes, oldScopes] = [spec?.scopes ?? [], before.spec?.scopes ?? []];
  if ([...scopes].sort().join() !== [...oldScopes].sort().join()) {
    errors.invalid(FieldPath.of('spec', 'scopes'), scopes, 'field is immutable');
  }
}

const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
/** Scopes that either hold for a pod or do not: they take no values. */
const VALUELESS_SCOPES = SCOPES.filter((scope) => scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass');
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
] as const;

/** IsResourceQuotaScopeValidForResource */
function isCountedInScope(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
    default:
      return resource === 'pods' || isHugePages(resource) || COMPUTE.test(resource);
  }
}

const COMPUTE = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$|^requests\.hugepages-/;

function validateQuotaSpec(spec: ResourceQuotaSpec, errors: FieldErrors): void {
  const { hard = {}, scopes = [], scopeSelector } = spec;
  const path = FieldPath.of('spec');
  for (const [name, quantity] of byName(hard)) {
    validateQuotaResourceName(name, path.child('hard').key(name), errors);
    validateResourceQuantity(name, quantity, path.child('hard').key(name), errors);
  }
  const counted = Object.keys(hard).sort().filter(isStandardQuotaResource);
  const scopesPath = path.child('scopes');
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) {
      errors.invalid(scopesPath, scopes, 'unsupported scope');
    }
    for (const name of counted) {
      if (!isCountedInScope(scope, name)) {
        errors.invalid(scopesPath, scopes, 'unsupported scope applied to resource');
      }
    }
  }
  const conflict = (names: readonly string[], at: FieldPath): void => {
    for (const pair of CONFLICTS) {
      if (pair.every((scope) => names.includes(scope))) {
        errors.invalid(at, scopes, 'conflicting scopes');
      }
    }
  };
  conflict(scopes, scopesPath);
  const expressions = scopeSelector?.matchExpressions ?? [];
  const expressionsPath = path.child('scopeSelector', 'matchExpressions');
  for (const expression of expressions) {
    validateScopeExpression(expression, counted, scopeSelector, expressionsPath, errors);
  }
  conflict(
    expressions.map(({ scopeName }) => scopeName),
    expressionsPath,
  );
}

/** validateScopedResourceSelectorRequirement */
function validateScopeExpression(
  {
    scopeName,
    operator,
    values = [],
  }: NonNullable<NonNullable<ResourceQuotaSpec['scopeSelector']>['matchExpressions']>[number],
  counted: readonly string[],
  selector: ResourceQuotaSpec['scopeSelector'],
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (!SCOPES.includes(scopeName)) {
    errors.invalid(path.child('scopeName'), scopeName, 'unsupported scope');
  }
  for (const name of counted) {
    if (!isCountedInScope(scopeName, name)) {
      errors.invalid(path, selector, 'unsupported scope applied to resource');
    }
  }
  if (VALUELESS_SCOPES.includes(scopeName) && operator !== 'Exists') {
    const names =
      'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';
    errors.invalid(path.child('operator'), operator, `must be 'Exists' when scope is any of ${names}`);
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      const message = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errors.required(path.child('values'), message);
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const message = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      errors.invalid(path.child('values'), values, message);
    }
  } else {
    errors.invalid(path.child('operator'), operator, 'not a valid selector operator');
  }
}
