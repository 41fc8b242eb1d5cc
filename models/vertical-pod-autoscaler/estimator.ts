import type { AggregateContainerState } from './aggregate-container-state.js';
import { DAY, type RecommenderSettings } from './config.js';

// kubernetes/autoscaler vertical-pod-autoscaler/pkg/recommender/logic estimator.go, recommender.go

/** CPU in whole milli-cores, memory in bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

export interface Estimate {
  readonly target: Resources;
  readonly lowerBound: Resources;
  readonly upperBound: Resources;
}

/** model.MaxResourceAmount; amounts are int64 there. */
const MAX_AMOUNT = 1e14;

/** As resourceAmountFromFloat: whole, not negative, and never beyond all bounds. */
const amount = (value: number): number => Math.min(Math.max(0, Math.trunc(value)), MAX_AMOUNT);

/**
 * How much the samples are worth: N for a sample a minute over N days. It stretches the bounds: the upper one by 1 + 1/c, the lower one by
 * (1 + 0.001/c)⁻².
 */
export function confidenceOf({
  firstSampleStart = 0,
  lastSampleStart = 0,
  totalSamplesCount,
}: AggregateContainerState): number {
  return Math.min((lastSampleStart - firstSampleStart) / DAY, totalSamplesCount / (60 * 24));
}

/** What a container of a pod with so many containers should request. */
export function estimate(state: AggregateContainerState, containers: number, settings: RecommenderSettings): Estimate {
  const confidence = confidenceOf(state);
  const at = (percentile: number, factor: number): Resources =>
    atLeast(
      scaled(withMargin(percentilesOf(state, percentile), settings.safetyMarginFraction), factor),
      leastOf(containers, settings),
    );
  return {
    target: at(settings.targetPercentile, 1),
    lowerBound: at(settings.lowerBoundPercentile, (1 + 0.001 / confidence) ** -2),
    upperBound: at(settings.upperBoundPercentile, 1 + 1 / confidence),
  };
}

const percentilesOf = ({ cpu, memoryPeaks }: AggregateContainerState, share: number): Resources => ({
  cpu: amount(cpu.percentile(share) * 1000),
  memory: amount(memoryPeaks.percentile(share)),
});

const withMargin = ({ cpu, memory }: Resources, fraction: number): Resources => ({
  cpu: cpu + amount(cpu * fraction),
  memory: memory + amount(memory * fraction),
});

/** Nothing stays nothing, whatever it is multiplied by. */
const scaled = ({ cpu, memory }: Resources, factor: number): Resources => ({
  cpu: cpu === 0 ? 0 : amount(cpu * factor),
  memory: memory === 0 ? 0 : amount(memory * factor),
});

const atLeast = (a: Resources, b: Resources): Resources => ({
  cpu: Math.max(a.cpu, b.cpu),
  memory: Math.max(a.memory, b.memory),
});

/** The least of a pod, split evenly over its containers. */
const leastOf = (containers: number, { podMinCPUMillicores, podMinMemoryBytes }: RecommenderSettings): Resources => ({
  cpu: amount(podMinCPUMillicores / containers),
  memory: amount(podMinMemoryBytes / containers),
});
