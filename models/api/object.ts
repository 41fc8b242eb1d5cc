import type { ObjectKey } from '../../engine/store/store.js';
import { type Kinds, type ObjectMeta, type OwnerReference, SERVED_KINDS } from './generated/types.js';

export type Kind = keyof Kinds;

/** Any object the API serves. */
export type KubeObject = Kinds[Kind];

/** What every object has, whatever its kind. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** "namespace/name"; "name" for cluster-scoped objects. As cache.MetaNamespaceKeyFunc (k8s.io/client-go tools/cache). */
export const keyOf = (object: { readonly metadata: ObjectMeta }): ObjectKey =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name;

export const keyFor = (namespace: string | undefined, name: string): ObjectKey =>
  namespace ? `${namespace}/${name}` : name;

export function splitKey(key: ObjectKey): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export const isKind = (name: string): name is Kind => Object.hasOwn(SERVED_KINDS, name);

/** The owner reference with controller=true, as metav1.GetControllerOf. */
export function controllerOf(object: { readonly metadata: ObjectMeta }): OwnerReference | undefined {
  for (const owner of object.metadata.ownerReferences ?? []) {
    if (owner.controller === true) {
      return owner;
    }
  }
  return undefined;
}
