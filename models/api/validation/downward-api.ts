import type { ObjectFieldSelector, ResourceFieldSelector } from '../generated/types.js';
import { compareQuantities } from '../quantity.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { isQualifiedName } from './names.js';
import { shownQuantity } from './resources.js';

// k8s 1.37 pkg/apis/core/validation/validation.go and pkg/apis/core/pods/helpers.go: what containers can learn of their pod

export const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const FILE_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** ConvertDownwardAPIFieldLabel: fields that exist, whether or not they can be used */
const CONVERTIBLE = new Set([
  ...ENV_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

/** validateObjectFieldSelector */
export function validateFieldReference(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  fields: readonly string[],
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (!apiVersion) {
    errors.required(path.child('apiVersion'));
    return;
  }
  if (!fieldPath) {
    errors.required(path.child('fieldPath'));
    return;
  }
  const subscripted = /^([^[]+)\['([^[]*)'\]$/.exec(fieldPath);
  const refuse = (why: string): void =>
    errors.invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${why}`);
  if (apiVersion !== 'v1') {
    refuse(`unsupported pod version: ${apiVersion}`);
  } else if (subscripted) {
    const [, field, key] = subscripted as unknown as [string, string, string];
    if (field === 'metadata.annotations' || field === 'metadata.labels') {
      const name = field === 'metadata.annotations' ? key.toLowerCase() : key;
      errors.invalidEach(path, name, isQualifiedName(name));
    } else {
      refuse(`field label does not support subscript: ${fieldPath}`);
    }
  } else {
    const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
    if (!CONVERTIBLE.has(field)) {
      refuse(`field label not supported: ${fieldPath}`);
    } else if (!fields.includes(field)) {
      errors.notSupported(path.child('fieldPath'), field, fields);
    }
  }
}

const RESOURCES = ['limits', 'requests'].flatMap((list) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${list}.${name}`),
);
const CPU_DIVISORS = ['1m', '1'];
const BYTE_DIVISORS = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

/** validateContainerResourceFieldSelector; files must say whose resource they tell. */
export function validateResourceReference(
  { containerName, resource, divisor }: ResourceFieldSelector,
  isFile: boolean,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource ?? '');
  if (isFile && !containerName) {
    errors.required(path.child('containerName'));
  } else if (!resource) {
    errors.required(path.child('resource'));
  } else if (!RESOURCES.includes(resource) && !isHugePages) {
    errors.notSupported(path.child('resource'), resource, RESOURCES);
  }
  if (divisor === undefined || compareQuantities(divisor, '0') === 0) {
    return;
  }
  const shown = shownQuantity(divisor);
  const at = path.child('divisor');
  if (resource?.endsWith('.cpu')) {
    if (!CPU_DIVISORS.includes(shown)) {
      errors.invalid(at, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
    }
  } else if (isHugePages || RESOURCES.includes(resource ?? '')) {
    const what = isHugePages ? 'hugepages' : resource?.endsWith('.memory') ? 'memory' : 'local ephemeral storage';
    if (!BYTE_DIVISORS.split(', ').includes(shown)) {
      errors.invalid(at, resource, `only divisor's values ${BYTE_DIVISORS} are supported with the ${what} resource`);
    }
  }
}
