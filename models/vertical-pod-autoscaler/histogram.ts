import type { Micros } from '../../engine/index.js';

// kubernetes/autoscaler vertical-pod-autoscaler/pkg/recommender/util histogram.go, histogram_options.go, decaying_histogram.go

export interface HistogramOptions {
  /** Values at and above it fall into the last bucket. */
  readonly maxValue: number;
  readonly firstBucketSize: number;
  /** Each bucket is this many times as wide as the one before. */
  readonly ratio: number;
  /** Weights below it count as nothing. */
  readonly epsilon: number;
  readonly halfLife: Micros;
}

/** Weights may grow by two to this power before they are written in smaller numbers. */
const MAX_DECAY_EXPONENT = 100;

/**
 * How often which values were seen; what was seen a half-life later counts twice as much. Buckets grow exponentially, so values are known
 * to a constant relative error.
 */
export class DecayingHistogram {
  readonly #options: HistogramOptions;
  readonly #bucketCount: number;
  readonly #weights: Float64Array;
  #totalWeight = 0;
  #minBucket: number;
  #maxBucket = 0;
  #reference: Micros = 0;

  constructor(options: HistogramOptions) {
    const { maxValue, firstBucketSize, ratio } = options;
    this.#options = options;
    this.#bucketCount = Math.ceil(Math.log((maxValue * (ratio - 1)) / firstBucketSize + 1) / Math.log(ratio)) + 1;
    this.#weights = new Float64Array(this.#bucketCount);
    this.#minBucket = this.#bucketCount - 1;
  }

  get isEmpty(): boolean {
    return (this.#weights[this.#minBucket] as number) < this.#options.epsilon;
  }

  add(value: number, weight: number, at: Micros): void {
    this.#change(value, weight * this.#decayFactor(at));
  }

  /** Takes back a sample that was added with the same value, weight and time. */
  subtract(value: number, weight: number, at: Micros): void {
    this.#change(value, -weight * this.#decayFactor(at));
  }

  /** All samples of another histogram of the same options, too. */
  merge(other: DecayingHistogram): void {
    if (this.#reference < other.#reference) {
      this.#shiftReference(other.#reference);
    }
    const factor = 2 ** ((other.#reference - this.#reference) / this.#options.halfLife);
    for (let bucket = 0; bucket < this.#bucketCount; bucket++) {
      this.#weights[bucket] = (this.#weights[bucket] as number) + (other.#weights[bucket] as number) * factor;
    }
    this.#totalWeight += other.#totalWeight * factor;
    this.#minBucket = Math.min(this.#minBucket, other.#minBucket);
    this.#maxBucket = Math.max(this.#maxBucket, other.#maxBucket);
    this.#trim();
  }

  /** The end of the first bucket up to which this share of all weight lies; 0 when nothing was seen. */
  percentile(share: number): number {
    if (this.isEmpty) {
      return 0;
    }
    const threshold = share * this.#totalWeight;
    let sum = 0;
    let bucket = this.#minBucket;
    for (; bucket < this.#maxBucket; bucket++) {
      sum += this.#weights[bucket] as number;
      if (sum >= threshold) {
        break;
      }
    }
    return this.#startOf(bucket < this.#bucketCount - 1 ? bucket + 1 : bucket);
  }

  #change(value: number, weight: number): void {
    const bucket = this.#bucketOf(value);
    const changed = Math.max(0, (this.#weights[bucket] as number) + weight);
    this.#weights[bucket] = changed;
    this.#totalWeight = Math.max(0, this.#totalWeight + weight);
    if (weight > 0 && changed >= this.#options.epsilon) {
      this.#minBucket = Math.min(this.#minBucket, bucket);
      this.#maxBucket = Math.max(this.#maxBucket, bucket);
    }
    if (weight < 0) {
      this.#trim();
    }
  }

  /** The buckets that hold something lie from the least to the largest one. */
  #trim(): void {
    const { epsilon } = this.#options;
    const last = this.#bucketCount - 1;
    while (this.#minBucket < last && (this.#weights[this.#minBucket] as number) < epsilon) {
      this.#minBucket++;
    }
    while (this.#maxBucket > 0 && (this.#weights[this.#maxBucket] as number) < epsilon) {
      this.#maxBucket--;
    }
  }

  #bucketOf(value: number): number {
    const { firstBucketSize, ratio } = this.#options;
    if (value < firstBucketSize) {
      return 0;
    }
    const bucket = Math.floor(Math.log((value * (ratio - 1)) / firstBucketSize + 1) / Math.log(ratio));
    return Math.min(bucket, this.#bucketCount - 1);
  }

  #startOf(bucket: number): number {
    const { firstBucketSize, ratio } = this.#options;
    return bucket === 0 ? 0 : (firstBucketSize * (ratio ** bucket - 1)) / (ratio - 1);
  }

  #decayFactor(at: Micros): number {
    const { halfLife } = this.#options;
    if (at > this.#reference + halfLife * MAX_DECAY_EXPONENT) {
      this.#shiftReference(at);
    }
    return 2 ** ((at - this.#reference) / halfLife);
  }

  #shiftReference(at: Micros): void {
    const { halfLife } = this.#options;
    const reference = Math.round(at / halfLife) * halfLife;
    const factor = 2 ** Math.round((this.#reference - reference) / halfLife);
    for (let bucket = 0; bucket < this.#bucketCount; bucket++) {
      this.#weights[bucket] = (this.#weights[bucket] as number) * factor;
    }
    this.#totalWeight *= factor;
    this.#reference = reference;
    this.#trim();
  }
}
