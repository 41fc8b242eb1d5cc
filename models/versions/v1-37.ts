/**
 * Defaults of Kubernetes 1.37, each with its source, in the real field names and units. One section a component;
 * a section is read through `defaultsFor` and nowhere repeated.
 */
export const v1_37 = {
  kubernetesVersion: '1.37',

  /** Feature gates and behaviour switches; named as the gate where there is one. */
  features: {
    // pkg/features/kube_features.go, each with the version that turned it on
    ContainerRestartRules: true, // 1.35
    PodObservedGenerationTracking: true, // 1.34
    PodReadyToStartContainersCondition: true, // 1.29
    RestartAllContainersOnContainerExits: true, // 1.36
    SidecarContainers: true, // 1.29
    // Not a gate: pkg/kubelet/kubelet_pods.go getPhase, argument podIsTerminal, since 1.27
    terminatedPodsReachTerminalPhase: true,
  },

  apiServer: {},

  kubelet: {
    /** CrashLoopBackOff of containers. */
    restartBackoff: {
      // pkg/kubelet/kubelet.go initialCrashLoopBackOff, MaxCrashLoopBackOff
      initialRestartPeriod: '10s',
      maxContainerRestartPeriod: '300s',
      // pkg/kubelet/kubelet.go NewMainKubelet, HasExpiredFunc; in 1.23 twice the cap, which could not be changed: the same
      resetAfter: '600s',
      // pkg/kubelet/kuberuntime/helpers.go GetBackoffKey
      keyCoversWholeContainer: false,
    },
  },

  kubeScheduler: {},

  /** kube-controller-manager: settings shared by its controllers. */
  kubeControllerManager: {},

  nodeLifecycleController: {},

  taintEvictionController: {},

  podGarbageCollector: {},

  workloads: {},
};
