import { parseDuration } from '../../engine/index.js';
import { milliValueOf, type ResourceList, type Taint, valueOf } from '../api/index.js';
import type { Defaults } from '../versions/index.js';
import type { DiskLayout } from '../world/index.js';
import { type EvictionConfiguration, evictionSettings } from './eviction/index.js';
import type { HeartbeatConfiguration } from './heartbeat/index.js';
import type { ImageGCSettings } from './image-gc/decisions.js';
import type { ImagePullSettings } from './image-pull/decisions.js';
import { type ShutdownConfiguration, shutdownPeriods } from './node-shutdown/decisions.js';
import { probeSettings } from './probes/index.js';
import { type CrashLoopBackOffConfiguration, restartBackoffSettings } from './restart-backoff/index.js';
import { type LogAndProcessLimits } from './sync-pod/container-starter.js';

/** Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that change something here, as users write them. */
export interface KubeletConfiguration extends EvictionConfiguration, HeartbeatConfiguration, ShutdownConfiguration {
  readonly clusterDNS?: readonly string[] | undefined;
  readonly syncFrequency?: string | undefined;
  readonly kubeAPIQPS?: number | undefined;
  readonly kubeAPIBurst?: number | undefined;
  readonly eventRecordQPS?: number | undefined;
  readonly eventBurst?: number | undefined;
  readonly registryPullQPS?: number | undefined;
  readonly registryBurst?: number | undefined;
  readonly serializeImagePulls?: boolean | undefined;
  readonly maxParallelImagePulls?: number | undefined;
  readonly crashLoopBackOff?: CrashLoopBackOffConfiguration | undefined;
  readonly containerLogMaxFiles?: number | undefined;
  readonly containerLogMaxSize?: string | undefined;
  readonly imageGCHighThresholdPercent?: number | undefined;
  readonly imageGCLowThresholdPercent?: number | undefined;
  readonly imageMaximumGCAge?: string | undefined;
  readonly imageMinimumGCAge?: string | undefined;
  /** Gates of the kubelet by name; those that nothing here goes by are ignored. */
  readonly featureGates?: { readonly [gate: string]: boolean } | undefined;
  readonly kubeReserved?: ResourceList | undefined;
  readonly maxPods?: number | undefined;
  readonly podsPerCore?: number | undefined;
  readonly registerWithTaints?: readonly Taint[] | undefined;
  readonly podPidsLimit?: number | undefined;
  readonly systemReserved?: ResourceList | undefined;
  readonly volumeStatsAggPeriod?: string | undefined;
}

const FIELDS: { readonly [F in keyof Required<KubeletConfiguration>]: true } = {
  clusterDNS: true,
  syncFrequency: true,
  kubeAPIQPS: true,
  kubeAPIBurst: true,
  eventRecordQPS: true,
  eventBurst: true,
  registryPullQPS: true,
  registryBurst: true,
  serializeImagePulls: true,
  maxParallelImagePulls: true,
  crashLoopBackOff: true,
  containerLogMaxFiles: true,
  containerLogMaxSize: true,
  imageGCHighThresholdPercent: true,
  imageGCLowThresholdPercent: true,
  imageMaximumGCAge: true,
  imageMinimumGCAge: true,
  featureGates: true,
  kubeReserved: true,
  maxPods: true,
  podsPerCore: true,
  registerWithTaints: true,
  shutdownGracePeriod: true,
  shutdownGracePeriodByPodPriority: true,
  shutdownGracePeriodCriticalPods: true,
  podPidsLimit: true,
  systemReserved: true,
  volumeStatsAggPeriod: true,
  evictionHard: true,
  evictionSoft: true,
  evictionSoftGracePeriod: true,
  evictionMinimumReclaim: true,
  evictionMaxPodGracePeriod: true,
  evictionPressureTransitionPeriod: true,
  enforceNodeAllocatable: true,
  localStorageCapacityIsolation: true,
  mergeDefaultEvictionSettings: true,
  registerNode: true,
  nodeStatusUpdateFrequency: true,
  nodeStatusReportFrequency: true,
  nodeLeaseDurationSeconds: true,
  nodeStatusMaxImages: true,
};

