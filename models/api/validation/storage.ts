import { isSameValue } from '../equality.js';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Quantity,
  StorageClass,
} from '../generated/types.js';
import { compareQuantities } from '../quantity.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import {
  METADATA,
  validateImmutable,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './meta.js';
import { isDnsLabel, isDnsSubdomain, isQualifiedName } from './names.js';
import { byName, shownQuantity, validateResourceQuantity } from './resources.js';
import { validateNodeSelector } from './scheduling.js';

// k8s 1.37 pkg/apis/core/validation/validation.go and pkg/apis/storage/validation/validation.go

const SPEC = FieldPath.of('spec');
const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const STORAGE_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export function validateClaim({ metadata, spec }: PersistentVolumeClaim, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validateClaimSpec(spec ?? {}, SPEC, errors);
}

/** ValidatePersistentVolumeClaimSpec */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath, errors: FieldErrors): void {
  const { accessModes = [], selector, dataSource, dataSourceRef, storageClassName } = spec;
  if (accessModes.length === 0) {
    errors.required(path.child('accessModes'), 'at least 1 access mode is required');
  }
  validateLabelSelector(selector, path.child('selector'), errors);
  validateAccessModes(accessModes, path.child('accessModes'), errors);
  const size = spec.resources?.requests?.storage;
  const sizePath = path.child('resources').key('storage');
  if (size === undefined) {
    errors.required(sizePath);
  } else if (isPositive(size, sizePath, errors)) {
    validateResourceQuantity('storage', size, sizePath, errors);
  }
  if (storageClassName) {
    errors.invalidEach(path.child('storageClassName'), storageClassName, isDnsSubdomain(storageClassName));
  }
  errors.ifSetOneOf(path.child('volumeMode'), spec.volumeMode, VOLUME_MODES);
  validateDataSource(dataSource, path.child('dataSource'), errors);
  validateDataSource(dataSourceRef, path.child('dataSourceRef'), errors);
  const namespace = dataSourceRef?.namespace;
  if (namespace) {
    errors.invalidEach(path.child('dataSourceRef', 'namespace'), namespace, isDnsLabel(namespace));
  }
  const isSame = (['apiGroup', 'kind', 'name'] as const).every(
    (field) => dataSource?.[field] === dataSourceRef?.[field],
  );
  if (dataSource && dataSourceRef && (namespace || !isSame)) {
    const message = namespace
      ? 'may not be specified when dataSourceRef.namespace is specified'
      : 'must match dataSourceRef';
    errors.invalid(path, String(path.child('dataSource')), message);
  }
  const attributes = spec.volumeAttributesClassName;
  if (attributes) {
    errors.invalidEach(path.child('volumeAttributesClassName'), attributes, isDnsSubdomain(attributes));
  }
}

function validateAccessModes(modes: readonly string[], path: FieldPath, errors: FieldErrors): void {
  for (const mode of modes) {
    errors.ifSetOneOf(path, mode, ACCESS_MODES);
  }
  const isSole = (mode: string): boolean => mode === 'ReadWriteOncePod';
  if (modes.some(isSole) && modes.some((mode) => !isSole(mode) && ACCESS_MODES.includes(mode))) {
    errors.forbidden(path, 'may not use ReadWriteOncePod with other access modes');
  }
}

/** ValidatePositiveQuantityValue */
function isPositive(quantity: Quantity, path: FieldPath, errors: FieldErrors): boolean {
  const passed = compareQuantities(quantity, '0') > 0;
  if (!passed) {
    errors.invalid(path, shownQuantity(quantity), 'must be greater than zero');
  }
  return passed;
}

function validateDataSource(
  source: PersistentVolumeClaimSpec['dataSource'],
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (source === undefined) {
    return;
  }
  for (const field of ['name', 'kind'] as const) {
    if (!source[field]) {
      errors.required(path.child(field));
    }
  }
  if (source.apiGroup) {
    errors.invalidEach(path.child('apiGroup'), source.apiGroup, isDnsSubdomain(source.apiGroup));
  } else if (source.kind !== 'PersistentVolumeClaim') {
    errors.invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  }
}

/** ValidatePersistentVolumeClaimUpdate; the message about other fields does not show them. */
export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  before: PersistentVolumeClaim,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(claim.metadata, errors);
  validateClaim(claim, errors);
  const [spec, old] = [claim.spec ?? {}, before.spec ?? {}];
  const annotation = claim.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const oldAnnotation = before.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const isMovedFromAnnotation =
    oldAnnotation !== undefined &&
    old.storageClassName === undefined &&
    spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation);
  const isFirstClass =
    spec.storageClassName !== undefined &&
    old.storageClassName === undefined &&
    (oldAnnotation === undefined || oldAnnotation === spec.storageClassName);
  if (!isMovedFromAnnotation && (annotation ?? '') !== (oldAnnotation ?? '')) {
    const path = METADATA.child('annotations', STORAGE_CLASS_ANNOTATION);
    errors.invalid(path, annotation ?? '', 'field is immutable');
  }
  const isBound = claim.status?.phase === 'Bound';
  const [size, oldSize] = [spec.resources?.requests?.storage ?? '0', old.resources?.requests?.storage ?? '0'];
  const masked: PersistentVolumeClaimSpec = {
    ...spec,
    volumeName: old.volumeName ? spec.volumeName : old.volumeName,
    ...((isMovedFromAnnotation || isFirstClass) && { storageClassName: old.storageClassName }),
    ...(isBound &&
      spec.resources?.requests && {
        resources: { ...spec.resources, requests: { ...spec.resources.requests, storage: oldSize } },
      }),
    ...(isBound &&
      spec.volumeAttributesClassName !== undefined && { volumeAttributesClassName: old.volumeAttributesClassName }),
  };
  if (!isSameValue(masked, old)) {
    const allowed = 'resources.requests and volumeAttributesClassName for bound claims';
    errors.forbidden(SPEC, `spec is immutable after creation except ${allowed}`);
  }
  if (compareQuantities(size, oldSize) < 0 && compareQuantities(size, before.status?.capacity?.storage ?? '0') <= 0) {
    const path = SPEC.child('resources', 'requests', 'storage');
    errors.forbidden(path, 'field can not be less than status.capacity');
  }
  validateImmutable(spec.volumeMode, old.volumeMode, FieldPath.of('volumeMode'), errors);
  const attributes = spec.volumeAttributesClassName;
  if (old.volumeAttributesClassName !== undefined && !attributes) {
    const [from, to] = ['update from non-nil value to', attributes === undefined ? 'nil' : 'an empty string'];
    errors.forbidden(SPEC.child('volumeAttributesClassName'), `${from} ${to} is forbidden`);
  }
}

