import type { Changes } from './profile.js';

/** What Kubernetes 1.23 does differently from 1.37; whatever is not named here is the same. */
export const v1_23: Changes = {
  kubernetesVersion: '1.23',

  features: {
    // pkg/features/kube_features.go of 1.23, and behaviour that v1-37.ts gives the source of
    ChangeContainerStatusOnKubeletRestart: true,
    ClearingNominatedNodeNameAfterBinding: false,
    ContainerRestartRules: false,
    DefaultHostNetworkHostPortsInPodTemplates: true,
    JobPodReplacementPolicy: false,
    MaxUnavailableStatefulSet: false,
    NodeControllerLeaseCircuitBreaker: false,
    NodeOutOfServiceVolumeDetach: false,
    PDBUnhealthyPodEvictionPolicy: false,
    PodDisruptionConditions: false,
    PodLevelResourcesFixDefaulting: false,
    PodObservedGenerationTracking: false,
    PodReadyToStartContainersCondition: false,
    RestartAllContainersOnContainerExits: false,
    SidecarContainers: false,
    StatefulSetAutoDeletePVC: false,
    jobLabelsHavePrefix: false,
    jobManualSelectorHasDefault: false,
    terminatedPodsReachTerminalPhase: false,
    taintManagerIsOptional: true,
  },

  apiServer: {},

  clients: {
    // k8s.io/client-go tools/record/events_cache.go getSpamKey
    eventSpamKeyHasType: false,
  },

  kubelet: {
    heartbeat: {
      // pkg/kubelet/kubelet_node_status.go tryUpdateNodeStatus: always the report frequency
      nodeStatusReportJitter: 0,
      // pkg/kubelet/nodestatus/setters.go MachineInfo: on every computation until the patch lands
      tellsRebootOnce: false,
    },
    restartBackoff: {
      // pkg/kubelet/kuberuntime/helpers.go getStableKey
      keyCoversWholeContainer: true,
    },
    probes: {
      // pkg/kubelet/prober/worker.go run, doProbe
      triggerRestartsTicker: false,
      startupHoldsAfterSuccess: false,
    },
    eviction: {
      // pkg/kubelet/apis/config/v1beta1/defaults_linux.go names no such threshold; 0% means none
      evictionHard: { 'imagefs.inodesFree': '0%' },
      // pkg/kubelet/eviction/eviction_manager.go synchronize and helpers.go
      immediateEvictionGracePeriodSeconds: 0,
      softGraceIsLimitedByPod: false,
      messagesNameThreshold: false,
      watchesContainerFs: false,
    },
    admission: {
      // pkg/kubelet/lifecycle/predicate.go Admit, GeneralPredicates; pkg/kubelet/kubelet.go rejectPod
      checksNoExecuteTaints: false,
      rechecksAffinityWithLiveNode: false,
      checksOperatingSystemFirst: false,
      predicateMessagesSayWhy: false,
      rejectionMessagePrefix: 'Pod ',
    },
  },

  kubeScheduler: {},

  kubeControllerManager: {},

  nodeLifecycleController: {
    // pkg/controller/nodelifecycle/config/v1alpha1/defaults.go
    nodeMonitorGracePeriod: '40s',
    // pkg/controller/nodelifecycle/node_lifecycle_controller.go monitorNodeHealth: one node after the other, and
    // processTaintBaseEviction is given the Ready condition as it was before the pass
    nodeHealthWorkers: 1,
    taintsByReadyAfterPass: false,
  },

  taintEvictionController: {
    // pkg/controller/nodelifecycle/scheduler/taint_manager.go NewNoExecuteTaintManager
    eventComponent: 'taint-controller',
    // pkg/controller/nodelifecycle/scheduler/timed_workers.go getWrappedWorkerFunc
    remembersDeleted: true,
    // pkg/controller/nodelifecycle/node_lifecycle_controller.go NewNodeLifecycleController
    sharesNodeLifecycleClient: true,
  },

  podGarbageCollector: {
    // pkg/controller/podgc/gc_controller.go byCreationTimestamp
    deletesEvictedFirst: false,
  },

  workloads: {},
};
