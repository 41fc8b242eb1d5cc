import { type EphemeralContainer, isMirrorPod, type Pod } from '../api/index.js';
import type { Reply } from '../client-go/index.js';
import { forbidden, invalid } from './errors.js';
import type { KindHooks } from './hooks.js';
import type { Registry } from './registry.js';

/** PATCH pods/…/ephemeralcontainers: k8s 1.37 pkg/registry/core/pod podEphemeralContainersStrategy; one more, the others stay. */
export function addEphemeralContainer(
  registry: Registry,
  pod: Pod,
  container: EphemeralContainer,
  hooks: KindHooks<Pod> | undefined,
): Reply<Pod> {
  if (isMirrorPod(pod)) {
    return forbidden('Pod', pod.metadata.name, 'static pods do not support ephemeral containers');
  }
  const { generation } = pod.metadata;
  const ephemeralContainers = [...(pod.spec.ephemeralContainers ?? []), container];
  const sent: Pod = {
    ...pod,
    metadata: { ...pod.metadata, ...(generation !== undefined && { generation: generation + 1 }) },
    spec: { ...pod.spec, ephemeralContainers },
  };
  const next = hooks?.applyDefaults?.(sent) ?? sent;
  // Compared with itself: what may change is decided here, what must hold of the whole pod there.
  const causes = hooks?.validateUpdate?.(next, next) ?? [];
  return causes.length > 0
    ? invalid('Pod', pod.metadata.name, causes)
    : { ok: true, object: registry.replace('Pod', pod, next) };
}
