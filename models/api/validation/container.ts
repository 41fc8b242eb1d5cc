import type { Container, ContainerPort, EnvFromSource, EnvVar, EnvVarSource, Volume } from '../generated/types.js';
import { ENV_FIELDS, validateFieldReference, validateResourceReference } from './downward-api.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateVolumeDevices, validateVolumeMounts } from './mounts.js';
import {
  asPrefix,
  isConfigKey,
  isDnsLabel,
  isDnsSubdomain,
  isPort,
  isPortName,
  isRelaxedEnvVarName,
  isStrictEnvVarName,
} from './names.js';
import { validateNoBacksteps } from './paths.js';
import { validateContainerResourceName, validateRequirements } from './resources.js';
import { validateSecurityContext } from './security.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** What the pod says that its containers are judged by. */
export interface PodContext {
  readonly gates: ValidationGates;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
  readonly restartPolicy: string | undefined;
  readonly gracePeriod: number | undefined;
  readonly operatingSystem: string | undefined;
  readonly usesHostUsers: boolean;
}

/** validateContainerCommon: what holds for containers of all three lists */
export function validateContainer(container: Container, pod: PodContext, path: FieldPath, errors: FieldErrors): void {
  if (!container.name) {
    errors.required(path.child('name'));
  } else {
    errors.invalidEach(path.child('name'), container.name, isDnsLabel(container.name));
  }
  if (!container.image) {
    errors.required(path.child('image'));
  }
  const { terminationMessagePolicy, imagePullPolicy, resizePolicy = [] } = container;
  errors.oneOf(path.child('terminationMessagePolicy'), terminationMessagePolicy, ['File', 'FallbackToLogsOnError']);
  validatePorts(container.ports ?? [], path.child('ports'), errors);
  validateEnv(container.env ?? [], pod.gates, path.child('env'), errors);
  validateEnvFrom(container.envFrom ?? [], pod.gates, path.child('envFrom'), errors);
  validateVolumeMounts(container, pod.volumes, path.child('volumeMounts'), errors);
  validateVolumeDevices(container, pod.volumes, path.child('volumeDevices'), errors);
  errors.oneOf(path.child('imagePullPolicy'), imagePullPolicy, ['Always', 'IfNotPresent', 'Never']);
  validateRequirements(
    container.resources ?? {},
    validateContainerResourceName,
    pod.claimNames,
    path.child('resources'),
    errors,
  );
  validateResizePolicy(resizePolicy, pod.restartPolicy, path.child('resizePolicy'), errors);
  validateSecurityContext(container.securityContext, pod.usesHostUsers, path.child('securityContext'), errors);
}

