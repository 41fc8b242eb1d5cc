import type { Changes } from './profile.js';

/** What Kubernetes 1.23 does differently from 1.37; whatever is not named here is the same. */
export const v1_23: Changes = {
  kubernetesVersion: '1.23',

  features: {
    ContainerRestartRules: false,
    PodObservedGenerationTracking: false,
    PodReadyToStartContainersCondition: false,
    RestartAllContainersOnContainerExits: false,
    SidecarContainers: false,
    terminatedPodsReachTerminalPhase: false,
  },

  apiServer: {},

  kubelet: {
    restartBackoff: {
      // pkg/kubelet/kuberuntime/helpers.go getStableKey
      keyCoversWholeContainer: true,
    },
  },

  kubeScheduler: {},

  kubeControllerManager: {},

  nodeLifecycleController: {},

  taintEvictionController: {},

  podGarbageCollector: {},

  workloads: {},
};
