/** Defaults of the controllers of kube-controller-manager that run workloads, in Kubernetes 1.37; see v1-37.ts. */
export const workloads_v1_37 = {
  replicaSetController: {
    // pkg/controller/replicaset/config/v1alpha1/defaults.go
    concurrentReplicaSetSyncs: 5,
    // pkg/controller/replicaset/replica_set.go BurstReplicas, statusUpdateRetries
    burstReplicas: 500,
    statusUpdateRetries: 1,
  },
  replicationController: {
    // pkg/controller/replication/config/v1alpha1/defaults.go
    concurrentRCSyncs: 5,
  },
  deploymentController: {
    // pkg/controller/deployment/config/v1alpha1/defaults.go
    concurrentDeploymentSyncs: 5,
    // pkg/controller/deployment/deployment_controller.go maxRetries
    maxRetries: 15,
  },
  endpointSliceController: {
    // pkg/controller/endpointslice/config/v1alpha1/defaults.go
    concurrentServiceEndpointSyncs: 5,
    maxEndpointsPerSlice: 100,
    endpointSliceUpdatesBatchPeriod: '0s',
    // pkg/controller/endpointslice/endpointslice_controller.go maxRetries, endpointSliceChangeMinSyncDelay
    maxRetries: 15,
    sliceChangeMinSyncDelay: '1s',
    // pkg/controller/endpointslice/endpointslice_controller.go defaultSyncBackOff, maxSyncBackOff
    syncBackOff: '1s',
    maxSyncBackOff: '1000s',
  },
  endpointsController: {
    // pkg/controller/endpoint/config/v1alpha1/defaults.go, pkg/controller/endpoint/endpoints_controller.go maxRetries
    concurrentEndpointSyncs: 5,
    endpointUpdatesBatchPeriod: '0s',
    maxRetries: 15,
    // pkg/controller/endpoint/endpoints_controller.go LabelManagedBy, since 1.33
    labelsManaged: true,
  },
  endpointSliceMirroringController: {
    // pkg/controller/endpointslicemirroring/config/v1alpha1/defaults.go, endpointslicemirroring_controller.go maxRetries
    mirroringConcurrentServiceEndpointSyncs: 5,
    mirroringMaxEndpointsPerSubset: 1000,
    mirroringEndpointSliceUpdatesBatchPeriod: '0s',
    maxRetries: 15,
  },
  statefulSetController: {
    // pkg/controller/statefulset/config/v1alpha1/defaults.go
    concurrentStatefulSetSyncs: 5,
    // k8s.io/client-go util/retry DefaultRetry, used by statefulset/stateful_set_status_updater.go
    statusUpdateAttempts: 5,
    statusUpdateInterval: '10ms',
  },
  daemonSetController: {
    // pkg/controller/daemon/config/v1alpha1/defaults.go
    concurrentDaemonSetSyncs: 2,
    // pkg/controller/daemon/daemon_controller.go BurstReplicas, StatusUpdateRetries
    burstReplicas: 250,
    statusUpdateRetries: 1,
    // cmd/kube-controller-manager/app/apps.go startDaemonSetController, NewBackOff
    failedPodBackOff: '1s',
    maxFailedPodBackOff: '15m0s',
  },
  jobController: {
    // pkg/controller/job/config/v1alpha1/defaults.go
    concurrentJobSyncs: 5,
    // pkg/controller/job/job_controller.go MaxPodCreateDeletePerSync, MaxUncountedPods, SyncJobBatchPeriod
    maxPodsPerSync: 500,
    maxUncountedPods: 500,
    syncBatchPeriod: '1s',
    // pkg/controller/job/job_controller.go DefaultJobApiBackOff, MaxJobApiBackOff
    apiBackOff: '1s',
    maxApiBackOff: '60s',
    // pkg/controller/job/job_controller.go DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff
    podFailureBackOff: '10s',
    maxPodFailureBackOff: '10m0s',
  },
  disruptionController: {
    // pkg/controller/disruption/disruption.go Run: one worker
    concurrentDisruptionSyncs: 1,
  },
  cronJobController: {
    // pkg/controller/cronjob/config/v1alpha1/defaults.go
    concurrentCronJobSyncs: 5,
  },
  ttlAfterFinishedController: {
    // pkg/controller/ttlafterfinished/config/v1alpha1/defaults.go
    concurrentTTLSyncs: 5,
  },
  horizontalPodAutoscalerController: {
    // pkg/controller/podautoscaler/config/v1alpha1/defaults.go
    concurrentHorizontalPodAutoscalerSyncs: 5,
    syncPeriod: '15s',
    tolerance: 0.1,
    downscaleStabilization: '5m0s',
    cpuInitializationPeriod: '5m0s',
    initialReadinessDelay: '30s',
    // pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler, with k8s.io/client-go util/retry DefaultRetry
    scaleUpdateTries: 5,
    scaleUpdateRetryInterval: '10ms',
    // pkg/controller/podautoscaler/horizontal.go validateAndParseSelector, since 1.26
    checksAmbiguousSelectors: true,
    // pkg/controller/podautoscaler/replica_calculator.go GetResourceReplicas, since 1.27
    missingPodsUseTarget: true,
    // pkg/controller/podautoscaler/replica_calculator.go calcPlainMetricReplicas; until 1.23 at least its else had no condition
    missingPodsIdleAtTarget: false,
    // pkg/controller/podautoscaler/replica_calculator.go GetResourceReplicas; until 1.23 at least requests came first
    samplesCheckedFirst: true,
    // pkg/controller/podautoscaler/replica_calculator.go and horizontal.go: what their errors name
    errorsNamePods: true,
  },
  namespaceController: {
    // pkg/controller/namespace/config/v1alpha1/defaults.go
    concurrentNamespaceSyncs: 10,
    // cmd/kube-controller-manager/app/core.go startModifiedNamespaceController: QPS *= 20, Burst *= 100
    qpsFactor: 20,
    burstFactor: 100,
    // pkg/controller/namespace/namespace_controller.go namespaceDeletionGracePeriod
    deletionGracePeriod: '5s',
    // pkg/controller/namespace/namespace_controller.go nsControllerRateLimiter
    syncBackOff: '5ms',
    maxSyncBackOff: '60s',
  },
  garbageCollector: {
    // pkg/controller/garbagecollector/config/v1alpha1/defaults.go
    enableGarbageCollector: true,
    concurrentGCSyncs: 20,
    // cmd/kube-controller-manager/app/core.go startGarbageCollectorController: the metadata client gets twice the rate
    qpsFactor: 2,
    // pkg/controller/garbagecollector/garbagecollector.go NewGarbageCollector, absentOwnerCache
    absentOwnersRemembered: 500,
  },
};
