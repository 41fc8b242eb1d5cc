import { wholeSecond } from '../../engine/index.js';
import type { Kind, Namespace } from '../api/index.js';
import type { Reply } from '../client-go/index.js';
import { isRemovedByUpdate } from './deletion.js';
import { type Failure, forbidden, notFound } from './errors.js';
import type { Registry } from './registry.js';

/** Namespaces the API server itself makes: pkg/controlplane/controller/systemnamespaces. */
export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** k8s.io/apiserver pkg/admission/plugin/namespace/lifecycle; immortal by pkg/kubeapiserver/options/plugins.go. */
const IMMORTAL_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public'];

/** NamespaceLifecycle: why nothing can be created in this namespace; undefined when it can. */
export function namespaceObstacle(
  kind: Kind,
  name: string,
  namespace: string,
  found: Namespace | undefined,
): Failure | undefined {
  if (found === undefined) {
    return notFound('Namespace', namespace);
  }
  if (found.status?.phase !== 'Terminating') {
    return undefined;
  }
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return forbidden(kind, name, why, [
    {
      reason: 'NamespaceTerminating',
      field: 'metadata.namespace',
      message: `namespace ${namespace} is being terminated`,
    },
  ]);
}

/**
 * pkg/registry/core/namespace/storage/storage.go Delete: marks the namespace and sets its phase; it goes when the namespace controller
 * has taken off the last of spec.finalizers.
 */
export function deleteNamespace(registry: Registry, namespace: Namespace): Reply<Namespace> {
  const { metadata, spec, status } = namespace;
  if (IMMORTAL_NAMESPACES.includes(metadata.name)) {
    return forbidden('Namespace', metadata.name, 'this namespace may not be deleted');
  }
  if (metadata.deletionTimestamp === undefined) {
    const marked = registry.replace('Namespace', namespace, {
      ...namespace,
      metadata: { ...metadata, deletionTimestamp: wholeSecond(registry.now) },
      status: { ...status, phase: 'Terminating' },
    });
    return { ok: true, object: marked };
  }
  return spec?.finalizers?.length || metadata.finalizers?.length
    ? { ok: true, object: namespace }
    : registry.remove('Namespace', metadata.name, namespace);
}

/** pkg/registry/core/namespace/strategy.go namespaceFinalizeStrategy: spec.finalizers alone change; without any the namespace goes. */
export function finalizeNamespace(registry: Registry, before: Namespace, changed: Namespace): Reply<Namespace> {
  const next: Namespace = { ...before, spec: { ...before.spec, finalizers: changed.spec.finalizers } };
  return isRemovedByUpdate(before.metadata, next.metadata) && !isNamespaceHeld(next)
    ? registry.remove('Namespace', before.metadata.name, before)
    : { ok: true, object: registry.replace('Namespace', before, next) };
}

/** pkg/registry/core/namespace/strategy.go PrepareForUpdate. */
export const withStandingFinalizers = (wanted: Namespace, before: Namespace): Namespace =>
  wanted.spec === before.spec ? wanted : { ...wanted, spec: { ...wanted.spec, finalizers: before.spec.finalizers } };

/** Whether it is a namespace that waits for a finalizer of its spec. As ShouldDeleteNamespaceDuringUpdate. */
export const isNamespaceHeld = (object: { readonly kind: string; readonly spec?: unknown }): boolean =>
  object.kind === 'Namespace' && Boolean((object as Partial<Namespace>).spec?.finalizers?.length);
