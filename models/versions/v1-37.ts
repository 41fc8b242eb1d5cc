import { autoscaling_v1_37 } from './autoscaling-v1-37.js';
import { features_v1_37 } from './features-v1-37.js';
import { policy_v1_37 } from './policy-v1-37.js';
import { storage_v1_37 } from './storage-v1-37.js';
import { workloads_v1_37 } from './workloads-v1-37.js';

/**
 * Defaults of Kubernetes 1.37, each with its source, in the real field names and units. One section a component;
 * a section is read through `defaultsFor` and nowhere repeated.
 */
export const v1_37 = {
  kubernetesVersion: '1.37',

  // features-v1-37.ts
  features: features_v1_37,

  apiServer: {
    // cmd/kube-apiserver/app/options/options.go EventTTL
    eventTTL: '1h0m0s',
    // k8s.io/apiserver pkg/storage/etcd3/lease_manager.go defaultLeaseReuseDurationSeconds
    leaseReuseDuration: '60s',
    // k8s.io/apiserver pkg/storage/etcd3/lease_manager.go newDefaultLeaseManager
    leaseReusePercent: 5,
    // cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go DefaultServicesSubnet
    serviceClusterIPRange: '10.96.0.0/12',
    // pkg/kubeapiserver/options/options.go DefaultServiceNodePortRange
    serviceNodePortRange: '30000-32767',
    // k8s.io/apiserver pkg/registry/generic/registry/store.go maxNameGenerationCreateAttempts; one try until 1.29
    nameGenerationAttempts: 8,
    // Not a gate: pkg/registry/core/pod/storage/eviction.go getPodDisruptionBudgets, as the API says since 1.25
    emptyBudgetSelectorMatchesAll: true,
    /** Plugin DefaultTolerationSeconds. */
    admission: {
      // plugin/pkg/admission/defaulttolerationseconds/admission.go
      defaultNotReadyTolerationSeconds: 300,
      defaultUnreachableTolerationSeconds: 300,
    },
  },

  /** What all clients have in common: transport and reflectors. */
  clients: {
    // k8s.io/apimachinery pkg/util/net/http.go readIdleTimeoutSeconds, pingTimeoutSeconds
    http2ReadIdleTimeout: '30s',
    http2PingTimeout: '15s',
    // k8s.io/client-go transport/cache.go get, net.Dialer
    dialTimeout: '30s',
    // k8s.io/client-go tools/cache/reflector.go defaultBackoffInit and its neighbours
    reflectorInitialBackoff: '800ms',
    reflectorMaxBackoff: '30s',
    reflectorBackoffFactor: 2,
    reflectorBackoffJitter: 1,
    // k8s.io/client-go tools/record/events_cache.go getSpamKey
    eventSpamKeyHasType: true,
    // k8s.io/client-go tools/events/event_broadcaster.go recordToSink
    eventSeriesFirstCount: 2,
    leaderElection: {
      // k8s.io/component-base config/v1alpha1/defaults.go RecommendedDefaultLeaderElectionConfiguration
      leaseDuration: '15s',
      renewDeadline: '10s',
      retryPeriod: '2s',
      // k8s.io/client-go tools/leaderelection/leaderelection.go tryAcquireOrRenew, since 1.29
      renewsOptimistically: true,
    },
  },

  kubelet: {
    /** Registration, Lease and node status. */
    heartbeat: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go
      registerNode: true,
      nodeStatusUpdateFrequency: '10s',
      nodeStatusReportFrequency: '5m0s',
      nodeLeaseDurationSeconds: 40,
      nodeStatusMaxImages: 50,
      // pkg/kubelet/kubelet.go nodeStatusUpdateRetry, nodeLeaseRenewIntervalFraction, Run (JitterUntil of the status loop)
      nodeStatusUpdateRetry: 5,
      nodeLeaseRenewIntervalFraction: 0.25,
      nodeStatusJitterFactor: 0.04,
      // pkg/kubelet/kubelet_node_status.go calculateDelay: U(-0.5, 0.5) of the report frequency
      nodeStatusReportJitter: 0.5,
      // k8s.io/component-helpers apimachinery/lease/controller.go maxUpdateRetries, maxBackoff, backoffEnsureLease, Run
      leaseUpdateRetry: 5,
      leaseEnsureInitialBackoff: '200ms',
      leaseEnsureMaxBackoff: '7s',
      leaseJitterFactor: 0.04,
      // pkg/kubelet/kubelet_node_status.go registerWithAPIServer
      registrationInitialBackoff: '100ms',
      registrationMaxBackoff: '7s',
      // pkg/kubelet/kubelet.go fastStatusUpdateOnce, nodeReadyGracePeriod
      fastStatusUpdatePeriod: '100ms',
      fastStatusUpdateTimeout: '120s',
      fastStatusUpdateWaitsFor: 'ready',
      // pkg/kubelet/nodestatus/setters.go MachineInfo, rebootEvent
      tellsRebootOnce: true,
    },
    /** Sync loop, pod workers, pod lifecycle events. */
    podWorkers: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go
      syncFrequency: '1m0s',
      kubeAPIQPS: 50,
      kubeAPIBurst: 100,
      eventRecordQPS: 50,
      eventBurst: 100,
      // pkg/kubelet/pod_workers.go workerResyncIntervalJitterFactor, workerBackOffPeriodJitterFactor,
      // backOffOnTransientErrorPeriod
      workerResyncIntervalJitterFactor: 0.5,
      workerBackOffPeriodJitterFactor: 0.5,
      backOffOnTransientErrorPeriod: '1s',
      // pkg/kubelet/kubelet.go backOffPeriod, housekeepingPeriod, genericPlegRelistPeriod; syncLoop
      backOffPeriod: '10s',
      housekeepingPeriod: '2s',
      plegRelistPeriod: '1s',
      syncPeriod: '1s',
      // pkg/kubelet/kubelet.go ContainerGCPeriod
      containerGCPeriod: '1m0s',
      // pkg/kubelet/config/apiserver.go WaitForAPIServerSyncPeriod
      nodeSyncWaitPeriod: '1s',
      // pkg/kubelet/pod_workers.go completeWork: a pod in CrashLoopBackOff is looked at again when that ends, not every 10 s
      requeuesAtBackOffExpiry: true,
      // pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer: the texts of Created and Started name the container
      eventsNameContainers: false,
      // pkg/kubelet/kubelet.go fastStaticPodsRegistration: mirror pods as soon as the Node is there
      mirrorsAtRegistration: true,
    },
    /** What the kubelet believes of its runtime. */
    runtimeHealth: {
      // pkg/kubelet/kubelet.go Run (updateRuntimeUp), maxWaitForContainerRuntime, genericPlegRelistThreshold
      pollPeriod: '5s',
      maxWaitForContainerRuntime: '30s',
      plegRelistThreshold: '3m0s',
    },
    /** Status manager. */
    podStatus: {
      // pkg/kubelet/status/status_manager.go syncPeriod
      syncPeriod: '10s',
      // pkg/kubelet/kubelet.go SyncTerminatingPod: the status with exit codes is set before the worker goes on
      tellsEndOfTermination: true,
      // pkg/kubelet/kubelet.go OnPodSandboxReady: the condition is pushed while SyncPod goes on
      pushesSandboxReady: true,
    },
    /** Image manager. */
    images: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go
      registryPullQPS: 5,
      registryBurst: 10,
      serializeImagePulls: true,
      // pkg/kubelet/kubelet.go imageBackOffPeriod, MaxImageBackOff
      imageBackOffPeriod: '10s',
      maxImageBackOff: '5m0s',
      // pkg/kubelet/images/image_gc_manager.go Start
      imageListPeriod: '30s',
      // pkg/kubelet/images/image_manager.go pullImage
      pulledEventTellsSize: true,
      waitingMessageTellsPullError: true,
    },
    /** Image and container garbage collection. */
    garbageCollection: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go
      imageGCHighThresholdPercent: 85,
      imageGCLowThresholdPercent: 80,
      imageMinimumGCAge: '2m0s',
      imageMaximumGCAge: '0s',
      // pkg/kubelet/kubelet.go ImageGCPeriod; pkg/kubelet/images/image_gc_manager.go Start
      imageGCPeriod: '5m0s',
      imageDetectionPeriod: '5m0s',
      // cmd/kubelet/app/options/options.go NewKubeletFlags: per container, in all (no limit), and how long they are kept
      maxPerPodContainerCount: 1,
      maxContainerCount: -1,
      minimumGCAge: '0s',
      // pkg/kubelet/images/image_gc_manager.go GarbageCollect: text of FreeDiskSpaceFailed
      failureTellsEligible: true,
    },
    /** What the kubelet and its runtime measure, and how often. */
    stats: {
      // pkg/kubelet/cadvisor/cadvisor_linux.go defaultHousekeepingInterval; cAdvisor manager/container.go nextHousekeepingInterval
      housekeepingInterval: '10s',
      housekeepingJitterFactor: 1,
      // containerd plugins/cri config.go StatsCollectPeriod
      containerStatsPeriod: '10s',
      // pkg/kubelet/apis/config/v1beta1/defaults.go; pkg/kubelet/server/stats/volume_stat_calculator.go StartOnce
      volumeStatsAggPeriod: '1m0s',
      volumeStatsJitterFactor: 1,
    },
    /** Graceful node shutdown. */
    shutdown: {
      // pkg/kubelet/nodeshutdown/nodeshutdown_manager.go killPods
      waitsForUnmount: true,
    },
    /** Log rotation and limits of processes. */
    limits: {
      // pkg/kubelet/apis/config/v1beta1/defaults.go; podPidsLimit: -1 is none
      containerLogMaxSize: '10Mi',
      containerLogMaxFiles: 5,
      podPidsLimit: -1,
    },
    /** Volume manager. */
    volumes: {
      // pkg/kubelet/volumemanager/volume_manager.go podAttachAndMountRetryInterval, podAttachAndMountTimeout
      podAttachAndMountRetryInterval: '300ms',
      podAttachAndMountTimeout: '2m3s',
      // pkg/kubelet/volumemanager/volume_manager.go reconcilerLoopSleepPeriod; desiredStateOfWorldPopulatorLoopSleepPeriod is the same
      reconcilerLoopSleepPeriod: '100ms',
      // pkg/util/goroutinemap/exponentialbackoff initialDurationBeforeRetry, maxDurationBeforeRetry
      initialDurationBeforeRetry: '500ms',
      maxDurationBeforeRetry: '2m2s',
      // pkg/kubelet/kubelet.go SyncPod: no event for a wait that was given up, since 1.27 (wait.Interrupted)
      tellsWaitTimeout: false,
      // pkg/kubelet/volumemanager/volume_manager.go desiredStateOfWorldPopulatorLoopSleepPeriod and reconcilerLoopSleepPeriod
      unmountTime: '200ms',
      // pkg/volume/csi/nodeinfomanager setMigrationAnnotation, pkg/features CSIMigration of each plugin
      migratedPlugins:
        'kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,' +
        'kubernetes.io/gce-pd,kubernetes.io/portworx-volume,kubernetes.io/vsphere-volume',
    },
    /** How containers and pods are stopped. */
    termination: {
      // pkg/kubelet/kuberuntime/kuberuntime_manager.go minimumGracePeriodInSeconds
      minimumGracePeriodSeconds: 2,
      // pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer (kubernetes#115817)
      preStopCountsTowardsOverride: true,
      // pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer, executePreStopHook: fixed texts, since 1.26
      hookEventsTellDetails: false,
      // pkg/kubelet/pod_workers.go calculateEffectiveGracePeriod: an override of 0 is taken as none
      zeroOverrideIsNone: false,
      // pkg/kubelet/pod_workers.go killPodNow
      killTimeoutFactor: 1.5,
      minimumKillTimeoutSeconds: 10,
      // pkg/kubelet/kubelet_pods.go HandlePodCleanups
      orphanGracePeriodSeconds: 1,
    },
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

    /** Probe workers. */
    probes: {
      // pkg/kubelet/prober/prober.go maxProbeRetries
      maxProbeRetries: 3,
      // k8s.io/cri-client pkg/remote_runtime.go execSync
      tellsExecTimeout: true,
      // pkg/kubelet/prober/worker.go run; not in 1.23
      triggerRestartsTicker: true,
      // pkg/kubelet/prober/worker.go doProbe; since 1.28 (kubernetes#117153)
      startupHoldsAfterSuccess: true,
      // pkg/kubelet/prober/prober_manager.go kubeletRestartGracePeriod
      kubeletRestartGrace: '10s',
    },

    /** Node-pressure eviction. */
    eviction: {
      // pkg/kubelet/eviction/defaults_linux.go
      evictionHard: {
        'memory.available': '100Mi',
        'nodefs.available': '10%',
        'nodefs.inodesFree': '5%',
        'imagefs.available': '15%',
        'imagefs.inodesFree': '5%',
      },
      // pkg/kubelet/apis/config/v1beta1/defaults.go; comma-separated
      enforceNodeAllocatable: 'pods',
      evictionPressureTransitionPeriod: '5m0s',
      localStorageCapacityIsolation: true,
      mergeDefaultEvictionSettings: false,
      // cmd/kubelet/app/options/options.go; seconds
      evictionMaxPodGracePeriod: 0,
      // pkg/kubelet/kubelet.go evictionMonitoringPeriod
      evictionMonitoringPeriod: '10s',
      // pkg/kubelet/eviction/eviction_manager.go podCleanupTimeout, podCleanupPollFreq, immediateEvictionGracePeriodSeconds
      podCleanupTimeout: '30s',
      podCleanupPollFreq: '1s',
      immediateEvictionGracePeriodSeconds: 1,
      // pkg/kubelet/eviction/eviction_manager.go synchronize
      softGraceIsLimitedByPod: true,
      // pkg/kubelet/eviction/helpers.go evictionMessage, UpdateContainerFsThresholds
      messagesNameThreshold: true,
      watchesContainerFs: true,
    },

    /** What the kubelet asks before it runs a pod. */
    admission: {
      // pkg/kubelet/lifecycle/predicate.go generalFilter, Admit, PredicateFailureError
      checksNoExecuteTaints: true,
      rechecksAffinityWithLiveNode: true,
      checksOperatingSystemFirst: true,
      predicateMessagesSayWhy: true,
      // pkg/kubelet/kubelet.go rejectPod
      rejectionMessagePrefix: 'Pod was rejected: ',
    },
  },

  coreDns: {
    // cmd/kubeadm/app/phases/addons/dns/manifests.go CoreDNSConfigMap: ttl 30, cache 30 without success and denial of the cluster's domain
    ttlSeconds: 30,
    cacheSeconds: 30,
    cachesClusterDomain: false,
  },

  kubeProxy: {
    // pkg/proxy/apis/config/v1alpha1/defaults.go
    mode: 'iptables',
    iptables: { minSyncPeriod: '1s' },
    ipvs: { minSyncPeriod: '0s' },
    nftables: { minSyncPeriod: '1s' },
    // pkg/proxy/runner has no burst, since 1.34
    burstSyncs: 0,
  },

  // autoscaling-v1-37.ts
  ...autoscaling_v1_37,

  kubeScheduler: {
    // pkg/scheduler/apis/config/scheme/scheme.go: versions of kubescheduler.config.k8s.io that are read, the preferred one first
    configurationVersions: 'v1',
    // pkg/scheduler/apis/config/v1/default_plugins.go getDefaultPlugins; NAME:WEIGHT in order, weight 1 when left out
    multiPoint:
      'SchedulingGates PrioritySort NodeName NodeUnschedulable TaintToleration:3 NodeAffinity:2 NodePorts ' +
      'NodeResourcesFit VolumeRestrictions NodeVolumeLimits VolumeBinding VolumeZone PodTopologySpread:2 ' +
      'InterPodAffinity:2 DynamicResources:2 DefaultPreemption NodeResourcesBalancedAllocation ImageLocality ' +
      'DefaultBinder NodeDeclaredFeatures',

    // pkg/scheduler/apis/config/v1/defaults.go SetDefaults_KubeSchedulerConfiguration
    percentageOfNodesToScore: 0,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    clientQps: 50,
    clientBurst: 100,
    // cmd/kube-scheduler/app/options/deprecated.go PodMaxInUnschedulablePodsDuration; 60 s until 1.23
    podMaxInUnschedulablePodsDuration: '5m',

    // Not a setting of kube-scheduler: how long it is busy with one pod. test/integration/scheduler_perf asks for 790 pods a
    // second at 5,000 nodes; small clusters take less, pods with affinity or default spreading more
    schedulingCycle: '1ms',

    queue: {
      // pkg/scheduler/backend/queue/backoff_queue.go alignToWindow, and errors counted apart; since 1.34
      alignsBackoff: true,
      // pkg/scheduler/backend/queue/active_queue.go unlockedPop, gate SchedulerPopFromBackoffQ, since 1.33
      popsFromBackoff: true,
      // pkg/scheduler/backend/queue/scheduling_queue.go isPodWorthRequeuing, gate SchedulerQueueingHints, since 1.32
      usesHints: true,
    },
    // pkg/scheduler/util/utils.go BindPod: 10 ms, then five times as long each; one try until 1.35
    bindTries: 4,
    // pkg/scheduler/schedule_one.go bindingCycle, gate NominatedNodeNameForExpectation, since 1.35
    nominatesForPreBind: true,

    // pkg/scheduler/schedule_one.go prioritizeNodes, sorted_nodes.go: equal totals go by heap order since 1.35
    tieRule: 'heap',
    // pkg/scheduler/schedule_one.go findNodesThatFitPod; 1.23 took the index modulo a list of one
    nominatedNodeResetsStart: false,
    // pkg/scheduler/schedule_one.go findNodesThatPassFilters, hasScoring, hasExtenderFilters; not yet in 1.23
    oneIsEnoughWithoutScores: true,
    // pkg/scheduler/framework/types.go FitError.Error; 1.23 counted the refusal once for each node
    tellsPreFilterOnce: true,
    // pkg/scheduler/framework/runtime/framework.go RunPreFilterPlugins: PreFilterResult, since 1.24
    preFilterNarrowsNodes: true,

    // pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go, since 1.36
    balancedAllocationScoresImprovement: true,
    // pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go Filter; until 1.33 the reason named the taint
    taintReasonNamesTaint: false,
    // pkg/scheduler/framework/plugins/volumebinding/volume_binding.go Score, gate StorageCapacityScoring; off until 1.35
    scoresStorage: true,
    imageLocality: {
      // pkg/scheduler/framework/plugins/imagelocality/image_locality.go sumImageScores
      countsInitContainers: true,
      countsImageVolumes: true,
    },
    preemption: {
      // pkg/scheduler/framework/preemption/executor.go, gate SchedulerAsyncPreemption, since 1.33
      async: true,
      // pkg/scheduler/framework/preemption/executor.go PreemptPod, gate PodDisruptionConditions, since 1.26
      setsCondition: true,
      // pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go podTerminatingByPreemption, since 1.26
      waitsForConditionOnly: true,
      // pkg/scheduler/framework/preemption/executor.go PreemptPod: the preemptor's uid since 1.27
      namesPreemptorByUid: true,
      // pkg/scheduler/framework/preemption/preemption.go Preempt, since 1.37
      tellsSuccess: true,
    },
    podTopologySpread: {
      // pkg/scheduler/framework/plugins/podtopologyspread: MinDomains, NodeInclusionPolicy and MatchLabelKeys since 1.24 to 1.27
      minDomains: true,
      nodeInclusionPolicies: true,
      matchLabelKeys: true,
    },
  },

  /** kube-controller-manager: settings shared by its controllers. */
  kubeControllerManager: {
    // k8s.io/controller-manager config/v1alpha1/defaults.go, ClientConnection: each controller has a client of its own with this limit
    kubeAPIQPS: 20,
    kubeAPIBurst: 30,
  },

  nodeLifecycleController: {
    // pkg/controller/nodelifecycle/config/v1alpha1/defaults.go; the grace period was 40s until 1.31 (kubernetes#126287)
    nodeMonitorPeriod: '5s',
    nodeMonitorGracePeriod: '50s',
    nodeStartupGracePeriod: '1m0s',
    // cmd/kube-controller-manager/app/options/nodelifecyclecontroller.go AddFlags
    nodeEvictionRate: 0.1,
    secondaryNodeEvictionRate: 0.01,
    largeClusterSizeThreshold: 50,
    unhealthyZoneThreshold: 0.55,
    // pkg/controller/nodelifecycle/config/v1alpha1/defaults.go of 1.23; no meaning where the taint manager is not optional
    enableTaintManager: true,
    podEvictionTimeout: '5m0s',
    // pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go NodeEvictionPeriod, EvictionRateLimiterBurst
    nodeEvictionPeriod: '100ms',
    evictionRateLimiterBurst: 1,
    // pkg/controller/nodelifecycle/scheduler NodeHealthUpdateRetry; node_lifecycle_controller.go retrySleepTime
    nodeHealthUpdateRetry: 5,
    retrySleepTime: '20ms',
    // pkg/controller/nodelifecycle/node_lifecycle_controller.go nodeUpdateWorkerSize, podUpdateWorkerSize
    nodeUpdateWorkerSize: 8,
    podUpdateWorkerSize: 4,
    // pkg/controller/nodelifecycle monitorNodeHealth, ParallelizeUntil
    nodeHealthWorkers: 8,
    // pkg/controller/nodelifecycle processTaintBaseEviction: whether it is given what the pass itself found
    taintsByReadyAfterPass: true,
  },

  taintEvictionController: {
    // pkg/controller/tainteviction/taint_eviction.go retries, deletePodHandler
    deleteRetries: 5,
    deleteRetryInterval: '10ms',
    // cmd/kube-controller-manager/names/controller_names.go TaintEvictionController
    eventComponent: 'taint-eviction-controller',
    // pkg/controller/tainteviction/timed_workers.go getWrappedWorkerFunc
    remembersDeleted: false,
    // cmd/kube-controller-manager/app/core.go startTaintEvictionController: a client of its own, since 1.29
    sharesNodeLifecycleClient: false,
  },

  nodeIpamController: {
    // cmd/kube-controller-manager/app/options/kubecloudshared.go; kubeadm turns it on where it is given --pod-network-cidr
    allocateNodeCIDRs: false,
    clusterCIDR: '',
    // pkg/controller/nodeipam/node_ipam_controller.go, cmd/kube-controller-manager/app/core.go defaultNodeMaskCIDRIPv4
    nodeCIDRMaskSize: 0,
    nodeCIDRMaskSizeIPv4: 24,
    nodeCIDRMaskSizeIPv6: 64,
    // cmd/kube-controller-manager/app/options/nodeipamcontroller.go
    serviceClusterIPRange: '',
    // pkg/controller/nodeipam/ipam/cidr_allocator.go cidrUpdateWorkers
    cidrUpdateWorkers: 30,
    // pkg/controller/nodeipam/ipam/range_allocator.go processNextNodeWorkItem: a queue with back-off, since 1.28
    allocationRetry: '',
  },

  podGarbageCollector: {
    // pkg/controller/podgc/config/v1alpha1/defaults.go
    terminatedPodGCThreshold: 12500,
    // pkg/controller/podgc/gc_controller.go gcCheckPeriod, quarantineTime
    gcCheckPeriod: '20s',
    quarantineTime: '40s',
    // pkg/controller/podgc/gc_controller.go byEvictionAndCreationTimestamp
    deletesEvictedFirst: true,
  },

  serviceController: {
    // k8s.io/cloud-provider/controllers/service/config/v1alpha1/defaults.go
    concurrentServiceSyncs: 1,
    // k8s.io/cloud-provider/controllers/service/controller.go minRetryDelay, maxRetryDelay
    minRetryDelay: '5s',
    maxRetryDelay: '300s',
  },

  // policy-v1-37.ts
  policy: policy_v1_37,

  // storage-v1-37.ts
  storage: storage_v1_37,

  // workloads-v1-37.ts
  workloads: workloads_v1_37,
};
