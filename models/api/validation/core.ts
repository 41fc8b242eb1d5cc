import { isSameValue } from '../equality.js';
import type { ConfigMap, Namespace, Node, Secret, ServiceAccount } from '../generated/types.js';
import { type FieldErrors, FieldPath } from './field-errors.js';
import { cidrProblem } from './ip.js';
import { METADATA, validateLabelName, validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isConfigKey, isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from './names.js';
import { byName, validateResourceQuantity } from './resources.js';
import { validateTaintEffect } from './scheduling.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

const NAMESPACED = { isNamespaced: true, name: isDnsSubdomain };
const CLUSTER_WIDE = { isNamespaced: false, name: isDnsSubdomain };

export function validateNode(node: Node, errors: FieldErrors): void {
  validateObjectMeta(node.metadata, CLUSTER_WIDE, errors);
  validateTaints(node, errors);
  validateNodeResources(node, errors);
  const path = FieldPath.of('spec', 'podCIDRs');
  const networks = node.spec?.podCIDRs ?? [];
  for (const [i, network] of networks.entries()) {
    errors.invalidEach(path.index(i), network, cidrProblem(network));
  }
  const families = new Set(networks.map((network) => network.includes(':')));
  if (networks.length > 1 && (families.size < 2 || networks.length > 2)) {
    errors.invalid(path, networks, 'may specify no more than one CIDR for each IP family');
  }
}

/** validateNodeTaints; the path is Kubernetes' own. */
function validateTaints({ spec }: Node, errors: FieldErrors): void {
  const seen = new Set<string>();
  for (const [i, { key, value = '', effect, timeAdded }] of (spec?.taints ?? []).entries()) {
    const path = METADATA.child('taints').index(i);
    validateLabelName(key, path.child('key'), errors);
    const problems = isLabelValue(value);
    if (problems.length > 0) {
      errors.invalid(path.child('value'), value, problems.join(';'));
    }
    validateTaintEffect(effect, path.child('effect'), errors);
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
      errors.duplicate(path, shown, 'taints must be unique by key and effect pair');
    }
    seen.add(pair);
  }
}

function validateNodeResources({ status }: Node, errors: FieldErrors): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [name, quantity] of byName(status?.[field])) {
      validateResourceQuantity(name, quantity, FieldPath.of('status', field, name), errors);
    }
  }
}

function validateAddresses({ status }: Node, errors: FieldErrors): void {
  const seen = new Set<string>();
  for (const [i, { type, address }] of (status?.addresses ?? []).entries()) {
    if (seen.has(`${type} ${address}`)) {
      errors.duplicate(FieldPath.of('status', 'addresses').index(i), { Type: type, Address: address });
    }
    seen.add(`${type} ${address}`);
  }
}

export function validateNodeUpdate(node: Node, before: Node, errors: FieldErrors): void {
  validateObjectMetaUpdate(node.metadata, errors);
  validateNodeResources(node, errors);
  validateAddresses(node, errors);
  const [spec, old] = [node.spec ?? {}, before.spec ?? {}];
  const firstOnly = (field: string): string => `node updates may not change ${field} except from "" to valid`;
  if (old.podCIDRs?.length && !isSameValue(spec.podCIDRs, old.podCIDRs)) {
    errors.forbidden(FieldPath.of('spec', 'podCIDRs'), firstOnly('podCIDR'));
  }
  if (old.providerID && spec.providerID !== old.providerID) {
    errors.forbidden(FieldPath.of('spec', 'providerID'), firstOnly('providerID'));
  }
  validateTaints(node, errors);
}

export function validateNamespace({ metadata, spec }: Namespace, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: false, name: isDnsLabel }, errors);
  const path = FieldPath.of('spec', 'finalizers');
  for (const finalizer of spec?.finalizers ?? []) {
    errors.invalidEach(path, finalizer, isQualifiedName(finalizer));
    if (!finalizer.includes('/') && !['kubernetes', 'orphan', 'foregroundDeletion'].includes(finalizer)) {
      errors.invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
    }
  }
}

