import { type Micros, seconds } from '../../../engine/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import {
  AggregateContainerState,
  ContainerState,
} from '../../../models/vertical-pod-autoscaler/aggregate-container-state.js';
import { verticalPodAutoscalerConfiguration } from '../../../models/vertical-pod-autoscaler/config.js';
import { confidenceOf, estimate } from '../../../models/vertical-pod-autoscaler/estimator.js';
import { DecayingHistogram } from '../../../models/vertical-pod-autoscaler/histogram.js';

const { recommender } = verticalPodAutoscalerConfiguration(defaultsFor('1.37') as Defaults);
const HOUR: Micros = seconds(3600);
const DAY = 24 * HOUR;
const MiB = 1024 * 1024;

/** End of the n-th bucket: buckets grow by 5 %. */
const end = (first: number, n: number): number => (first * (1.05 ** (n + 1) - 1)) / 0.05;

describe('a decaying histogram', () => {
  const cpu = (): DecayingHistogram => new DecayingHistogram(recommender.cpuHistogram);

  it.each([
    // log(value × 0.05 / 0.01 + 1) / log 1.05, rounded down, is the bucket.
    [0, 0],
    [0.0099, 0],
    [0.01, 1],
    [0.1, 8],
    [1, 36],
    [999, 174],
  ])('knows %d cores as the end of bucket %d', (cores, bucket) => {
    const histogram = cpu();
    histogram.add(cores, 0.1, 0);
    expect(histogram.percentile(0.9)).toBeCloseTo(end(0.01, bucket), 9);
  });

  it('knows no value above its last bucket', () => {
    const histogram = cpu();
    histogram.add(5000, 0.1, 0);
    // The start of the last bucket, since it has no end: the first one at or above 1000 cores.
    expect(histogram.percentile(0.9)).toBeCloseTo(end(0.01, 174), 6);
  });

  it('is empty at first: every percentile is 0', () => {
    expect(cpu().percentile(0.5)).toBe(0);
  });

  it('counts what was seen a day later twice as much', () => {
    const histogram = cpu();
    histogram.add(0.1, 1, 0);
    histogram.add(0.1, 1, 0);
    histogram.add(1, 1, DAY);
    // Two against two: half of the weight lies in the lower bucket.
    expect(histogram.percentile(0.5)).toBeCloseTo(end(0.01, 8), 9);
    histogram.add(1, 0.01, DAY);
    expect(histogram.percentile(0.5)).toBeCloseTo(end(0.01, 36), 9);
  });

  it('still knows what is new after years', () => {
    const histogram = cpu();
    histogram.add(0.1, 1, 0);
    histogram.add(1, 1, 300 * DAY);
    expect(histogram.percentile(0.01)).toBeCloseTo(end(0.01, 36), 9);
  });

  it('takes back a sample', () => {
    const histogram = cpu();
    histogram.add(0.1, 1, HOUR);
    histogram.add(1, 1, HOUR);
    histogram.subtract(1, 1, HOUR);
    expect(histogram.percentile(0.99)).toBeCloseTo(end(0.01, 8), 9);
  });

  it('joins two, each as old as it is', () => {
    const [old, young] = [cpu(), cpu()];
    old.add(0.1, 3, 0);
    young.add(1, 2, DAY);
    old.merge(young);
    // Three against four.
    expect(old.percentile(0.43)).toBeCloseTo(end(0.01, 36), 9);
    expect(old.percentile(0.42)).toBeCloseTo(end(0.01, 8), 9);
  });
});

