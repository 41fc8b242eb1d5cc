import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
  Quantity,
} from '../generated/types.js';
import { compareQuantities } from '../quantity.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isDnsLabel, isDnsSubdomain, isPathSegment } from './names.js';
import { shownQuantity, validateContainerResourceName, validateNonNegativeQuantity } from './resources.js';

// k8s 1.37 pkg/apis/autoscaling/validation/validation.go

const SPEC = FieldPath.of('spec');
const EMPTY_SPEC = { maxReplicas: 0, scaleTargetRef: { kind: '', name: '' } } as HorizontalPodAutoscalerSpec;
const MAX_PERIOD_SECONDS = 1800;
const MAX_WINDOW_SECONDS = 3600;

export function validateAutoscaler(
  { metadata, spec }: HorizontalPodAutoscaler,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validateSpec(spec ?? EMPTY_SPEC, gates.HPAScaleToZero ? 0 : 1, errors);
}

export function validateAutoscalerUpdate(
  { metadata, spec }: HorizontalPodAutoscaler,
  before: HorizontalPodAutoscaler,
  gates: ValidationGates,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(metadata, errors);
  validateSpec(spec ?? EMPTY_SPEC, gates.HPAScaleToZero || before.spec?.minReplicas === 0 ? 0 : 1, errors);
}

function validateSpec(spec: HorizontalPodAutoscalerSpec, lowest: number, errors: FieldErrors): void {
  const { minReplicas, maxReplicas, metrics = [], behavior } = spec;
  if (minReplicas !== undefined && minReplicas < lowest) {
    errors.invalid(SPEC.child('minReplicas'), minReplicas, `must be greater than or equal to ${lowest}`);
  }
  if (maxReplicas < 1) {
    errors.invalid(SPEC.child('maxReplicas'), maxReplicas, 'must be greater than 0');
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.invalid(SPEC.child('maxReplicas'), maxReplicas, 'must be greater than or equal to `minReplicas`');
  }
  validateReference(spec.scaleTargetRef, SPEC.child('scaleTargetRef'), errors);
  for (const [i, metric] of metrics.entries()) {
    validateMetric(metric, SPEC.child('metrics').index(i), errors);
  }
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const message = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.forbidden(SPEC.child('metrics'), message);
  }
  for (const field of ['scaleUp', 'scaleDown'] as const) {
    const rules = behavior?.[field];
    if (rules) {
      validateRules(rules, SPEC.child('behavior', field), errors);
    }
  }
}

