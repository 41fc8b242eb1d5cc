import { entityKey, type Micros } from '../../../engine/index.js';
import { defaultPod } from '../../api/defaults/index.js';
import type { Node, Pod } from '../../api/index.js';

// k8s 1.37 pkg/kubelet/types/pod_update.go
const CONFIG_SOURCE = 'kubernetes.io/config.source';
const CONFIG_HASH = 'kubernetes.io/config.hash';
const CONFIG_SEEN = 'kubernetes.io/config.seen';
const CONFIG_MIRROR = 'kubernetes.io/config.mirror';

/**
 * A manifest of the node's own as its kubelet runs it. As applyDefaults (k8s 1.37 pkg/kubelet/config/common.go): its name ends in
 * the node's, and no NoExecute taint moves it. Its uid is made of what it is, so it is the same after a restart; the real one is
 * an MD5 sum.
 */
export function staticPod(manifest: Pod, nodeName: string, seenAt: Micros): Pod {
  const filled = defaultPod(manifest);
  const { metadata, spec } = filled;
  const text = `${nodeName}/${JSON.stringify(manifest)}`;
  const uid = [0, 1, 2]
    .map((part) => entityKey(`${part}/${text}`).toString(16).padStart(14, '0'))
    .join('')
    .slice(0, 32);
  return {
    ...filled,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace ?? 'default',
      uid,
      annotations: {
        ...metadata.annotations,
        [CONFIG_HASH]: uid,
        [CONFIG_SEEN]: String(seenAt),
        [CONFIG_SOURCE]: 'file',
      },
    },
    spec: {
      ...spec,
      nodeName,
      tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Pending' },
  };
}

/** What the API is to show of a static pod. As CreateMirrorPod (k8s 1.37 pkg/kubelet/pod/mirror_client.go). */
export function mirrorOf({ metadata, spec }: Pod, node: Node): Pod {
  const { annotations = {}, labels, name, namespace } = metadata;
  const hash = annotations[CONFIG_HASH] ?? '';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      ...(labels && { labels }),
      annotations: { ...annotations, [CONFIG_MIRROR]: hash },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Node',
          name: node.metadata.name,
          uid: node.metadata.uid as string,
          controller: true,
        },
      ],
    },
    spec,
  };
}

/** Whether the API shows this version of the static pod (IsMirrorPodOf). */
export const isMirrorOf = (mirror: Pod, pod: Pod): boolean =>
  mirror.metadata.annotations?.[CONFIG_MIRROR] === pod.metadata.annotations?.[CONFIG_HASH];