function validatePorts(ports: readonly ContainerPort[], path: FieldPath, errors: FieldErrors): void {
  const names = new Set<string>();
  for (const [i, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const at = path.index(i);
    if (name) {
      const problems = isPortName(name);
      errors.invalidEach(at.child('name'), name, problems);
      if (problems.length === 0 && names.has(name)) {
        errors.duplicate(at.child('name'), name);
      }
      names.add(name);
    }
    if (!containerPort) {
      errors.required(at.child('containerPort'));
    } else {
      errors.invalidEach(at.child('containerPort'), containerPort, isPort(containerPort));
    }
    if (hostPort) {
      errors.invalidEach(at.child('hostPort'), hostPort, isPort(hostPort));
    }
    errors.oneOf(at.child('protocol'), protocol, PROTOCOLS);
  }
}

/** checkHostPortConflicts */
export function validateHostPorts(containers: readonly Container[], path: FieldPath, errors: FieldErrors): void {
  const used = new Set<string>();
  for (const [i, { ports }] of containers.entries()) {
    for (const [j, { hostPort, hostIP, protocol }] of (ports ?? []).entries()) {
      const address = `${protocol ?? ''}/${hostIP ?? ''}/${hostPort}`;
      if (hostPort && used.has(address)) {
        errors.duplicate(path.index(i).child('ports').index(j).child('hostPort'), address);
      } else if (hostPort) {
        used.add(address);
      }
    }
  }
}

const envNameRule = (gates: ValidationGates) =>
  gates.RelaxedEnvironmentVariableValidation ? isRelaxedEnvVarName : isStrictEnvVarName;

function validateEnv(variables: readonly EnvVar[], gates: ValidationGates, path: FieldPath, errors: FieldErrors): void {
  for (const [i, { name, value, valueFrom }] of variables.entries()) {
    const at = path.index(i);
    if (!name) {
      errors.required(at.child('name'));
    } else {
      errors.invalidEach(at.child('name'), name, envNameRule(gates)(name));
    }
    if (valueFrom) {
      validateEnvSource(valueFrom, value ?? '', gates, at.child('valueFrom'), errors);
    }
  }
}

function validateEnvSource(
  source: EnvVarSource,
  value: string,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (source.fieldRef) {
    validateFieldReference(source.fieldRef, ENV_FIELDS, path.child('fieldRef'), errors);
  }
  if (source.resourceFieldRef) {
    validateResourceReference(source.resourceFieldRef, false, path.child('resourceFieldRef'), errors);
  }
  for (const field of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = source[field];
    if (reference) {
      const name = reference.name ?? '';
      errors.invalidEach(path.child(field, 'name'), name, isDnsSubdomain(name));
      validateKey(reference.key, isConfigKey, path.child(field, 'key'), errors);
    }
  }
  if (source.fileKeyRef) {
    const { key, volumeName, path: file } = source.fileKeyRef;
    const at = path.child('fileKeyRef');
    validateKey(key, isRelaxedEnvVarName, at.child('key'), errors);
    validateKey(volumeName, isDnsLabel, at.child('volumeName'), errors);
    if (!file) {
      errors.required(at.child('path'));
    } else {
      validateNoBacksteps(file, at.child('path'), errors);
    }
  }
  const count = Object.values(source).filter((part) => part !== undefined).length;
  if (count === 0) {
    const choices = gates.EnvFiles
      ? '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
      : '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    errors.invalid(path, '', `must specify one of: ${choices}`);
  } else if (value !== '') {
    errors.invalid(path, '', 'may not be specified when `value` is not empty');
  } else if (count > 1) {
    errors.invalid(path, '', 'may not have more than one field specified at a time');
  }
}

function validateKey(
  key: string | undefined,
  rule: (key: string) => readonly string[],
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (!key) {
    errors.required(path);
  } else {
    errors.invalidEach(path, key, rule(key));
  }
}

function validateEnvFrom(
  sources: readonly EnvFromSource[],
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  for (const [i, source] of sources.entries()) {
    const at = path.index(i);
    if (source.prefix) {
      errors.invalidEach(at.child('prefix'), source.prefix, envNameRule(gates)(source.prefix));
    }
    const found = (['configMapRef', 'secretRef'] as const).filter((field) => source[field] !== undefined);
    for (const field of found) {
      validateKey(source[field]?.name, asPrefix(isDnsSubdomain), at.child(field, 'name'), errors);
    }
    if (found.length === 0) {
      errors.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`');
    } else if (found.length > 1) {
      errors.invalid(path, '', 'may not have more than one field specified at a time');
    }
  }
}

function validateResizePolicy(
  policies: NonNullable<Container['resizePolicy']>,
  podRestartPolicy: string | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  for (const [i, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) {
      errors.duplicate(path.index(i), resourceName);
    }
    seen.add(resourceName);
    errors.oneOf(path, resourceName, ['cpu', 'memory']);
    errors.oneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']);
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
  }
}

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** validateContainerRestartPolicy */
export function validateRestartRules(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  gates: ValidationGates,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (restartPolicy === undefined && rules.length > 0) {
    errors.required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used');
  }
  errors.ifSetOneOf(path.child('restartPolicy'), restartPolicy, ['Always', 'Never', 'OnFailure']);
  if (rules.length > MAX_RULES) {
    errors.tooMany(path.child('restartPolicyRules'), rules.length, MAX_RULES);
  }
  const actions = gates.RestartAllContainersOnContainerExits ? ['Restart', 'RestartAllContainers'] : ['Restart'];
  for (const [i, { action, exitCodes }] of rules.entries()) {
    const at = path.child('restartPolicyRules').index(i);
    errors.ifSetOneOf(at.child('action'), action ?? '', actions);
    if (exitCodes === undefined) {
      errors.required(at.child('exitCodes'), 'must be specified');
      continue;
    }
    errors.ifSetOneOf(at.child('exitCodes', 'operator'), exitCodes.operator ?? '', ['In', 'NotIn']);
    if ((exitCodes.values?.length ?? 0) > MAX_EXIT_CODES) {
      errors.tooMany(at.child('exitCodes', 'values'), exitCodes.values?.length ?? 0, MAX_EXIT_CODES);
    }
  }
}
