import type { Container, Volume, VolumeMount } from '../generated/types.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { hasBacksteps, validateDescendingPath } from './paths.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

/** ValidateVolumeMounts; some paths lack the index, as they do there. */
export function validateVolumeMounts(
  { volumeMounts = [], volumeDevices = [], securityContext }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  for (const [i, mount] of volumeMounts.entries()) {
    const at = path.index(i);
    const { name, mountPath = '', subPath, subPathExpr } = mount;
    if (!name) {
      errors.required(at.child('name'));
    }
    if (!volumes.has(name)) {
      errors.notFound(at.child('name'), name ?? '');
    }
    if (mountPath === '') {
      errors.required(at.child('mountPath'));
    }
    if (seen.has(mountPath)) {
      errors.invalid(at.child('mountPath'), mountPath, 'must be unique');
    }
    seen.add(mountPath);
    if (volumeDevices.some((device) => device.name === name)) {
      errors.invalid(at.child('name'), name, 'must not already exist in volumeDevices');
    }
    if (volumeDevices.some((device) => device.devicePath === mountPath)) {
      errors.invalid(at.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices');
    }
    if (subPath) {
      validateDescendingPath(subPath, path.child('subPath'), errors);
    }
    if (subPathExpr) {
      if (subPath) {
        errors.invalid(at.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive');
      }
      validateDescendingPath(subPathExpr, path.child('subPathExpr'), errors);
    }
    validatePropagation(mount, securityContext?.privileged === true, path.child('mountPropagation'), errors);
    validateRecursion(mount, path.child('recursiveReadOnly'), errors);
  }
}

function validatePropagation(
  { mountPropagation }: VolumeMount,
  isPrivileged: boolean,
  path: FieldPath,
  errors: FieldErrors,
): void {
  errors.ifSetOneOf(path, mountPropagation, ['Bidirectional', 'HostToContainer', 'None']);
  if (mountPropagation === 'Bidirectional' && !isPrivileged) {
    errors.forbidden(path, 'Bidirectional mount propagation is available only to privileged containers');
  }
}

/** validateMountRecursiveReadOnly */
function validateRecursion(mount: VolumeMount, path: FieldPath, errors: FieldErrors): void {
  const { recursiveReadOnly, readOnly, mountPropagation = 'None' } = mount;
  errors.ifSetOneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') {
    return;
  }
  if (!readOnly) {
    errors.forbidden(path, 'may only be specified when readOnly is true');
  }
  if (mountPropagation !== 'None') {
    errors.forbidden(path, 'may only be specified when mountPropagation is None or not specified');
  }
}

/** ValidateVolumeDevices */
export function validateVolumeDevices(
  { volumeMounts = [], volumeDevices = [] }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [i, { name, devicePath = '' }] of volumeDevices.entries()) {
    const at = path.index(i);
    const volume = volumes.get(name);
    if (!name) {
      errors.required(at.child('name'));
    }
    if (names.has(name)) {
      errors.invalid(at.child('name'), name, 'must be unique');
    }
    if (volume === undefined) {
      errors.notFound(at.child('name'), name ?? '');
    } else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const message = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.invalid(at.child('name'), name, message);
    }
    if (devicePath === '') {
      errors.required(at.child('devicePath'));
    }
    if (paths.has(devicePath)) {
      errors.invalid(at.child('devicePath'), devicePath, 'must be unique');
    }
    if (hasBacksteps(devicePath)) {
      errors.invalid(at.child('devicePath'), devicePath, "can not contain backsteps ('..')");
    } else {
      paths.add(devicePath);
    }
    if (volumeMounts.some((mount) => mount.name === name)) {
      errors.invalid(at.child('name'), name, 'must not already exist in volumeMounts');
    }
    if (volumeMounts.some((mount) => mount.mountPath === devicePath)) {
      errors.invalid(at.child('devicePath'), devicePath, 'must not already exist as a path in volumeMounts');
    }
    names.add(name);
  }
}