/** The fields of KubeletConfiguration that are read, for those who check what users write. */
export const KUBELET_CONFIGURATION_FIELDS: readonly string[] = Object.keys(FIELDS);

export type KubeletSettings = ReturnType<typeof kubeletSettings>;

/** The settings of one kubelet: what its configuration says, else the version's defaults. Times in Micros. */
export function kubeletSettings(defaults: Defaults, diskLayout: DiskLayout, configuration: KubeletConfiguration = {}) {
  const { garbageCollection, podWorkers, podStatus, stats, volumes, termination } = defaults.kubelet;
  return {
    gates: defaults.features,
    admission: defaults.kubelet.admission,
    kubeAPIQPS: configuration.kubeAPIQPS ?? podWorkers.kubeAPIQPS,
    kubeAPIBurst: configuration.kubeAPIBurst ?? podWorkers.kubeAPIBurst,
    eventRecordQPS: configuration.eventRecordQPS ?? podWorkers.eventRecordQPS,
    eventBurst: configuration.eventBurst ?? podWorkers.eventBurst,
    podWorkers: {
      syncFrequency: parseDuration(configuration.syncFrequency ?? podWorkers.syncFrequency),
      resyncJitter: podWorkers.workerResyncIntervalJitterFactor,
      backOffPeriod: parseDuration(podWorkers.backOffPeriod),
      backOffOnTransientErrorPeriod: parseDuration(podWorkers.backOffOnTransientErrorPeriod),
      backOffJitter: podWorkers.workerBackOffPeriodJitterFactor,
      requeuesAtBackOffExpiry: podWorkers.requeuesAtBackOffExpiry,
      zeroOverrideIsNone: termination.zeroOverrideIsNone,
    },
    loops: {
      sync: parseDuration(podWorkers.syncPeriod),
      housekeeping: parseDuration(podWorkers.housekeepingPeriod),
      relist: parseDuration(podWorkers.plegRelistPeriod),
      containerGC: parseDuration(podWorkers.containerGCPeriod),
      nodeSyncWait: parseDuration(podWorkers.nodeSyncWaitPeriod),
      statuses: parseDuration(podStatus.syncPeriod),
      imageList: parseDuration(defaults.kubelet.images.imageListPeriod),
    },
    runtimeHealth: {
      pollPeriod: parseDuration(defaults.kubelet.runtimeHealth.pollPeriod),
      downAfter: parseDuration(defaults.kubelet.runtimeHealth.maxWaitForContainerRuntime),
      relistThreshold: parseDuration(defaults.kubelet.runtimeHealth.plegRelistThreshold),
    },
    eventsNameContainers: podWorkers.eventsNameContainers,
    tellsEndOfTermination: podStatus.tellsEndOfTermination,
    pushesSandboxReady: podStatus.pushesSandboxReady,
    images: imagePullSettings(defaults, configuration),
    // Without a word about it the cluster has one: kubeadm always writes clusterDNS.
    hasClusterDNS: (configuration.clusterDNS ?? ['']).length > 0,
    mirrorsAtRegistration: podWorkers.mirrorsAtRegistration,
    migratedPlugins: volumes.migratedPlugins,
    enforcesAllocatableOfPods: (
      configuration.enforceNodeAllocatable ?? defaults.kubelet.eviction.enforceNodeAllocatable.split(',')
    ).includes('pods'),
    volumes: {
      podAttachAndMountRetryInterval: parseDuration(volumes.podAttachAndMountRetryInterval),
      podAttachAndMountTimeout: parseDuration(volumes.podAttachAndMountTimeout),
      reconcilerLoopSleepPeriod: parseDuration(volumes.reconcilerLoopSleepPeriod),
      operationBackOff: {
        initial: parseDuration(volumes.initialDurationBeforeRetry),
        longest: parseDuration(volumes.maxDurationBeforeRetry),
      },
      tellsWaitTimeout: volumes.tellsWaitTimeout,
      unmountTime: parseDuration(volumes.unmountTime),
    },
    termination: {
      minimumGracePeriodSeconds: termination.minimumGracePeriodSeconds,
      hookEventsTellDetails: termination.hookEventsTellDetails,
      preStopCountsTowardsOverride: termination.preStopCountsTowardsOverride,
      ProbeTerminationGracePeriod: defaults.features.ProbeTerminationGracePeriod,
    },
    killing: {
      timeoutFactor: termination.killTimeoutFactor,
      minimumTimeoutSeconds: termination.minimumKillTimeoutSeconds,
      orphanGracePeriodSeconds: termination.orphanGracePeriodSeconds,
    },
    restartBackoff: restartBackoffSettings(defaults.kubelet.restartBackoff, configuration.crashLoopBackOff),
    probes: probeSettings(defaults),
    eviction: evictionSettings(defaults, diskLayout, configuration),
    imageGC: imageGCSettings(defaults, configuration),
    containerGC: {
      minimumGCAge: parseDuration(garbageCollection.minimumGCAge),
      maxPerPodContainerCount: garbageCollection.maxPerPodContainerCount,
      maxContainerCount: garbageCollection.maxContainerCount,
    },
    stats: {
      housekeepingInterval: parseDuration(stats.housekeepingInterval),
      housekeepingJitterFactor: stats.housekeepingJitterFactor,
      containerStatsPeriod: parseDuration(stats.containerStatsPeriod),
      volumeStatsAggPeriod: parseDuration(configuration.volumeStatsAggPeriod ?? stats.volumeStatsAggPeriod),
      volumeStatsJitterFactor: stats.volumeStatsJitterFactor,
    },
    shutdown: {
      periods: shutdownPeriods(configuration, defaults.features.GracefulNodeShutdownBasedOnPodPriority),
      waitsForUnmount: defaults.kubelet.shutdown.waitsForUnmount,
    },
    limits: limits(defaults, configuration),
    enforceNodeAllocatable:
      configuration.enforceNodeAllocatable ?? defaults.kubelet.eviction.enforceNodeAllocatable.split(','),
    reserved: { kubeReserved: configuration.kubeReserved, systemReserved: configuration.systemReserved },
  } as const;
}

