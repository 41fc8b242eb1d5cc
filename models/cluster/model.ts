import type { Kind } from '../api/index.js';
import type { ClusterCatalogue, ClusterModel, ClusterOptions } from '../cluster.js';
import { type Defaults, defaultsFor } from '../versions/index.js';
import { ACTING_KINDS, TIMELINES } from './catalogue.js';
import { KubernetesCluster } from './kubernetes-cluster.js';
import { kubeControllerManagerFlags } from './kube-controller-manager.js';

/** Clusters of the versions that there are profiles of. */
export const clusterModel: ClusterModel = {
  catalogue: (kubernetesVersion): ClusterCatalogue => ({
    kubeControllerManagerFlags: kubeControllerManagerFlags(profileOf(kubernetesVersion)),
    kubeletFields: KUBELET_FIELDS,
    actingKinds: ACTING_KINDS as readonly Kind[],
    timelines: TIMELINES,
  }),
  create: (options: ClusterOptions) => new KubernetesCluster(options, profileOf(options.kubernetesVersion)),
};

/** @throws RangeError when there is no profile of that version. */
function profileOf(kubernetesVersion: string): Defaults {
  const defaults = defaultsFor(kubernetesVersion);
  if (defaults === undefined) {
    throw new RangeError(`no profile of Kubernetes ${kubernetesVersion}`);
  }
  return defaults;
}