export const validateServiceAccount = ({ metadata }: ServiceAccount, errors: FieldErrors): void =>
  validateObjectMeta(metadata, NAMESPACED, errors);

const MAX_DATA_BYTES = 1024 * 1024;

export function validateConfigMap({ metadata, data = {}, binaryData = {} }: ConfigMap, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMESPACED, errors);
  validateKeys(data, 'data', errors);
  for (const key of Object.keys(data).sort()) {
    if (binaryData[key] !== undefined) {
      errors.invalid(FieldPath.of('data').key(key), key, 'duplicate of key present in binaryData');
    }
  }
  validateKeys(binaryData, 'binaryData', errors);
  const size = Object.values(data).join('').length + bytesOf(Object.values(binaryData));
  if (size > MAX_DATA_BYTES) {
    errors.tooLong(FieldPath.of(''), MAX_DATA_BYTES);
  }
}

function validateKeys(data: Readonly<Record<string, string>>, field: string, errors: FieldErrors): void {
  for (const key of Object.keys(data).sort()) {
    errors.invalidEach(FieldPath.of(field).key(key), key, isConfigKey(key));
  }
}

/** What texts in base64 come to. */
const bytesOf = (values: readonly string[]): number =>
  values.reduce((sum, value) => sum + Math.floor((value.replace(/=+$/, '').length * 3) / 4), 0);

const WHEN_IMMUTABLE = 'field is immutable when `immutable` is set';

/** ConfigMaps and Secrets that were frozen. */
function validateFrozen<T extends { readonly immutable?: boolean | undefined }>(
  object: T,
  before: T,
  fields: readonly (keyof T & string)[],
  errors: FieldErrors,
): void {
  if (!before.immutable) {
    return;
  }
  if (!object.immutable) {
    errors.forbidden(FieldPath.of('immutable'), WHEN_IMMUTABLE);
  }
  for (const field of fields) {
    if (!isSameValue(object[field], before[field])) {
      errors.forbidden(FieldPath.of(field), WHEN_IMMUTABLE);
    }
  }
}

export function validateConfigMapUpdate(map: ConfigMap, before: ConfigMap, errors: FieldErrors): void {
  validateObjectMetaUpdate(map.metadata, errors);
  validateFrozen(map, before, ['data', 'binaryData'], errors);
  validateConfigMap(map, errors);
}

const SSH_AUTH = 'kubernetes.io/ssh-auth';
/** Data that Secrets of a type must have; one of basic-auth's is enough. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/basic-auth': ['username', 'password'],
  [SSH_AUTH]: ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

/** ValidateSecret, without the content of Docker configurations */
export function validateSecret({ metadata, type = '', data = {}, stringData }: Secret, errors: FieldErrors): void {
  validateObjectMeta(metadata, NAMESPACED, errors);
  const all = { ...data, ...stringData };
  validateKeys(all, 'data', errors);
  if (bytesOf(Object.values(data)) + Object.values(stringData ?? {}).join('').length > MAX_DATA_BYTES) {
    errors.tooLong(FieldPath.of('data'), MAX_DATA_BYTES);
  }
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[ACCOUNT_ANNOTATION]) {
    errors.required(METADATA.child('annotations').key(ACCOUNT_ANNOTATION));
  }
  const isMissing = (key: string): boolean => (type === SSH_AUTH ? !all[key] : all[key] === undefined);
  const missing = (SECRET_KEYS[type] ?? []).filter(isMissing);
  const isEnough = type === 'kubernetes.io/basic-auth' && missing.length < 2;
  for (const key of isEnough ? [] : missing) {
    errors.required(FieldPath.of('data').key(key));
  }
}

export function validateSecretUpdate(secret: Secret, before: Secret, errors: FieldErrors): void {
  validateObjectMetaUpdate(secret.metadata, errors);
  if (secret.type !== before.type) {
    errors.invalid(FieldPath.of('type'), secret.type ?? '', 'field is immutable');
  }
  validateFrozen(secret, before, ['data'], errors);
  validateSecret(secret, errors);
}