function imagePullSettings(defaults: Defaults, configuration: KubeletConfiguration): ImagePullSettings {
  const { images } = defaults.kubelet;
  const { maxParallelImagePulls } = configuration;
  return {
    registryPullQPS: configuration.registryPullQPS ?? images.registryPullQPS,
    registryBurst: configuration.registryBurst ?? images.registryBurst,
    // Parallel pulls asked for are parallel pulls wanted (k8s 1.37 SetDefaults_KubeletConfiguration).
    serializeImagePulls:
      configuration.serializeImagePulls ?? ((maxParallelImagePulls ?? 1) < 2 && images.serializeImagePulls),
    maxParallelImagePulls,
    imageBackOffPeriod: parseDuration(images.imageBackOffPeriod),
    maxImageBackOff: parseDuration(images.maxImageBackOff),
    pulledEventTellsSize: images.pulledEventTellsSize,
    waitingMessageTellsPullError: images.waitingMessageTellsPullError,
    KubeletEnsureSecretPulledImages: defaults.features.KubeletEnsureSecretPulledImages,
  };
}

/** @throws RangeError with the kubelet's words (k8s 1.37 pkg/kubelet/apis/config/validation). */
function imageGCSettings(defaults: Defaults, configuration: KubeletConfiguration): ImageGCSettings {
  const { garbageCollection } = defaults.kubelet;
  const high = configuration.imageGCHighThresholdPercent ?? garbageCollection.imageGCHighThresholdPercent;
  const low = configuration.imageGCLowThresholdPercent ?? garbageCollection.imageGCLowThresholdPercent;
  if (low >= high) {
    throw new RangeError(
      `invalid configuration: imageGCLowThresholdPercent ${low} must be less than imageGCHighThresholdPercent ${high}`,
    );
  }
  return {
    imageGCHighThresholdPercent: high,
    imageGCLowThresholdPercent: low,
    imageMinimumGCAge: parseDuration(configuration.imageMinimumGCAge ?? garbageCollection.imageMinimumGCAge),
    imageMaximumGCAge: parseDuration(configuration.imageMaximumGCAge ?? garbageCollection.imageMaximumGCAge),
    imageGCPeriod: parseDuration(garbageCollection.imageGCPeriod),
    imageDetectionPeriod: parseDuration(garbageCollection.imageDetectionPeriod),
    failureTellsEligible: garbageCollection.failureTellsEligible,
  };
}