/** Sources of volumes that the simulation knows; of any other kind there must be at least one. */
const VOLUME_SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const;

/** ValidatePersistentVolume, without what only one source asks for */
export function validateVolume({ metadata, spec }: PersistentVolume, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: false, name: isDnsSubdomain }, errors);
  const { accessModes = [], capacity = {}, nodeAffinity, storageClassName } = spec ?? {};
  if (accessModes.length === 0) {
    errors.required(SPEC.child('accessModes'));
  }
  validateAccessModes(accessModes, SPEC.child('accessModes'), errors);
  const names = Object.keys(capacity);
  if (names.length === 0) {
    errors.required(SPEC.child('capacity'));
  }
  if (names.length !== 1 || names[0] !== 'storage') {
    errors.notSupported(SPEC.child('capacity'), Object.fromEntries(byName(capacity)), ['storage']);
  }
  for (const [name, quantity] of byName(capacity)) {
    isPositive(quantity, SPEC.child('capacity').key(name), errors);
  }
  const reclaimPolicy = spec?.persistentVolumeReclaimPolicy || undefined;
  errors.ifSetOneOf(SPEC.child('persistentVolumeReclaimPolicy'), reclaimPolicy, ['Delete', 'Recycle', 'Retain']);
  if (nodeAffinity?.required) {
    validateNodeSelector(nodeAffinity.required, SPEC.child('nodeAffinity', 'required'), errors);
  } else if (nodeAffinity) {
    errors.required(SPEC.child('nodeAffinity', 'required'), 'must specify required node constraints');
  }
  validateVolumeSource(spec ?? {}, errors);
  if (storageClassName) {
    errors.invalidEach(SPEC.child('storageClassName'), storageClassName, isDnsSubdomain(storageClassName));
  }
  errors.ifSetOneOf(SPEC.child('volumeMode'), spec?.volumeMode, VOLUME_MODES);
}

function validateVolumeSource(spec: PersistentVolumeSpec, errors: FieldErrors): void {
  const [first, ...others] = VOLUME_SOURCES.filter((source) => spec[source] !== undefined);
  if (first === undefined) {
    errors.required(SPEC, 'must specify a volume type');
  }
  if (spec.local && !spec.nodeAffinity) {
    errors.required(SPEC.child('nodeAffinity'), 'Local volume requires node affinity');
  }
  for (const other of others) {
    errors.forbidden(SPEC.child(other), 'may not specify more than 1 volume type');
  }
}

export function validateVolumeUpdate(volume: PersistentVolume, before: PersistentVolume, errors: FieldErrors): void {
  validateVolume(volume, errors);
  const [spec, old] = [volume.spec ?? {}, before.spec ?? {}];
  if (VOLUME_SOURCES.some((source) => !isSameValue(spec[source], old[source]))) {
    const message = 'spec.persistentvolumesource is immutable after creation';
    errors.forbidden(SPEC.child('persistentvolumesource'), message);
  }
  validateImmutable(spec.volumeMode, old.volumeMode, FieldPath.of('volumeMode'), errors);
}

/** ValidateStorageClass */
export function validateStorageClass(storageClass: StorageClass, errors: FieldErrors): void {
  validateObjectMeta(storageClass.metadata, { isNamespaced: false, name: isDnsSubdomain }, errors);
  const { provisioner, reclaimPolicy, volumeBindingMode } = storageClass;
  const path = FieldPath.of('provisioner');
  if (!provisioner) {
    errors.required(path);
  } else {
    errors.invalidEach(path, provisioner, isQualifiedName(provisioner.toLowerCase()));
  }
  errors.ifSetOneOf(FieldPath.of('reclaimPolicy'), reclaimPolicy, ['Delete', 'Retain']);
  errors.oneOf(FieldPath.of('volumeBindingMode'), volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
}

export function validateStorageClassUpdate(
  storageClass: StorageClass,
  before: StorageClass,
  errors: FieldErrors,
): void {
  validateObjectMetaUpdate(storageClass.metadata, errors);
  const isChanged = (field: 'parameters' | 'provisioner'): boolean => !isSameValue(storageClass[field], before[field]);
  for (const field of ['parameters', 'provisioner'] as const) {
    if (isChanged(field)) {
      errors.forbidden(FieldPath.of(field), `updates to ${field} are forbidden.`);
    }
  }
  if (storageClass.reclaimPolicy !== before.reclaimPolicy) {
    errors.forbidden(FieldPath.of('reclaimPolicy'), 'updates to reclaimPolicy are forbidden.');
  }
  const { volumeBindingMode } = storageClass;
  validateImmutable(volumeBindingMode, before.volumeBindingMode, FieldPath.of('volumeBindingMode'), errors);
}
