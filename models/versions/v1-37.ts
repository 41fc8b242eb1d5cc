/**
 * Defaults of Kubernetes 1.37, each with its source, in the real field names and units. One section a component;
 * a section is read through `defaultsFor` and nowhere repeated.
 */
export const v1_37 = {
  kubernetesVersion: '1.37',

  /** Feature gates and behaviour switches; named as the gate where there is one. */
  features: {},

  apiServer: {},

  kubelet: {},

  kubeScheduler: {},

  /** kube-controller-manager: settings shared by its controllers. */
  kubeControllerManager: {},

  nodeLifecycleController: {},

  taintEvictionController: {},

  podGarbageCollector: {},

  workloads: {},
};
