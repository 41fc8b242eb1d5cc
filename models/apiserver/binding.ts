import type { Pod } from '../api/index.js';
import type { Reply } from '../client-go/index.js';
import { podOf } from './copies.js';
import { conflict } from './errors.js';
import { uidMismatch } from './preconditions.js';
import { bindingObstacle, withPodCondition } from './preparation.js';
import type { Registry } from './registry.js';
import { withTopologyLabels } from './topology-labels.js';

/** POST pods/…/binding: k8s 1.37 pkg/registry/core/pod/storage/storage.go assignPod. Does not look whether the node exists. */
export function bind(registry: Registry, pod: Pod, uid: string, node: string): Reply<Pod> {
  const { name } = pod.metadata;
  if (uid && uid !== pod.metadata.uid) {
    return conflict('Pod', name, uidMismatch(uid, pod), 'pods/binding');
  }
  const obstacle = bindingObstacle(pod);
  if (obstacle) {
    return conflict('Pod', name, obstacle, 'pods/binding');
  }
  const { features } = registry.defaults;
  const conditions = withPodCondition(pod, { type: 'PodScheduled', status: 'True' }, registry.now);
  const nominatedNodeName = features.ClearingNominatedNodeNameAfterBinding ? undefined : pod.status?.nominatedNodeName;
  return {
    ok: true,
    object: registry.replace(
      'Pod',
      pod,
      podOf(
        pod,
        withTopologyLabels(registry, pod.metadata, node),
        // Not spreads: each copy that gains a field by one is of a kind of its own to the engine, large and slow to read.
        Object.assign({}, pod.spec, { nodeName: node }),
        Object.assign({}, pod.status, { conditions, nominatedNodeName }),
      ),
    ),
  };
}
