import type { Container, EphemeralContainer, PodSpec } from '../generated/types.js';
import { type PodContext, validateContainer, validateHostPorts, validateRestartRules } from './container.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { validateLifecycle, validateProbe, validateReadinessProbe } from './handlers.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

export function validateContainers(
  containers: readonly Container[],
  pod: PodContext,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (containers.length === 0) {
    errors.required(path);
    return;
  }
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const at = path.index(i);
    validateContainer(container, pod, at, errors);
    if (names.has(container.name)) {
      errors.duplicate(at.child('name'), container.name);
    }
    names.add(container.name);
    validateActions(container, pod, at, errors);
    if (pod.gates.ContainerRestartRules) {
      validateRestartRules(container, pod.gates, at, errors);
    } else if (container.restartPolicy !== undefined) {
      errors.forbidden(at.child('restartPolicy'), 'may not be set for non-init containers');
    }
  }
  validateHostPorts(containers, path, errors);
}

/** Hooks and probes of containers that keep running. */
function validateActions(container: Container, pod: PodContext, path: FieldPath, errors: FieldErrors): void {
  if (container.lifecycle) {
    validateLifecycle(container.lifecycle, pod.gracePeriod, pod.operatingSystem, path.child('lifecycle'), errors);
  }
  validateProbe(container.livenessProbe, path.child('livenessProbe'), errors);
  validateReadinessProbe(container.readinessProbe, path.child('readinessProbe'), errors);
  validateProbe(container.startupProbe, path.child('startupProbe'), errors);
}

const ACTIONS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function validateInitContainers(spec: PodSpec, pod: PodContext, path: FieldPath, errors: FieldErrors): void {
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const at = path.index(i);
    validateContainer(container, pod, at, errors);
    if (pod.gates.ContainerRestartRules) {
      validateRestartRules(container, pod.gates, at, errors);
    } else {
      errors.ifSetOneOf(at.child('restartPolicy'), container.restartPolicy, ['Always']);
    }
    if (names.has(container.name)) {
      errors.duplicate(at.child('name'), container.name);
    } else if (container.name) {
      names.add(container.name);
    }
    // Init containers run one after the other: ports conflict within one only, which is told as the first.
    validateHostPorts([container], path, errors);
    if (container.restartPolicy === 'Always') {
      validateActions(container, pod, at, errors);
      continue;
    }
    for (const field of ACTIONS) {
      if (container[field] !== undefined) {
        errors.forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always');
      }
    }
    for (const [j, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
      if (restartPolicy === 'RestartContainer') {
        const message = "must not be set to 'RestartContainer' for non-sidecar initContainers";
        errors.invalid(at.child('resizePolicy').index(j).child('restartPolicy'), restartPolicy, message);
      }
    }
  }
}

const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

export function validateEphemeralContainers(
  spec: PodSpec,
  pod: PodContext,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const targets = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name);
  const names = new Set(targets);
  const message = 'cannot be set for an Ephemeral Container';
  const ephemeral: readonly EphemeralContainer[] = spec.ephemeralContainers ?? [];
  for (const [i, container] of ephemeral.entries()) {
    const at = path.index(i);
    validateContainer(container, pod, at, errors);
    validateImageSpaces(container, at, errors);
    if (names.has(container.name)) {
      errors.duplicate(at.child('name'), container.name);
    }
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !targets.includes(target)) {
      errors.notFound(at.child('targetContainerName'), target);
    }
    for (const field of NOT_EPHEMERAL) {
      const value = container[field];
      if (value !== undefined && !(field === 'resources' && Object.keys(value).length === 0)) {
        errors.forbidden(at.child(field), message);
      }
    }
    for (const [j, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
      const mount = at.child('volumeMounts').index(j);
      if (subPath) {
        errors.forbidden(mount.child('subPath'), message);
      }
      if (subPathExpr) {
        errors.forbidden(mount.child('subPathExpr'), message);
      }
    }
  }
}

/** validateContainerOnlyForPod */
export function validateImageSpaces(container: Container, path: FieldPath, errors: FieldErrors): void {
  const image = container.image ?? '';
  if (image !== image.trim()) {
    errors.invalid(path.child('image'), image, 'must not have leading or trailing whitespace');
  }
}
