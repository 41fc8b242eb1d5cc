import { type Micros, parseDuration, seconds } from '../../engine/index.js';
import type { ClientLimits, Defaults } from '../versions/index.js';
import type { HistogramOptions } from './histogram.js';

/** Settings of the recommender. */
export interface RecommenderSettings {
  readonly interval: Micros;
  readonly cpuHistogram: HistogramOptions;
  readonly memoryHistogram: HistogramOptions;
  /** One peak of memory is taken from each container per interval. */
  readonly memoryAggregationInterval: Micros;
  /** What was last seen this long ago is forgotten. */
  readonly memoryAggregationWindow: Micros;
  /** Bytes. */
  readonly oomMinBumpUp: number;
  readonly oomBumpUpRatio: number;
  readonly targetPercentile: number;
  readonly lowerBoundPercentile: number;
  readonly upperBoundPercentile: number;
  readonly safetyMarginFraction: number;
  /** Least recommendation of a whole pod. */
  readonly podMinCPUMillicores: number;
  readonly podMinMemoryBytes: number;
}

/** Settings of the updater. */
export interface UpdaterSettings {
  readonly interval: Micros;
  readonly minReplicas: number;
  /** Share of the replicas that may be missing for an eviction. */
  readonly evictionTolerance: number;
  readonly evictAfterOOMThreshold: Micros;
  readonly podLifetimeUpdateThreshold: Micros;
  readonly podUpdateThreshold: number;
}

export interface VerticalPodAutoscalerConfiguration {
  readonly recommender: RecommenderSettings;
  readonly updater: UpdaterSettings;
  readonly client: ClientLimits;
}

const MEBIBYTE = 1024 * 1024;

export function verticalPodAutoscalerConfiguration(defaults: Defaults): VerticalPodAutoscalerConfiguration {
  const section = defaults.verticalPodAutoscaler;
  const intervals = parseDuration(section.memoryAggregationInterval);
  return {
    client: { qps: section.kubeAPIQPS, burst: section.kubeAPIBurst },
    recommender: {
      interval: parseDuration(section.recommenderInterval),
      cpuHistogram: {
        maxValue: 1000,
        firstBucketSize: 0.01,
        ratio: section.histogramBucketSizeGrowth + 1,
        epsilon: section.histogramEpsilon,
        halfLife: parseDuration(section.cpuHistogramDecayHalfLife),
      },
      memoryHistogram: {
        maxValue: 1e12,
        firstBucketSize: 1e7,
        ratio: section.histogramBucketSizeGrowth + 1,
        epsilon: section.histogramEpsilon,
        halfLife: parseDuration(section.memoryHistogramDecayHalfLife),
      },
      memoryAggregationInterval: intervals,
      memoryAggregationWindow: intervals * section.memoryAggregationIntervalCount,
      oomMinBumpUp: section.oomMinBumpUpBytes,
      oomBumpUpRatio: section.oomBumpUpRatio,
      targetPercentile: section.targetPercentile,
      lowerBoundPercentile: section.lowerBoundPercentile,
      upperBoundPercentile: section.upperBoundPercentile,
      safetyMarginFraction: section.recommendationMarginFraction,
      podMinCPUMillicores: section.podRecommendationMinCPUMillicores,
      podMinMemoryBytes: section.podRecommendationMinMemoryMb * MEBIBYTE,
    },
    updater: {
      interval: parseDuration(section.updaterInterval),
      minReplicas: section.minReplicas,
      evictionTolerance: section.evictionTolerance,
      evictAfterOOMThreshold: parseDuration(section.evictAfterOOMThreshold),
      podLifetimeUpdateThreshold: parseDuration(section.podLifetimeUpdateThreshold),
      podUpdateThreshold: section.podUpdateThreshold,
    },
  };
}

/** What confidence is counted in. */
export const DAY: Micros = seconds(24 * 3600);
