import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
} from '../generated/types.js';
import { FILE_FIELDS, validateFieldReference, validateResourceReference } from './downward-api.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { validateLabelSelector } from './meta.js';
import { validateUnreservedPath } from './paths.js';

// k8s 1.37 pkg/apis/core/validation/validation.go: volumes whose files are made from other objects

interface Files {
  readonly defaultMode?: number | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
}

/** Of a Secret or a ConfigMap. */
export function validateFiles({ defaultMode, items }: Files, path: FieldPath, errors: FieldErrors): void {
  validateMode(defaultMode, path.child('defaultMode'), errors);
  for (const [i, item] of (items ?? []).entries()) {
    validateKeyToPath(item, path.child('items').index(i), errors);
  }
}

function validateKeyToPath({ key, path: file, mode }: KeyToPath, path: FieldPath, errors: FieldErrors): void {
  if (!key) {
    errors.required(path.child('key'));
  }
  if (!file) {
    errors.required(path.child('path'));
  }
  validateUnreservedPath(file ?? '', path.child('path'), errors);
  validateMode(mode, path.child('mode'), errors);
}

function validateMode(mode: number | undefined, path: FieldPath, errors: FieldErrors): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    errors.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
  }
}

/** validateDownwardAPIVolumeFile */
function validateDownwardFile(file: DownwardAPIVolumeFile, path: FieldPath, errors: FieldErrors): void {
  if (!file.path) {
    errors.required(path.child('path'));
  }
  validateUnreservedPath(file.path ?? '', path.child('path'), errors);
  if (file.fieldRef) {
    validateFieldReference(file.fieldRef, FILE_FIELDS, path.child('fieldRef'), errors);
    if (file.resourceFieldRef) {
      errors.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
    }
  } else if (file.resourceFieldRef) {
    validateResourceReference(file.resourceFieldRef, true, path.child('resourceFieldRef'), errors);
  } else {
    errors.required(path, 'one of fieldRef and resourceFieldRef is required');
  }
  validateMode(file.mode, path.child('mode'), errors);
}

/** validateProjectedVolumeSource */
export function validateProjected(
  { defaultMode, sources }: ProjectedVolumeSource,
  path: FieldPath,
  errors: FieldErrors,
): void {
  validateMode(defaultMode, path.child('defaultMode'), errors);
  const files = new Set<string>();
  const use = (file: string | undefined, shown: string): void => {
    if (file && files.has(file)) {
      errors.invalid(path, shown, 'conflicting duplicate paths');
    } else if (file) {
      files.add(file);
    }
  };
  for (const [i, source] of (sources ?? []).entries()) {
    const at = path.child('sources').index(i);
    for (const field of ['secret', 'configMap'] as const) {
      const { name = '', items = [] } = source[field] ?? {};
      if (source[field] && name === '') {
        errors.required(at.child(field, 'name'));
      }
      for (const [j, item] of items.entries()) {
        validateKeyToPath(item, at.child(field, 'items').index(j), errors);
        use(item.path, name);
      }
    }
    for (const file of source.downwardAPI?.items ?? []) {
      validateDownwardFile(file, at.child('downwardAPI'), errors);
      use(file.path, file.path);
    }
    if (source.serviceAccountToken) {
      validateToken(source.serviceAccountToken, path, at.child('serviceAccountToken'), errors);
    }
    if (source.clusterTrustBundle) {
      validateTrustBundle(source.clusterTrustBundle, at.child('clusterTrustBundle'), errors);
      use(source.clusterTrustBundle.path, source.clusterTrustBundle.path);
    }
    if (Object.values(source).filter((part) => part !== undefined).length > 1) {
      errors.forbidden(at, 'may not specify more than 1 volume type per source');
    }
  }
}

function validateToken(
  { expirationSeconds = 3600, path: file }: ServiceAccountTokenProjection,
  volumePath: FieldPath,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const at = path.child('expirationSeconds');
  if (expirationSeconds < 10 * 60) {
    errors.invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes');
  }
  if (expirationSeconds > 2 ** 32) {
    errors.invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
  }
  if (!file) {
    errors.required(volumePath.child('path'));
  } else {
    validateUnreservedPath(file, volumePath.child('path'), errors);
  }
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: FieldPath, errors: FieldErrors): void {
  const { name, signerName, labelSelector, path: file } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.invalid(path, bundle, 'only one of name and signerName may be used');
  } else if (name !== undefined) {
    if (name === '') {
      errors.required(path.child('name'), 'must be a valid object name');
    }
    if (labelSelector) {
      errors.invalid(path.child('labelSelector'), labelSelector, 'labelSelector must be unset if name is specified');
    }
  } else if (signerName !== undefined) {
    if (signerName === '') {
      errors.required(path.child('signerName'), 'must be a valid signer name');
    }
    validateLabelSelector(labelSelector, path.child('labelSelector'), errors);
  } else {
    errors.required(path, 'either name or signerName must be specified');
  }
  if (!file) {
    errors.required(path.child('path'));
  }
  validateUnreservedPath(file ?? '', path.child('path'), errors);
}

export function validateDownwardFiles(source: DownwardAPIVolumeSource, path: FieldPath, errors: FieldErrors): void {
  validateMode(source.defaultMode, path.child('defaultMode'), errors);
  for (const file of source.items ?? []) {
    validateDownwardFile(file, path, errors);
  }
}
