import { type AnyObject, type Kind, type Namespace, SERVED_KINDS } from '../api/index.js';
import type { DeleteOptions } from '../client-go/index.js';
import { badRequest, conflict, type Failure, internalError, invalid } from './errors.js';
import { namespaceObstacle } from './namespaces.js';
import type { Strategy } from './strategy.js';

/** k8s.io/apiserver pkg/storage/interfaces.go Preconditions.Check. */
export const uidMismatch = (uid: string, { metadata }: AnyObject): string =>
  `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;

/** A POST brings an object that has no version yet, but a name, and a namespace that takes it. */
export function unmetByCreate(
  kind: Kind,
  { metadata }: AnyObject,
  namespaceOf: (name: string) => Namespace | undefined,
): Failure | undefined {
  if (metadata.resourceVersion) {
    return internalError('resourceVersion should not be set on objects to be created');
  }
  if (!metadata.name && !metadata.generateName) {
    const message = 'Required value: name or generateName is required';
    return invalid(kind, '', [{ reason: 'FieldValueRequired', field: 'metadata.name', message }]);
  }
  if (!SERVED_KINDS[kind].namespaced) {
    return undefined;
  }
  return metadata.namespace
    ? namespaceObstacle(kind, metadata.name ?? '', metadata.namespace, namespaceOf(metadata.namespace))
    : badRequest('an empty namespace may not be set during creation');
}

/** A PUT is meant for the object and the version it carries; pkg/registry/generic/registry/store.go Update. */
export function unmetByPut(kind: Kind, before: AnyObject, wanted: AnyObject, strategy: Strategy): Failure | undefined {
  const { name, uid, resourceVersion } = wanted.metadata;
  if (uid && uid !== before.metadata.uid) {
    return conflict(kind, name, uidMismatch(uid, before));
  }
  if (!resourceVersion && !strategy.allowsUnconditionalUpdate) {
    const message = 'Invalid value: 0: must be specified for an update';
    return invalid(kind, name, [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message }]);
  }
  return resourceVersion && resourceVersion !== before.metadata.resourceVersion ? conflict(kind, name) : undefined;
}

/** A patch that names a uid or a resourceVersion is meant for that object and version alone. */
export function unmetByPatch(kind: Kind, before: AnyObject, wanted: AnyObject): Failure | undefined {
  const { name, namespace, uid, resourceVersion } = before.metadata;
  if (wanted.metadata.namespace !== namespace) {
    return badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (wanted.metadata.name !== name) {
    const message = `Invalid value: "${wanted.metadata.name}": field is immutable`;
    return invalid(kind, wanted.metadata.name, [{ reason: 'FieldValueInvalid', field: 'metadata.name', message }]);
  }
  if (wanted.metadata.uid !== uid) {
    const message = `Invalid value: "${wanted.metadata.uid}": field is immutable`;
    return invalid(kind, name, [{ reason: 'FieldValueInvalid', field: 'metadata.uid', message }]);
  }
  return wanted.metadata.resourceVersion === resourceVersion ? undefined : conflict(kind, name);
}

/** k8s.io/apiserver pkg/registry/rest/delete.go BeforeDelete. */
export function unmetByDelete(kind: Kind, { metadata }: AnyObject, options: DeleteOptions): Failure | undefined {
  const { uid, resourceVersion } = options.preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    return conflict(
      kind,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    return conflict(
      kind,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${metadata.resourceVersion}). The object might have been modified`,
    );
  }
  return undefined;
}
