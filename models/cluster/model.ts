import type { ClusterCatalogue, ClusterModel, ClusterOptions } from '../cluster.js';
import { clusterAutoscalerFlags } from '../cluster-autoscaler/index.js';
import { karpenterFlags } from '../karpenter/index.js';
import { KUBELET_CONFIGURATION_FIELDS } from '../kubelet/index.js';
import { metricsServerFlags } from '../metrics-server/index.js';
import { type Defaults, defaultsFor } from '../versions/index.js';
import { ACTING_KINDS, TIMELINES } from './catalogue.js';
import { kubeControllerManagerFlags } from './kube-controller-manager.js';
import { KubernetesCluster } from './kubernetes-cluster.js';

/** Clusters of the versions that there are profiles of. */
export const kubernetes: ClusterModel = {
  catalogue: (kubernetesVersion): ClusterCatalogue => ({
    kubeControllerManagerFlags: kubeControllerManagerFlags(profileOf(kubernetesVersion)),
    metricsServerFlags: metricsServerFlags(profileOf(kubernetesVersion)),
    clusterAutoscalerFlags: clusterAutoscalerFlags(profileOf(kubernetesVersion)),
    karpenterFlags: karpenterFlags(profileOf(kubernetesVersion)),
    kubeletFields: [
      ...KUBELET_CONFIGURATION_FIELDS,
      ...Object.keys(profileOf(kubernetesVersion).features).map((gate) => `featureGates.${gate}`),
    ],
    actingKinds: ACTING_KINDS,
    taintsAPassLater: !profileOf(kubernetesVersion).nodeLifecycleController.taintsByReadyAfterPass,
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