function limits(defaults: Defaults, configuration: KubeletConfiguration): LogAndProcessLimits {
  const { containerLogMaxFiles, containerLogMaxSize, podPidsLimit } = { ...defaults.kubelet.limits, ...configuration };
  return {
    logLimit: valueOf(containerLogMaxSize ?? 0) * (containerLogMaxFiles ?? 0),
    // 0 and -1 are no limit (k8s 1.37 pkg/kubelet/cm/container_manager_linux.go)
    processLimit: (podPidsLimit ?? 0) > 0 ? (podPidsLimit as number) : Number.POSITIVE_INFINITY,
  };
}

/** What is wrong with a configuration whose values fit one by one, and the field at which it is seen. */
export interface ConfigurationMistake {
  readonly field: string;
  readonly message: string;
}

/** Each kubelet looks at its own disks; what it complains of is the same on any. */
const ANY_DISKS: DiskLayout = 'singleDisk';

/** What a kubelet would not start with, in its words: from each part of the configuration its first complaint. */
export function kubeletConfigurationMistakes(
  defaults: Defaults,
  configuration: KubeletConfiguration,
): readonly ConfigurationMistake[] {
  const { features } = withFeatureGates(defaults, configuration);
  const byPriority = features.GracefulNodeShutdownBasedOnPodPriority;
  const parts: readonly (readonly [readonly (keyof KubeletConfiguration)[], () => unknown])[] = [
    [EVICTION_FIELDS, () => evictionSettings(defaults, ANY_DISKS, configuration)],
    [IMAGE_GC_FIELDS, () => imageGCSettings(defaults, configuration)],
    [SHUTDOWN_FIELDS, () => shutdownPeriods(configuration, byPriority)],
  ];
  return parts.flatMap(([fields, read]) => {
    try {
      read();
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      const given = fields.find((field) => configuration[field] !== undefined);
      return [{ field: given ?? (fields[0] as string), message: error.message }];
    }
  });
}

const EVICTION_FIELDS = ['evictionSoft', 'evictionHard', 'evictionMinimumReclaim', 'evictionSoftGracePeriod'] as const;
const IMAGE_GC_FIELDS = ['imageGCLowThresholdPercent', 'imageGCHighThresholdPercent'] as const;
const SHUTDOWN_FIELDS = [
  'shutdownGracePeriodCriticalPods',
  'shutdownGracePeriod',
  'shutdownGracePeriodByPodPriority',
] as const;

/** The version's defaults with the gates that the configuration sets. */
export const withFeatureGates = (defaults: Defaults, { featureGates }: KubeletConfiguration): Defaults =>
  featureGates === undefined
    ? defaults
    : {
        ...defaults,
        features: {
          ...defaults.features,
          ...Object.fromEntries(Object.entries(featureGates).filter(([gate]) => gate in defaults.features)),
        },
      };

/** What the kubelet tells of the machine: pods by its own limit (k8s 1.37 pkg/kubelet/nodestatus/setters.go MachineInfo). */
export function kubeletCapacity(capacity: ResourceList, { maxPods, podsPerCore }: KubeletConfiguration): ResourceList {
  const most = maxPods ?? valueOf(capacity['pods'] ?? '0');
  const byCores =
    (podsPerCore ?? 0) > 0 ? Math.floor(milliValueOf(capacity['cpu'] ?? '0') / 1000) * (podsPerCore ?? 0) : most;
  return maxPods === undefined && byCores >= most ? capacity : { ...capacity, pods: String(Math.min(most, byCores)) };
}