/** ValidateCrossVersionObjectReference */
function validateReference(reference: CrossVersionObjectReference, path: FieldPath, errors: FieldErrors): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field];
    if (!value) {
      errors.required(path.child(field));
    } else {
      errors.invalidEach(path.child(field), value, isPathSegment(value));
    }
  }
  const apiVersion = reference?.apiVersion ?? '';
  if (apiVersion.split('/').length > 2) {
    errors.invalid(path.child('apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  }
}

/** validateScalingRules */
function validateRules(rules: HPAScalingRules, path: FieldPath, errors: FieldErrors): void {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const windowPath = path.child('stabilizationWindowSeconds');
  if (window !== undefined && window < 0) {
    errors.invalid(windowPath, window, 'must be greater than or equal to zero');
  }
  if (window !== undefined && window > MAX_WINDOW_SECONDS) {
    errors.invalid(windowPath, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`);
  }
  errors.ifSetOneOf(path.child('selectPolicy'), selectPolicy, ['Disabled', 'Max', 'Min']);
  const policiesPath = path.child('policies');
  if (policies.length === 0) {
    errors.required(policiesPath, 'must specify at least one Policy');
  }
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const at = policiesPath.index(i);
    errors.ifSetOneOf(at.child('type'), type, ['Percent', 'Pods']);
    if (value <= 0) {
      errors.invalid(at.child('value'), value, 'must be greater than zero');
    }
    if (periodSeconds <= 0) {
      errors.invalid(at.child('periodSeconds'), periodSeconds, 'must be greater than zero');
    }
    if (periodSeconds > MAX_PERIOD_SECONDS) {
      errors.invalid(at.child('periodSeconds'), periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`);
    }
  }
  if (tolerance !== undefined) {
    validateNonNegativeQuantity(tolerance, path.child('tolerance'), errors);
  }
}

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
/** Sources in the order in which they are looked for; only the first is looked into. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;

/** validateMetricSpec */
function validateMetric(metric: MetricSpec, path: FieldPath, errors: FieldErrors): void {
  const { type } = metric;
  if (!type) {
    errors.required(path.child('type'), 'must specify a metric source type');
  }
  const isKnown = TYPES.includes(type);
  if (!isKnown) {
    errors.notSupported(path.child('type'), type ?? '', TYPES);
  }
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  validateSource(metric, present[0], path, errors);
  const expected = isKnown ? (type[0] as string).toLowerCase() + type.slice(1) : '';
  if (!isKnown) {
    // Kubernetes says it twice.
    errors.notSupported(path.child('type'), type ?? '', TYPES);
  } else if (!present.some((source) => source === expected)) {
    errors.required(path.child(expected), 'must populate information for the given metric source');
  }
  for (const source of present.length > 1 ? [...present].sort() : []) {
    if (source !== expected) {
      errors.forbidden(path.child(source), 'must populate the given metric source only');
    }
  }
}

function validateSource(
  { object, external, pods, resource, containerResource }: MetricSpec,
  source: (typeof SOURCES)[number] | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const at = path.child(source ?? '');
  const target = at.child('target');
  if (source === 'object' && object) {
    validateReference(object.describedObject, at.child('describedObject'), errors);
    validateMetricName(object.metric?.name, at.child('metric', 'name'), errors);
    validateTarget(object.target, target, errors);
    if (object.target?.value === undefined && object.target?.averageValue === undefined) {
      errors.required(target.child('averageValue'), 'must set either a target value or averageValue');
    }
  } else if (source === 'external' && external) {
    validateMetricName(external.metric?.name, at.child('metric', 'name'), errors);
    validateTarget(external.target, target, errors);
    const { value, averageValue } = external.target ?? {};
    if (value === undefined && averageValue === undefined) {
      const message = 'must set either a target value for metric or a per-pod target';
      errors.required(target.child('averageValue'), message);
    }
    if (value !== undefined && averageValue !== undefined) {
      errors.forbidden(target.child('value'), 'may not set both a target value for metric and a per-pod target');
    }
  } else if (source === 'pods' && pods) {
    validateMetricName(pods.metric?.name, at.child('metric', 'name'), errors);
    validateTarget(pods.target, target, errors);
    if (pods.target?.averageValue === undefined) {
      errors.required(target.child('averageValue'), 'must specify a positive target averageValue');
    }
  } else if (source === 'resource' && resource) {
    if (!resource.name) {
      errors.required(at.child('name'), 'must specify a resource name');
    }
    validateUsageTarget(resource.target, target, errors);
  } else if (source === 'containerResource' && containerResource) {
    const { name, container } = containerResource;
    if (!name) {
      errors.required(at.child('name'), 'must specify a resource name');
    } else {
      validateContainerResourceName(name, at.child('name'), errors);
    }
    if (!container) {
      errors.required(at.child('container'), 'must specify a container');
    } else {
      errors.invalidEach(at.child('container'), container, isDnsLabel(container));
    }
    validateUsageTarget(containerResource.target, target, errors);
  }
}

function validateMetricName(name: string | undefined, path: FieldPath, errors: FieldErrors): void {
  if (!name) {
    errors.required(path, 'must specify a metric name');
  } else {
    errors.invalidEach(path, name, isPathSegment(name));
  }
}

/** Usage of a resource: as a share of the request, or as it is. */
function validateUsageTarget(target: MetricTarget, path: FieldPath, errors: FieldErrors): void {
  validateTarget(target, path, errors);
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) {
    const message = 'must set either a target raw value or a target utilization';
    errors.required(path.child('averageUtilization'), message);
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const message = 'may not set both a target raw value and a target utilization';
    errors.forbidden(path.child('averageValue'), message);
  }
}

/** validateMetricTarget */
function validateTarget(target: MetricTarget, path: FieldPath, errors: FieldErrors): void {
  const { type = '', value, averageValue, averageUtilization } = target ?? {};
  if (type === '') {
    errors.required(path.child('type'), 'must specify a metric target type');
  }
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue');
  }
  validatePositive(value, path.child('value'), errors);
  validatePositive(averageValue, path.child('averageValue'), errors);
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0');
  }
}

function validatePositive(quantity: Quantity | undefined, path: FieldPath, errors: FieldErrors): void {
  if (quantity !== undefined && compareQuantities(quantity, '0') <= 0) {
    errors.invalid(path, shownQuantity(quantity), 'must be positive');
  }
}
