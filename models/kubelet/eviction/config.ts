import { parseDuration } from '../../../engine/time/duration.js';
import type { Defaults } from '../../versions/index.js';
import type { EvictionSettings } from './decisions.js';
import {
  type DiskLayout,
  isHard,
  parseThresholdConfig,
  type ThresholdConfiguration,
  withContainerFsThresholds,
} from './thresholds.js';

/** Fields of KubeletConfiguration that concern eviction. */
export interface EvictionConfiguration extends ThresholdConfiguration {
  readonly evictionMaxPodGracePeriod?: number | undefined;
  readonly evictionPressureTransitionPeriod?: string | undefined;
  readonly localStorageCapacityIsolation?: boolean | undefined;
  /** [37] Defaults of evictionHard stay for the signals that it does not name. */
  readonly mergeDefaultEvictionSettings?: boolean | undefined;
}

/**
 * evictionHard in force: setting it at all drops every default, unless they are to be merged (k8s 1.37
 * cmd/kubelet/app/server.go). Node allocatable subtracts from it as well.
 */
export function effectiveEvictionHard(
  defaults: Defaults['kubelet']['eviction'],
  configuration: EvictionConfiguration,
): { readonly [signal: string]: string } {
  const { evictionHard, mergeDefaultEvictionSettings } = configuration;
  if (evictionHard === undefined) {
    return defaults.evictionHard;
  }
  return (mergeDefaultEvictionSettings ?? defaults.mergeDefaultEvictionSettings)
    ? { ...defaults.evictionHard, ...evictionHard }
    : evictionHard;
}

/** @throws RangeError with the kubelet's words when a threshold is wrong. */
export function evictionSettings(
  defaults: Defaults,
  diskLayout: DiskLayout,
  configuration: EvictionConfiguration = {},
): EvictionSettings {
  const { eviction } = defaults.kubelet;
  const configured = parseThresholdConfig({
    ...configuration,
    evictionHard: effectiveEvictionHard(eviction, configuration),
    enforceNodeAllocatable: configuration.enforceNodeAllocatable ?? eviction.enforceNodeAllocatable.split(','),
  });
  const thresholds = eviction.watchesContainerFs ? withContainerFsThresholds(configured, diskLayout) : configured;
  const isConfigured = new Set(configured.map((threshold) => `${threshold.signal} ${isHard(threshold)}`));
  return {
    thresholds,
    firstThresholds: thresholds.filter((threshold) => isConfigured.has(`${threshold.signal} ${isHard(threshold)}`)),
    diskLayout,
    maxPodGracePeriodSeconds: configuration.evictionMaxPodGracePeriod ?? eviction.evictionMaxPodGracePeriod,
    pressureTransitionPeriod: parseDuration(
      configuration.evictionPressureTransitionPeriod ?? eviction.evictionPressureTransitionPeriod,
    ),
    localStorageCapacityIsolation:
      configuration.localStorageCapacityIsolation ?? eviction.localStorageCapacityIsolation,
    monitoringPeriod: parseDuration(eviction.evictionMonitoringPeriod),
    podCleanupPollPeriod: parseDuration(eviction.podCleanupPollFreq),
    podCleanupTimeout: parseDuration(eviction.podCleanupTimeout),
    immediateGracePeriodSeconds: eviction.immediateEvictionGracePeriodSeconds,
    softGraceIsLimitedByPod: eviction.softGraceIsLimitedByPod,
    messagesNameThreshold: eviction.messagesNameThreshold,
    marksDisruptionTarget: defaults.features.PodDisruptionConditions,
  };
}
