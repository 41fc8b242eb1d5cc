import type { Changes } from './profile.js';

/** What Kubernetes 1.23 does differently from 1.37; whatever is not named here is the same. */
export const v1_23: Changes = {
  kubernetesVersion: '1.23',

  features: {
    // pkg/features/kube_features.go of 1.23, and behaviour that features-v1-37.ts gives the source of
    ChangeContainerStatusOnKubeletRestart: true,
    ClearingNominatedNodeNameAfterBinding: false,
    ContainerRestartRules: false,
    DefaultHostNetworkHostPortsInPodTemplates: true,
    GracefulNodeShutdownBasedOnPodPriority: false,
    HPAConfigurableTolerance: false,
    HPAGeneration: false,
    JobPodReplacementPolicy: false,
    LoadBalancerIPMode: false,
    MaxUnavailableStatefulSet: false,
    NFTablesProxyMode: false,
    NodeControllerLeaseCircuitBreaker: false,
    NodeDeclaredFeatures: false,
    NodeOutOfServiceVolumeDetach: false,
    OrderedNamespaceDeletion: false,
    PDBUnhealthyPodEvictionPolicy: false,
    PodDisruptionConditions: false,
    PodLevelResourcesFixDefaulting: false,
    PodObservedGenerationTracking: false,
    InPlacePodVerticalScaling: false,
    KubeletEnsureSecretPulledImages: false,
    PLEGOnDemandRelist: false,
    PodHostIPs: false,
    PodReadyToStartContainersCondition: false,
    PreferSameTrafficDistribution: false,
    ProxyTerminatingEndpoints: false,
    TopologyAwareHints: false,
    ProbeTerminationGracePeriod: false,
    PodTopologyLabelsAdmission: false,
    RestartAllContainersOnContainerExits: false,
    ServiceIPStaticSubrange: false,
    ServiceNodePortStaticSubrange: false,
    SidecarContainers: false,
    StatefulSetAutoDeletePVC: false,
    jobLabelsHavePrefix: false,
    jobManualSelectorHasDefault: false,
    terminatedPodsReachTerminalPhase: false,
    taintManagerIsOptional: true,
    CronJobsScheduledAnnotation: false,
    DeploymentReplicaSetTerminatingReplicas: false,
    PodIndexLabel: false,
    StableLoadBalancerNodeSet: false,
    StaleControllerConsistencyDaemonSet: false,
    StaleControllerConsistencyJob: false,
    StaleControllerConsistencyReplicaSet: false,
    StaleControllerConsistencyStatefulSet: false,
    // pkg/controller/statefulset/stateful_set_control.go updateStatefulSet, completeRollingUpdate; stateful_pod_control.go
    statefulSetBeginsInBatches: false,
    statefulSetReplacesSucceededPods: false,
    statefulSetCompletesAtFullSize: false,
    statefulSetEventsAreCapitalised: false,
    // pkg/controller/deployment/sync.go scaleReplicaSet: "Scaled up replica set web-1 to 3"
    scalingEventTellsOldSize: false,
    // pkg/controller/util/endpoint ShouldPodBeInEndpoints
    endpointEndsByRestartPolicy: true,
    // pkg/controller/daemon/daemon_controller.go podsShouldBeOnNode: Failed only; getNodesToDaemonPods: every pod that is there
    daemonSetReplacesEndedDaemons: false,
    // The same file, updateNode: every change of where a daemon should run wakes its set
    daemonSetSleepsWherePodsMayStay: false,
    JobReadyPods: false,
    // pkg/controller/job/job_controller.go syncJob, getBackoff: the queue's own back-off, and conditions at once
    jobDelaysTerminalCondition: false,
    jobSuspendClearsStartTime: false,
    jobBacksOffByFinishTimes: false,
    // pkg/controller/garbagecollector/operations.go deleteObject: by UID alone
    garbageCollectorDeletesByResourceVersion: false,
    // pkg/controller/replicaset/replica_set.go syncReplicaSet: minReadySeconds after all are ready
    checksNextAvailability: false,
    ElasticIndexedJob: false,
    EnvFiles: false,
    HPAScaleToZero: false,
    RelaxedDNSSearchValidation: false,
    RelaxedEnvironmentVariableValidation: false,
    RelaxedServiceNameValidation: false,
    // Not a gate: pkg/apis/batch/validation validateScheduleFormat, since 1.29
    cronSchedulesRefuseTimeZones: false,
    // Not a gate: pkg/apis/apps/validation, names since 1.27, serviceName since 1.33, templates since 1.34
    statefulSetsAreValidatedStrictly: false,
  },

  apiServer: {
    // k8s.io/apiserver pkg/registry/generic/registry/store.go Create
    nameGenerationAttempts: 1,
    // pkg/registry/core/pod/storage/eviction.go getPodDisruptionBudgets
    emptyBudgetSelectorMatchesAll: false,
  },

  nodeIpamController: {
    // pkg/controller/nodeipam/ipam/range_allocator.go: tried at the node's next update, which is its status of every 5 min
    // (pkg/kubelet/apis/config/v1beta1/defaults.go nodeStatusReportFrequency)
    allocationRetry: '5m0s',
  },

  clients: {
    // k8s.io/client-go tools/record/events_cache.go getSpamKey
    eventSpamKeyHasType: false,
    // k8s.io/client-go tools/events/event_broadcaster.go recordToSink
    eventSeriesFirstCount: 1,
    leaderElection: {
      // k8s.io/client-go tools/leaderelection/leaderelection.go tryAcquireOrRenew
      renewsOptimistically: false,
    },
  },

  coreDns: {
    // cmd/kubeadm/app/phases/addons/dns/manifests.go CoreDNSConfigMap: cache 30
    cachesClusterDomain: true,
  },

  clusterAutoscaler: {
    // autoscaler cluster-autoscaler/main.go of 1.23: --expander; a node was emptied as soon as it was tainted
    expander: 'random',
    nodeDeleteDelayAfterTaint: '0s',
    // autoscaler cluster-autoscaler/estimator of 1.23: ThresholdBasedEstimationLimiter knew the flags alone
    estimatesWithinCapacity: false,
  },

  kubeProxy: {
    // pkg/proxy/iptables/proxier.go NewProxier burstSyncs
    burstSyncs: 2,
  },

  kubelet: {
    podWorkers: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go
      kubeAPIQPS: 5,
      kubeAPIBurst: 10,
      eventRecordQPS: 5,
      eventBurst: 10,
      // pkg/kubelet/pod_workers.go completeWork
      requeuesAtBackOffExpiry: false,
      // pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer
      eventsNameContainers: true,
      // pkg/kubelet/kubelet.go Run: with the next resync of each pod
      mirrorsAtRegistration: false,
    },
    podStatus: {
      // pkg/kubelet/kubelet.go syncTerminatingPod
      tellsEndOfTermination: false,
      // pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod
      pushesSandboxReady: false,
    },
    images: {
      // pkg/kubelet/images/image_manager.go EnsureImageExists
      pulledEventTellsSize: false,
      waitingMessageTellsPullError: false,
    },
    volumes: {
      // pkg/kubelet/kubelet.go syncPod, pkg/kubelet/volumemanager WaitForAttachAndMount
      tellsWaitTimeout: true,
      // pkg/features/kube_features.go CSIMigrationAWS, -AzureDisk, -OpenStack and -GCE are on, others are not
      migratedPlugins: 'kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/cinder,kubernetes.io/gce-pd',
    },
    shutdown: {
      // pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go processShutdownEvent
      waitsForUnmount: false,
    },
    garbageCollection: {
      // pkg/kubelet/images/image_gc_manager.go GarbageCollect
      failureTellsEligible: false,
    },
    termination: {
      // pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer
      preStopCountsTowardsOverride: false,
      // pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer, executePreStopHook
      hookEventsTellDetails: true,
      // pkg/kubelet/pod_workers.go calculateEffectiveGracePeriod
      zeroOverrideIsNone: true,
    },
    heartbeat: {
      // pkg/kubelet/kubelet_node_status.go tryUpdateNodeStatus: always the report frequency
      nodeStatusReportJitter: 0,
      // pkg/kubelet/kubelet.go fastStatusUpdateOnce
      fastStatusUpdateWaitsFor: 'podCIDR',
      // pkg/kubelet/nodestatus/setters.go MachineInfo: on every computation until the patch lands
      tellsRebootOnce: false,
    },
    restartBackoff: {
      // pkg/kubelet/kuberuntime/helpers.go getStableKey
      keyCoversWholeContainer: true,
    },
    probes: {
      // pkg/kubelet/cri/remote/remote_runtime.go ExecSync
      tellsExecTimeout: false,
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

  kubeScheduler: {
    // pkg/scheduler/apis/config/scheme/scheme.go
    configurationVersions: 'v1beta3 v1beta2',
    // pkg/scheduler/apis/config/v1beta3/default_plugins.go getDefaultPlugins
    multiPoint:
      'PrioritySort NodeUnschedulable NodeName TaintToleration:3 NodeAffinity:2 NodePorts NodeResourcesFit ' +
      'VolumeRestrictions NodeVolumeLimits VolumeBinding VolumeZone PodTopologySpread:2 InterPodAffinity:2 ' +
      'DefaultPreemption NodeResourcesBalancedAllocation ImageLocality DefaultBinder',
    // pkg/scheduler/internal/queue/scheduling_queue.go DefaultPodMaxInUnschedulableQDuration
    podMaxInUnschedulablePodsDuration: '60s',
    queue: {
      // pkg/scheduler/internal/queue/scheduling_queue.go calculateBackoffDuration, Pop, AddUnschedulableIfNotPresent
      alignsBackoff: false,
      popsFromBackoff: false,
      usesHints: false,
    },
    // pkg/scheduler/framework/plugins/defaultbinder/default_binder.go Bind
    bindTries: 1,
    // pkg/scheduler/scheduler.go scheduleOne
    nominatesForPreBind: false,
    // pkg/scheduler/generic_scheduler.go selectHost
    tieRule: 'reservoir',
    // pkg/scheduler/generic_scheduler.go evaluateNominatedNode, findNodesThatPassFilters
    nominatedNodeResetsStart: true,
    // pkg/scheduler/generic_scheduler.go findNodesThatPassFilters
    oneIsEnoughWithoutScores: false,
    // pkg/scheduler/framework/types.go FitError.Error
    tellsPreFilterOnce: false,
    // pkg/scheduler/framework/runtime/framework.go RunPreFilterPlugins answers with a status only
    preFilterNarrowsNodes: false,
    // pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go
    balancedAllocationScoresImprovement: false,
    // pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go Filter
    taintReasonNamesTaint: true,
    // pkg/scheduler/framework/plugins/volumebinding/volume_binding.go Score, gate VolumeCapacityPriority
    scoresStorage: false,
    imageLocality: {
      // pkg/scheduler/framework/plugins/imagelocality/image_locality.go sumImageScores
      countsInitContainers: false,
      countsImageVolumes: false,
    },
    preemption: {
      // pkg/scheduler/framework/preemption/preemption.go prepareCandidate
      async: false,
      // pkg/scheduler/framework/preemption/preemption.go prepareCandidate
      setsCondition: false,
      // pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go PodEligibleToPreemptOthers
      waitsForConditionOnly: false,
      // pkg/scheduler/framework/preemption/preemption.go prepareCandidate
      namesPreemptorByUid: false,
      // pkg/scheduler/framework/preemption/preemption.go Preempt
      tellsSuccess: false,
    },
    podTopologySpread: {
      // pkg/scheduler/framework/plugins/podtopologyspread/common.go has none of these fields
      minDomains: false,
      nodeInclusionPolicies: false,
      matchLabelKeys: false,
    },
  },

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

  storage: {
    persistentVolumeBinder: {
      // pkg/controller/volume/persistentvolume/pv_controller.go provisionClaimOperationExternal
      explainsDelayedProvisioning: false,
      // pkg/features/kube_features.go has neither gate
      tellsPhaseTransition: false,
      assignsDefaultClassLater: false,
    },
    attachDetachController: {
      // pkg/controller/volume/attachdetach/reconciler/reconciler.go reconcile
      sparesHealthyNodes: false,
    },
    csiSidecars: {
      // kubernetes-csi/external-provisioner 3.x
      honorsReclaimPolicy: false,
    },
  },

  workloads: {
    endpointsController: {
      // pkg/controller/endpoint/endpoints_controller.go, before 1.33
      labelsManaged: false,
    },
    horizontalPodAutoscalerController: {
      // pkg/controller/podautoscaler/horizontal.go and replica_calculator.go
      scaleUpdateTries: 1,
      checksAmbiguousSelectors: false,
      missingPodsUseTarget: false,
      missingPodsIdleAtTarget: true,
      samplesCheckedFirst: false,
      errorsNamePods: false,
    },
    jobController: {
      // pkg/controller/job/job_controller.go MaxJobBackOff
      maxPodFailureBackOff: '6m0s',
    },
  },
};
