/** Defaults of what scales nodes, and of what measures pods, beside a cluster of 1.37. */
export const autoscaling_v1_37 = {
  /** cluster-autoscaler 1.37, whose releases go with those of Kubernetes. */
  clusterAutoscaler: {
    // autoscaler cluster-autoscaler/config/flags/flags.go, config/const.go
    scanInterval: '10s',
    expander: 'least-waste',
    maxNodesTotal: 0,
    maxNodesPerScaleUp: 1000,
    balanceSimilarNodeGroups: false,
    balancingIgnoreLabels: '',
    balancingLabels: '',
    memoryDifferenceRatio: 0.015,
    maxAllocatableDifferenceRatio: 0.05,
    maxFreeDifferenceRatio: 0.05,
    namespace: 'kube-system',
    writeStatusConfigMap: true,
    statusConfigMapName: 'cluster-autoscaler-status',
    newPodScaleUpDelay: '0s',
    expendablePodsPriorityCutoff: -10,
    maxNodeProvisionTime: '15m',
    maxNodeStartupTime: '15m',
    okTotalUnreadyCount: 3,
    maxTotalUnreadyPercentage: 45,
    initialBackoff: '5m',
    maxBackoff: '30m',
    backoffReset: '3h',
    scaleDownEnabled: true,
    scaleDownDelayAfterAdd: '10m',
    scaleDownDelayAfterDelete: '0s',
    scaleDownDelayAfterFailure: '3m',
    scaleDownUnneededTime: '10m',
    scaleDownUnreadyTime: '20m',
    scaleDownUtilizationThreshold: 0.5,
    scaleDownGpuUtilizationThreshold: 0.5,
    scaleDownUnreadyEnabled: true,
    ignoreDaemonSetsUtilization: false,
    maxScaleDownParallelism: 10,
    maxDrainParallelism: 1,
    unremovableNodeRecheckTimeout: '5m',
    skipNodesWithSystemPods: true,
    skipNodesWithLocalStorage: true,
    skipNodesWithCustomControllerPods: true,
    minReplicaCount: 0,
    nodeDeleteDelayAfterTaint: '5s',
    maxGracefulTerminationSec: 600,
    maxPodEvictionTime: '2m',
    daemonSetEvictionForOccupiedNodes: true,
    cordonNodeBeforeTerminating: false,
    maxBulkSoftTaintCount: 10,
    maxBulkSoftTaintTime: '3s',
    kubeClientQPS: 5,
    kubeClientBurst: 10,
    // core/static_autoscaler.go unschedulablePodTimeBuffer
    unschedulablePodTimeBuffer: '2s',
    unschedulablePodWithGpuTimeBuffer: '30s',
    // estimator/sng_capacity_threshold.go, cluster_capacity_threshold.go
    estimatesWithinCapacity: true,
    // cloudprovider/gce/gce_price_model.go: what pods cost, whatever the cloud; machines cost what the scenario says
    cpuPricePerHour: 0.033174,
    memoryPricePerHourPerGb: 0.004446,
    gpuPricePerHour: 0.7,
    // core/scaledown/actuation/drain.go DefaultEvictionRetryTime, DefaultPodEvictionHeadroom
    evictionRetryTime: '10s',
    podEvictionHeadroom: '30s',
  },

  /** Karpenter 1.x (sigs.k8s.io/karpenter), which has no version of Kubernetes' own. */
  karpenter: {
    // pkg/operator/options/options.go
    batchIdleDuration: '1s',
    batchMaxDuration: '10s',
    kubeClientQPS: 200,
    kubeClientBurst: 300,
    // pkg/controllers/provisioning/controller.go PodController.Reconcile
    podRequeue: '10s',
    // pkg/controllers/disruption/controller.go pollingPeriod, consolidation.go consolidationTTL
    disruptionPollingPeriod: '10s',
    consolidationTTL: '15s',
    // pkg/controllers/disruption/queue.go
    queueBaseDelay: '1s',
    minRetryDuration: '10m',
    // pkg/controllers/nodeclaim/lifecycle/liveness.go
    registrationTimeout: '15m',
    // pkg/controllers/node/termination/controller.go: after a drain that is not over; after a machine that is not gone
    drainRequeue: '1s',
    terminationRequeue: '5s',
    // pkg/controllers/node/termination/terminator/eviction.go
    evictionQueueBaseDelay: '100ms',
    evictionQueueMaxDelay: '10s',
  },

  /** cloud-controller-manager. */
  cloudNodeLifecycle: {
    // k8s.io/cloud-provider config: --node-monitor-period
    nodeMonitorPeriod: '5s',
  },

  /** The vertical pod autoscaler 1.5, which has no version of Kubernetes' own: recommender, updater. */
  verticalPodAutoscaler: {
    // vertical-pod-autoscaler/common/flags.go
    kubeAPIQPS: 50,
    kubeAPIBurst: 100,
    // vertical-pod-autoscaler/pkg/recommender/config/config.go
    recommenderInterval: '1m0s',
    recommendationMarginFraction: 0.15,
    podRecommendationMinCPUMillicores: 25,
    podRecommendationMinMemoryMb: 250,
    targetPercentile: 0.9,
    lowerBoundPercentile: 0.5,
    upperBoundPercentile: 0.95,
    // vertical-pod-autoscaler/pkg/recommender/model/aggregations_config.go
    memoryAggregationInterval: '24h0m0s',
    memoryAggregationIntervalCount: 8,
    memoryHistogramDecayHalfLife: '24h0m0s',
    cpuHistogramDecayHalfLife: '24h0m0s',
    histogramBucketSizeGrowth: 0.05,
    histogramEpsilon: 0.0001,
    oomBumpUpRatio: 1.2,
    oomMinBumpUpBytes: 104857600,
    // vertical-pod-autoscaler/pkg/updater/config/config.go
    updaterInterval: '1m0s',
    minReplicas: 2,
    evictionTolerance: 0.5,
    evictAfterOOMThreshold: '10m0s',
    podLifetimeUpdateThreshold: '12h0m0s',
    podUpdateThreshold: 0.1,
  },

  /** metrics-server 0.8, which has no version of Kubernetes' own. */
  metricsServer: {
    // cmd/metrics-server/app/options/options.go
    metricResolution: '15s',
    // cmd/metrics-server/app/options/kubelet_client.go
    kubeletRequestTimeout: '10s',
    // pkg/scraper/scraper.go delayPerSourceMs, maxDelayMs
    delayPerSourceMs: 8,
    maxDelayMs: 4000,
    // pkg/storage/pod.go
    freshContainerMinMetricsResolution: '10s',
  },
};
