import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import { isDnsSubdomain, isUnixId } from './names.js';
import { validateDescendingPath } from './paths.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** ValidateSecurityContext */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  usesHostUsers: boolean,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (context === undefined) {
    return;
  }
  validateIds(context, ['runAsUser', 'runAsGroup'], path, errors);
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  errors.ifSetOneOf(path.child('procMount'), procMount, ['Default', 'Unmasked']);
  if (usesHostUsers && procMount === 'Unmasked') {
    errors.invalid(path.child('procMount'), procMount, '`hostUsers` must be false to use `Unmasked`');
  }
  validateSeccomp(context.seccompProfile, path.child('seccompProfile'), errors);
  if (allowPrivilegeEscalation === false && privileged) {
    const message = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.invalid(path, shownContext(context), message);
  }
  if (allowPrivilegeEscalation === false && capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    const message = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
    errors.invalid(path, shownContext(context), message);
  }
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors);
}

const NO_LABELS = { user: '', role: '', type: '', level: '' };
const GO_NAMES: Readonly<Record<string, string>> = {
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  gmsaCredentialSpec: 'GMSACredentialSpec',
};

/** A struct whose fields these are, as Go prints one without tags: each with its own name, null where nothing is said. */
const shownStruct = <T extends object>(struct: T | undefined, fields: readonly (keyof T & string)[]): object | null =>
  struct === undefined
    ? null
    : Object.fromEntries(
        fields.map((field) => [
          GO_NAMES[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}`,
          struct[field] ?? null,
        ]),
      );

/** A security context of core/types.go as Go prints it. */
const shownContext = (context: SecurityContext): object => ({
  Capabilities: shownStruct(context.capabilities, ['add', 'drop']),
  Privileged: context.privileged ?? null,
  SELinuxOptions: context.seLinuxOptions
    ? shownStruct({ ...NO_LABELS, ...context.seLinuxOptions }, ['user', 'role', 'type', 'level'])
    : null,
  WindowsOptions: shownStruct(context.windowsOptions, [
    'gmsaCredentialSpecName',
    'gmsaCredentialSpec',
    'runAsUserName',
    'hostProcess',
  ]),
  RunAsUser: context.runAsUser ?? null,
  RunAsGroup: context.runAsGroup ?? null,
  RunAsNonRoot: context.runAsNonRoot ?? null,
  ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
  AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
  ProcMount: context.procMount ?? null,
  SeccompProfile: shownStruct(context.seccompProfile, ['type', 'localhostProfile']),
  AppArmorProfile: shownStruct(context.appArmorProfile, ['type', 'localhostProfile']),
});

/** validatePodSpecSecurityContext, which every pod's is: defaulting gives it one */
export function validatePodSecurityContext(spec: PodSpec, specPath: FieldPath, errors: FieldErrors): void {
  const { securityContext: context = {} } = spec;
  const path = specPath.child('securityContext');
  validateIds(context, ['fsGroup', 'runAsUser', 'runAsGroup'], path, errors);
  for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
    errors.invalidEach(path.child('supplementalGroups').index(i), group, isUnixId(group));
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const message = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.invalid(path.child('shareProcessNamespace'), true, message);
  }
  validateSysctls(context.sysctls ?? [], spec, path.child('sysctls'), errors);
  errors.ifSetOneOf(path.child('fsGroupChangePolicy'), context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']);
  validateSeccomp(context.seccompProfile, path.child('seccompProfile'), errors);
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors);
  errors.ifSetOneOf(path.child('supplementalGroupsPolicy'), context.supplementalGroupsPolicy, ['Merge', 'Strict']);
  errors.ifSetOneOf(path.child('seLinuxChangePolicy'), context.seLinuxChangePolicy, ['MountOption', 'Recursive']);
}

function validateIds<T extends object>(
  context: T,
  fields: readonly (keyof T & string)[],
  path: FieldPath,
  errors: FieldErrors,
): void {
  for (const field of fields) {
    const id = context[field] as number | undefined;
    if (id !== undefined) {
      errors.invalidEach(path.child(field), id, isUnixId(id));
    }
  }
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_FORMAT = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;

/** Settings of the host where the pod shares its namespace. */
const NETWORK_SYSCTLS = ['net.'];
const IPC_SYSCTLS = ['kernel.shm', 'kernel.msg', 'fs.mqueue.'];

/** ValidateSysctls and validateSysctlsHostNamespaces */
function validateSysctls(
  sysctls: NonNullable<PodSecurityContext['sysctls']>,
  { hostNetwork, hostIPC }: PodSpec,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  for (const [i, { name }] of sysctls.entries()) {
    const at = path.index(i).child('name');
    if (!name) {
      errors.required(at);
    } else if (name.length > 253 || !new RegExp(SYSCTL_FORMAT).test(name)) {
      errors.invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL_FORMAT}`);
    } else if (seen.has(name)) {
      errors.duplicate(at, name);
    }
    const dotted = withDots(name);
    if (hostNetwork && NETWORK_SYSCTLS.some((prefix) => dotted.startsWith(prefix))) {
      errors.invalid(at, name, "may not be specified when 'hostNetwork' is true");
    } else if (hostIPC && (dotted === 'kernel.sem' || IPC_SYSCTLS.some((prefix) => dotted.startsWith(prefix)))) {
      errors.invalid(at, name, "may not be specified when 'hostIPC' is true");
    }
    seen.add(name);
  }
}

/** The name with dots between its parts if slashes stand there. As NormalizeName (pkg/util/sysctl). */
const withDots = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name;

