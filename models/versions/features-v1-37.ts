/** Feature gates and behaviour switches of Kubernetes 1.37; named as the gate where there is one. */
export const features_v1_37 = {
  // pkg/features/kube_features.go, each with the version that turned it on
  ChangeContainerStatusOnKubeletRestart: false, // true until 1.35
  ClearingNominatedNodeNameAfterBinding: true, // 1.35
  ContainerRestartRules: true, // 1.35
  CronJobsScheduledAnnotation: true, // 1.28
  DefaultHostNetworkHostPortsInPodTemplates: false, // true until 1.28
  DeploymentReplicaSetTerminatingReplicas: true, // 1.35
  GracefulNodeShutdownBasedOnPodPriority: true, // 1.24
  HPAConfigurableTolerance: true, // 1.35
  HPAGeneration: true, // 1.37
  JobPodReplacementPolicy: true, // 1.29
  JobReadyPods: true, // 1.24
  LoadBalancerIPMode: true, // 1.30
  MaxUnavailableStatefulSet: true, // 1.35
  NFTablesProxyMode: true, // 1.31
  NodeControllerLeaseCircuitBreaker: true, // 1.37
  NodeDeclaredFeatures: true, // 1.36
  NodeOutOfServiceVolumeDetach: true, // 1.26
  OrderedNamespaceDeletion: true, // 1.33
  PDBUnhealthyPodEvictionPolicy: true, // 1.27
  PodDisruptionConditions: true, // 1.26
  PodIndexLabel: true, // 1.28
  PodLevelResourcesFixDefaulting: true, // 1.37
  PodObservedGenerationTracking: true, // 1.34
  PLEGOnDemandRelist: true, // 1.36
  PodReadyToStartContainersCondition: true, // 1.29
  PreferSameTrafficDistribution: true, // 1.34
  ProxyTerminatingEndpoints: true, // 1.26
  ProbeTerminationGracePeriod: true, // 1.22 alpha, on since 1.25
  PodTopologyLabelsAdmission: true, // 1.35
  RestartAllContainersOnContainerExits: true, // 1.36
  InPlacePodVerticalScaling: true, // 1.33
  KubeletEnsureSecretPulledImages: true, // 1.35
  PodHostIPs: true, // 1.29
  ServiceIPStaticSubrange: true, // 1.25
  ServiceNodePortStaticSubrange: true, // 1.28
  SidecarContainers: true, // 1.29
  StableLoadBalancerNodeSet: true, // 1.27
  StaleControllerConsistencyDaemonSet: true, // 1.36
  StaleControllerConsistencyJob: true, // 1.36
  StaleControllerConsistencyReplicaSet: true, // 1.36
  StaleControllerConsistencyStatefulSet: true, // 1.36
  StatefulSetAutoDeletePVC: true, // 1.27
  TopologyAwareHints: true, // 1.24
  // Not a gate: pkg/registry/batch/job/strategy.go generateSelector, since 1.27
  jobLabelsHavePrefix: true,
  // Not a gate: pkg/apis/batch/v1 declares the default of manualSelector, since 1.36
  jobManualSelectorHasDefault: true,
  // Not a gate: pkg/kubelet/kubelet_pods.go getPhase, argument podIsTerminal, since 1.27
  terminatedPodsReachTerminalPhase: true,
  // Not a gate: pkg/controller/deployment/sync.go scaleReplicaSet, since 1.27
  scalingEventTellsOldSize: true,
  // Not a gate: k8s.io/endpointslice/util ShouldPodBeInEndpoints, until 1.26
  endpointEndsByRestartPolicy: false,
  // Not gates: pkg/controller/statefulset/stateful_set_control.go, slowStartBatch since 1.27, processReplica since 1.28,
  // completeRollingUpdate since 1.36; stateful_pod_control.go recordPodEvent
  statefulSetBeginsInBatches: true,
  statefulSetReplacesSucceededPods: true,
  statefulSetCompletesAtFullSize: true,
  statefulSetEventsAreCapitalised: true,
  // Not a gate: pkg/controller/daemon/daemon_controller.go podsShouldBeOnNode, getNodesToDaemonPods, since 1.25
  daemonSetReplacesEndedDaemons: true,
  // Not a gate: pkg/controller/daemon/daemon_controller.go syncNodeUpdate: since 1.33, kubernetes#130514, mended by #132477
  daemonSetSleepsWherePodsMayStay: true,
  // Not gates: pkg/controller/job/job_controller.go newSuccessCondition, newFailureCondition (delayTerminalCondition) since 1.31,
  // syncJob (startTime of a suspended Job) since 1.35; backoff_utils.go since 1.27
  jobDelaysTerminalCondition: true,
  jobSuspendClearsStartTime: true,
  jobBacksOffByFinishTimes: true,
  // Not a gate: pkg/controller/garbagecollector/operations.go deleteObject, since 1.33
  garbageCollectorDeletesByResourceVersion: true,
  // Not a gate: pkg/controller/replicaset FindMinNextPodAvailabilityCheck, since 1.35
  checksNextAvailability: true,
  // Not a gate: pkg/controller/nodelifecycle, --enable-taint-manager and --pod-eviction-timeout, removed in 1.27
  taintManagerIsOptional: false,
  ElasticIndexedJob: true, // 1.27
  EnvFiles: true, // 1.35
  HPAScaleToZero: true, // 1.37
  RelaxedDNSSearchValidation: true, // 1.33
  RelaxedEnvironmentVariableValidation: true, // 1.32
  RelaxedServiceNameValidation: true, // 1.35
  // Not a gate: pkg/apis/batch/validation validateScheduleFormat, since 1.29
  cronSchedulesRefuseTimeZones: true,
  // Not a gate: pkg/apis/apps/validation, names since 1.27, serviceName since 1.33, templates since 1.34
  statefulSetsAreValidatedStrictly: true,
};
