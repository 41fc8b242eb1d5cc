import type { Micros } from '../../engine/index.js';
import type { RecommenderSettings } from './config.js';
import { DecayingHistogram } from './histogram.js';

// kubernetes/autoscaler vertical-pod-autoscaler/pkg/recommender/model aggregate_container_state.go, container.go

/** Weight of a CPU sample. Until 1.0 it was the container's request. */
const CPU_SAMPLE_WEIGHT = 0.1;
const MEMORY_SAMPLE_WEIGHT = 1;

/** What is known of all containers of one name, of pods with the same labels. */
export class AggregateContainerState {
  readonly cpu: DecayingHistogram;
  readonly memoryPeaks: DecayingHistogram;
  /** Of CPU samples; undefined before the first one. */
  firstSampleStart: Micros | undefined;
  lastSampleStart: Micros | undefined;
  totalSamplesCount = 0;

  constructor({ cpuHistogram, memoryHistogram }: RecommenderSettings) {
    this.cpu = new DecayingHistogram(cpuHistogram);
    this.memoryPeaks = new DecayingHistogram(memoryHistogram);
  }

  /** Cores. */
  addCPUSample(cores: number, at: Micros): void {
    this.cpu.add(cores, CPU_SAMPLE_WEIGHT, at);
    this.lastSampleStart = Math.max(this.lastSampleStart ?? at, at);
    this.firstSampleStart = Math.min(this.firstSampleStart ?? at, at);
    this.totalSamplesCount++;
  }

  addMemoryPeak(bytes: number, at: Micros): void {
    this.memoryPeaks.add(bytes, MEMORY_SAMPLE_WEIGHT, at);
  }

  subtractMemoryPeak(bytes: number, at: Micros): void {
    this.memoryPeaks.subtract(bytes, MEMORY_SAMPLE_WEIGHT, at);
  }

  merge(other: AggregateContainerState): void {
    this.cpu.merge(other.cpu);
    this.memoryPeaks.merge(other.memoryPeaks);
    this.firstSampleStart = least(this.firstSampleStart, other.firstSampleStart);
    this.lastSampleStart = largest(this.lastSampleStart, other.lastSampleStart);
    this.totalSamplesCount += other.totalSamplesCount;
  }
}

const least = (a: Micros | undefined, b: Micros | undefined): Micros | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

const largest = (a: Micros | undefined, b: Micros | undefined): Micros | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** One container of one pod: its samples in order of time, and its peak of memory in each interval. */
export class ContainerState {
  readonly #aggregate: AggregateContainerState;
  readonly #settings: RecommenderSettings;
  #lastCPUSampleStart = Number.NEGATIVE_INFINITY;
  #lastMemorySampleStart = Number.NEGATIVE_INFINITY;
  /** Of the interval whose peak is being looked for; undefined before the first sample. */
  #windowEnd: Micros | undefined;
  #memoryPeak = 0;
  #oomPeak = 0;

  constructor(aggregate: AggregateContainerState, settings: RecommenderSettings) {
    this.#aggregate = aggregate;
    this.#settings = settings;
  }

  /** A sample that is no newer than the last one was taken in already. */
  addCPUSample(cores: number, at: Micros): void {
    if (at > this.#lastCPUSampleStart) {
      this.#lastCPUSampleStart = at;
      this.#aggregate.addCPUSample(cores, at);
    }
  }

  addMemorySample(bytes: number, at: Micros): void {
    if (at >= this.#lastMemorySampleStart) {
      this.#addMemorySample(bytes, at, false);
    }
  }

  /** Killed for memory at `at`: it needed more than it requested or was ever seen to use. */
  recordOOM(requested: number, at: Micros): void {
    const { memoryAggregationInterval, oomBumpUpRatio, oomMinBumpUp } = this.#settings;
    if (this.#windowEnd !== undefined && at < this.#windowEnd - memoryAggregationInterval) {
      return;
    }
    // Without the peaks of earlier kills, so that kills in a row do not drive it ever higher.
    const used = Math.max(requested, this.#memoryPeak);
    const needed = Math.max(used + oomMinBumpUp, Math.trunc(used * oomBumpUpRatio));
    this.#addMemorySample(needed, at, true);
  }

  #addMemorySample(bytes: number, at: Micros, isOOM: boolean): void {
    const { memoryAggregationInterval: interval } = this.#settings;
    this.#lastMemorySampleStart = at;
    let end = this.#windowEnd ?? at;
    let isPeak = false;
    if (at < end) {
      const peak = Math.max(this.#memoryPeak, this.#oomPeak);
      if (peak !== 0 && bytes > peak) {
        this.#aggregate.subtractMemoryPeak(peak, end);
        isPeak = true;
      }
    } else {
      end += Math.floor((at - end) / interval) * interval + interval;
      this.#memoryPeak = 0;
      this.#oomPeak = 0;
      isPeak = true;
    }
    this.#windowEnd = end;
    if (isPeak) {
      this.#aggregate.addMemoryPeak(bytes, end);
      if (isOOM) {
        this.#oomPeak = bytes;
      } else {
        this.#memoryPeak = bytes;
      }
    }
  }
}