/** validateSeccompProfileField */
function validateSeccomp(profile: SeccompProfile | undefined, path: FieldPath, errors: FieldErrors): void {
  if (profile === undefined) {
    return;
  }
  const { type, localhostProfile } = profile;
  if (!type) {
    errors.required(path.child('type'), 'type is required when seccompProfile is set');
  } else {
    errors.ifSetOneOf(path.child('type'), type, PROFILE_TYPES);
  }
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      const message = 'can only be set when seccomp type is Localhost';
      errors.invalid(path.child('localhostProfile'), { Type: type, LocalhostProfile: localhostProfile }, message);
    }
  } else if (localhostProfile === undefined) {
    errors.required(path.child('localhostProfile'), 'must be set when seccomp type is Localhost');
  } else {
    validateDescendingPath(localhostProfile, path.child('localhostProfile'), errors);
  }
}

const MAX_PATH_BYTES = 4095;

/** ValidateAppArmorProfileField */
function validateAppArmor(profile: AppArmorProfile | undefined, path: FieldPath, errors: FieldErrors): void {
  if (profile === undefined) {
    return;
  }
  const { type, localhostProfile: file } = profile;
  const at = path.child('localhostProfile');
  if (!type) {
    errors.required(path.child('type'), 'type is required when appArmorProfile is set');
  } else if (!PROFILE_TYPES.includes(type)) {
    errors.notSupported(path.child('type'), type, PROFILE_TYPES);
  } else if (type !== 'Localhost') {
    if (file !== undefined) {
      errors.invalid(at, file, 'can only be set when AppArmor type is Localhost');
    }
  } else if (file === undefined || file === '') {
    errors.required(at, 'must be set when AppArmor type is Localhost');
  } else {
    if (file !== file.trim()) {
      errors.invalid(at, file, 'must not be padded with whitespace');
    }
    if (file.length > MAX_PATH_BYTES) {
      errors.tooLong(at, MAX_PATH_BYTES);
    }
  }
}

/** validateWindowsSecurityContextOptions, without the rules for names of Windows users */
function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (options?.gmsaCredentialSpecName !== undefined) {
    const name = options.gmsaCredentialSpecName;
    errors.invalidEach(path.child('gmsaCredentialSpecName'), name, isDnsSubdomain(name));
  }
  if (options?.gmsaCredentialSpec === '') {
    errors.invalid(path.child('gmsaCredentialSpec'), '', 'gmsaCredentialSpec cannot be an empty string');
  }
  if (options?.runAsUserName === '') {
    errors.invalid(path.child('runAsUserName'), '', 'runAsUserName cannot be an empty string');
  }
}

/** Containers of a pod with their paths, in the order in which Kubernetes visits them. As VisitContainersWithPath. */
export function* containersOf(
  { initContainers, containers, ephemeralContainers }: PodSpec,
  path: FieldPath,
): Iterable<readonly [NonNullable<PodSpec['containers']>[number], FieldPath]> {
  for (const [field, list] of Object.entries({ initContainers, containers, ephemeralContainers })) {
    for (const [i, container] of (list ?? []).entries()) {
      yield [container, path.child(field).index(i)];
    }
  }
}

/** validateHostUsers */
export function validateHostUsers(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  if (spec.hostUsers !== false) {
    return;
  }
  const why = 'when `hostUsers` is false';
  if (spec.hostNetwork) {
    errors.forbidden(path.child('hostNetwork'), why);
  }
  if (spec.hostPID) {
    errors.forbidden(path.child('HostPID'), why);
  }
  if (spec.hostIPC) {
    errors.forbidden(path.child('HostIPC'), why);
  }
  for (const [container, at] of containersOf(spec, path)) {
    if (container.volumeDevices?.length) {
      errors.forbidden(at.child('volumeDevices'), why);
    }
  }
}

const LINUX_ONLY_OF_POD = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;

const LINUX_ONLY_OF_SPEC = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;

const LINUX_ONLY_OF_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** validateOS, validateLinux and validateWindows */
export function validateOperatingSystem(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  const name = spec.os?.name;
  if (spec.os === undefined) {
    return;
  }
  if (!name) {
    errors.required(path.child('os', 'name'));
  } else if (name === 'linux') {
    const message = 'windows options cannot be set for a linux pod';
    if (spec.securityContext?.windowsOptions) {
      errors.forbidden(path.child('securityContext', 'windowsOptions'), message);
    }
    for (const [{ securityContext }, at] of containersOf(spec, path)) {
      if (securityContext?.windowsOptions) {
        errors.forbidden(at.child('securityContext', 'windowsOptions'), message);
      }
    }
  } else if (name === 'windows') {
    validateWindows(spec, path, errors);
  } else {
    errors.notSupported(path.child('os'), name, ['linux', 'windows']);
  }
}

function validateWindows(spec: PodSpec, path: FieldPath, errors: FieldErrors): void {
  const message = 'cannot be set for a windows pod';
  const isSet = (value: unknown): boolean => value !== undefined && value !== false;
  for (const field of LINUX_ONLY_OF_POD) {
    if (spec.securityContext?.[field] !== undefined) {
      errors.forbidden(path.child('securityContext', field), message);
    }
  }
  for (const field of LINUX_ONLY_OF_SPEC) {
    if (field === 'hostUsers' || field === 'shareProcessNamespace' ? spec[field] !== undefined : isSet(spec[field])) {
      errors.forbidden(path.child(field), message);
    }
  }
  for (const [{ securityContext }, at] of containersOf(spec, path)) {
    for (const field of LINUX_ONLY_OF_CONTAINER) {
      if (securityContext?.[field] !== undefined) {
        errors.forbidden(at.child('securityContext', field), message);
      }
    }
  }
}