describe('the peaks of memory of one container', () => {
  const peaks = (feed: (container: ContainerState) => void): ((share: number) => number) => {
    const state = new AggregateContainerState(recommender);
    feed(new ContainerState(state, recommender));
    return (share) => Math.round(state.memoryPeaks.percentile(share) / MiB);
  };
  /** The end of the bucket that holds so many MiB, in MiB. */
  const known = (mebibytes: number): number => {
    const bucket = Math.floor(Math.log((mebibytes * MiB * 0.05) / 1e7 + 1) / Math.log(1.05));
    return Math.round(end(1e7, bucket) / MiB);
  };

  it('are one a day: a higher one takes the place of the one before', () => {
    const percentile = peaks((container) => {
      container.addMemorySample(100 * MiB, 0);
      container.addMemorySample(300 * MiB, HOUR);
      container.addMemorySample(200 * MiB, 2 * HOUR);
    });
    expect([percentile(0.01), percentile(0.99)]).toEqual([known(300), known(300)]);
  });

  it('begin anew each day', () => {
    const percentile = peaks((container) => {
      container.addMemorySample(300 * MiB, 0);
      container.addMemorySample(100 * MiB, 25 * HOUR);
    });
    // The second day counts twice as much: two thirds of the weight.
    expect([percentile(0.66), percentile(0.67)]).toEqual([known(100), known(300)]);
  });

  it.each([
    ['100 MiB more than it requested', 100, 200],
    ['or a fifth more, if that is more', 1000, 1200],
  ])('hold, when it was killed for memory, %s', (_, requested, wanted) => {
    const percentile = peaks((container) => container.recordOOM(requested * MiB, HOUR));
    expect(percentile(0.99)).toBe(known(wanted));
  });

  it('do not climb with kills in a row, but with what was used', () => {
    const percentile = peaks((container) => {
      container.addMemorySample(150 * MiB, 0);
      container.recordOOM(100 * MiB, HOUR);
      container.recordOOM(100 * MiB, 2 * HOUR);
    });
    // 150 + 100 both times.
    expect(percentile(0.99)).toBe(known(250));
  });
});

describe('a recommendation', () => {
  /** 0.1 cores and 400 MiB, a sample a minute for so long. */
  const after = (minutes: number): AggregateContainerState => {
    const state = new AggregateContainerState(recommender);
    const container = new ContainerState(state, recommender);
    for (let minute = 0; minute < minutes; minute++) {
      container.addCPUSample(0.1, seconds(minute * 60));
      container.addMemorySample(400 * MiB, seconds(minute * 60));
    }
    return state;
  };

  it('is the 90th percentile and 15 %', () => {
    // End of bucket 8: 0.2 × (1.05⁹ − 1) = 0.11026: 110 m, and 16 m (16.5 rounded down).
    expect(estimate(after(60), 1, recommender).target.cpu).toBe(126);
  });

  it('has bounds that close in as samples come', () => {
    // An hour: 60 samples / 1440 and 59 minutes / 1440, the lesser: 0.04097.
    const hour = estimate(after(60), 1, recommender);
    expect(confidenceOf(after(60))).toBeCloseTo(59 / 1440, 9);
    expect(hour.upperBound.cpu).toBe(Math.trunc(126 * (1 + 1440 / 59)));
    expect(hour.lowerBound.cpu).toBe(Math.trunc(126 * (1 + 1.44 / 59) ** -2));
    const week = estimate(after(7 * 1440), 1, recommender);
    expect(week.upperBound.cpu).toBe(Math.trunc(126 * (1 + 1440 / (7 * 1440 - 1))));
    expect(week.lowerBound.cpu).toBe(125);
  });

  it('knows no upper bound after one sample', () => {
    expect(estimate(after(1), 1, recommender).upperBound).toEqual({ cpu: 1e14, memory: 1e14 });
    expect(estimate(after(1), 1, recommender).lowerBound).toEqual({ cpu: 25, memory: 250 * MiB });
  });

  it('is at least 25 m and 250 MiB for a pod, split over its containers', () => {
    const state = new AggregateContainerState(recommender);
    state.addCPUSample(0.001, 0);
    state.addMemoryPeak(MiB, 0);
    expect(estimate(state, 1, recommender).target).toEqual({ cpu: 25, memory: 250 * MiB });
    expect(estimate(state, 2, recommender).target).toEqual({ cpu: 12, memory: 125 * MiB });
  });
});
