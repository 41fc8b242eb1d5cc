import { parseDuration } from '../../../engine/time/duration.js';
import type { Micros } from '../../../engine/time/micros.js';
import { formatAmount, parseQuantity, valueOf } from '../../api/index.js';
import { isSignal, type Observations, type Signal } from './signals.js';

/** A quantity ("100Mi"), or a fraction of the capacity with the precision of Go's float32. */
export type ThresholdValue = { readonly quantity: string } | { readonly fraction: number };

/** Met while the signal is below the value. */
export interface Threshold {
  readonly signal: Signal;
  readonly value: ThresholdValue;
  /** 0 is hard. */
  readonly gracePeriod: Micros;
  /** How far above the value the signal must rise until the threshold is resolved. */
  readonly minReclaim?: ThresholdValue;
}

/** Where images and writable layers live: with everything else, both on their own disk, or only the images. */
export type DiskLayout = 'singleDisk' | 'dedicatedImageFs' | 'splitContainerFs';

/** Fields of KubeletConfiguration that make thresholds. */
export interface ThresholdConfiguration {
  readonly evictionHard?: { readonly [signal: string]: string } | undefined;
  readonly evictionSoft?: { readonly [signal: string]: string } | undefined;
  readonly evictionSoftGracePeriod?: { readonly [signal: string]: string } | undefined;
  readonly evictionMinimumReclaim?: { readonly [signal: string]: string } | undefined;
  readonly enforceNodeAllocatable?: readonly string[] | undefined;
}

export const isHard = (threshold: Threshold): boolean => threshold.gracePeriod === 0;

/**
 * The level in the signal's unit, by the capacity observed. As GetThresholdQuantity (k8s 1.37
 * pkg/kubelet/eviction/api).
 */
export const levelOf = (value: ThresholdValue, capacity: number): number =>
  'quantity' in value ? valueOf(value.quantity) : Math.trunc(capacity * value.fraction);

/**
 * Hard thresholds by signal, then soft ones, then those of allocatable memory (each by signal; in Kubernetes in the
 * order of a map). As ParseThresholdConfig (k8s 1.37 pkg/kubelet/eviction/helpers.go).
 * @throws RangeError with the kubelet's words.
 */
export function parseThresholdConfig(configuration: ThresholdConfiguration): readonly Threshold[] {
  const hard = parseThresholdStatements(configuration.evictionHard);
  const soft = parseThresholdStatements(configuration.evictionSoft);
  const gracePeriods = parseStatements(configuration.evictionSoftGracePeriod, parseGracePeriod);
  const minReclaims = parseStatements(configuration.evictionMinimumReclaim, parseMinimumReclaim);
  const graceful = soft.map((threshold) => {
    const gracePeriod = gracePeriods.get(threshold.signal);
    if (gracePeriod === undefined) {
      throw new RangeError(`grace period must be specified for the soft eviction threshold ${threshold.signal}`);
    }
    return { ...threshold, gracePeriod };
  });
  const thresholds = [...hard, ...graceful].map((threshold) => {
    const minReclaim = minReclaims.get(threshold.signal);
    return minReclaim === undefined ? threshold : { ...threshold, minReclaim };
  });
  // Pods together have the cgroup's limit as well as the node's: their memory is watched at the same level.
  const allocatable = configuration.enforceNodeAllocatable?.includes('pods')
    ? thresholds
        .filter((threshold) => threshold.signal === 'memory.available' && isHard(threshold))
        .map((threshold) => ({ ...threshold, signal: 'allocatableMemory.available' as const }))
    : [];
  return [...thresholds, ...allocatable];
}

function parseStatements<T>(
  statements: { readonly [signal: string]: string } | undefined,
  parse: (signal: Signal, text: string) => T | undefined,
): ReadonlyMap<Signal, T> {
  const parsed = new Map<Signal, T>();
  for (const [name, text] of Object.entries(statements ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isSignal(name)) {
      throw new RangeError(`unsupported eviction signal ${name}`);
    }
    const value = parse(name, text);
    if (value !== undefined) {
      parsed.set(name, value);
    }
  }
  return parsed;
}

const parseThresholdStatements = (statements: { readonly [signal: string]: string } | undefined): Threshold[] =>
  [...parseStatements(statements, parseThresholdValue)].map(([signal, value]) => ({ signal, value, gracePeriod: 0 }));

/** 0% and 100% mean no threshold. */
function parseThresholdValue(signal: Signal, text: string): ThresholdValue | undefined {
  if (text === '0%' || text === '100%') {
    return undefined;
  }
  if (text.endsWith('%')) {
    const fraction = parsePercentage(text);
    if (fraction < 0) {
      throw new RangeError(`eviction percentage threshold ${signal} must be >= 0%: ${text}`);
    }
    if (fraction > 1) {
      throw new RangeError(`eviction percentage threshold ${signal} must be <= 100%: ${text}`);
    }
    return { fraction };
  }
  const amount = parseQuantity(text);
  const quantity = formatAmount(amount);
  if (amount.unscaled <= 0n) {
    throw new RangeError(`eviction threshold ${signal} must be positive: ${quantity}`);
  }
  return { quantity };
}

function parseGracePeriod(_signal: Signal, text: string): Micros {
  let gracePeriod: Micros;
  try {
    gracePeriod = parseDuration(text);
  } catch (error) {
    throw new RangeError(`time: ${(error as RangeError).message}`);
  }
  if (gracePeriod < 0) {
    throw new RangeError(`invalid eviction grace period specified: ${text}, must be a positive value`);
  }
  return gracePeriod;
}

function parseMinimumReclaim(signal: Signal, text: string): ThresholdValue {
  if (text.endsWith('%')) {
    const fraction = parsePercentage(text);
    if (fraction <= 0) {
      throw new RangeError(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`);
    }
    return { fraction };
  }
  const amount = parseQuantity(text);
  if (amount.unscaled < 0n) {
    throw new RangeError(`negative eviction minimum reclaim specified for ${signal}`);
  }
  return { quantity: formatAmount(amount) };
}

const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** As strconv.ParseFloat with 32 bits, divided by 100; leaves out hexadecimal numbers, infinities and NaN. */
function parsePercentage(text: string): number {
  const digits = text.replace(/%+$/, '');
  if (!FLOAT.test(digits)) {
    throw new RangeError(`strconv.ParseFloat: parsing ${JSON.stringify(digits)}: invalid syntax`);
  }
  const value = Math.fround(Number(digits));
  if (!Number.isFinite(value)) {
    throw new RangeError(`strconv.ParseFloat: parsing ${JSON.stringify(digits)}: value out of range`);
  }
  return Math.fround(value / 100);
}

/**
 * The thresholds with those of containerfs, which are always those of the disk that it lives on: what a user set for
 * them is replaced, and without any there the signal is not watched. As UpdateContainerFsThresholds (k8s 1.37).
 */
export function withContainerFsThresholds(thresholds: readonly Threshold[], layout: DiskLayout): readonly Threshold[] {
  const disk = layout === 'dedicatedImageFs' ? 'imagefs' : 'nodefs';
  const kept = thresholds.filter(({ signal }) => !signal.startsWith('containerfs.'));
  const derived = (['available', 'inodesFree'] as const).flatMap((measure) =>
    [true, false].flatMap((hard) => {
      const source = kept.findLast(
        (threshold) => threshold.signal === `${disk}.${measure}` && isHard(threshold) === hard,
      );
      return source === undefined ? [] : { ...source, signal: `containerfs.${measure}` as const };
    }),
  );
  return [...kept, ...derived];
}

/** Thresholds met, whatever their grace; `isResolving`: the minimum to reclaim counts. As thresholdsMet (k8s 1.37). */
export const thresholdsMet = (
  thresholds: readonly Threshold[],
  observations: Observations,
  isResolving: boolean,
): readonly Threshold[] =>
  thresholds.filter(({ signal, value, minReclaim }) => {
    const observed = observations[signal];
    if (observed === undefined) {
      return false;
    }
    const margin = isResolving && minReclaim !== undefined ? levelOf(minReclaim, observed.capacity) : 0;
    return observed.available < levelOf(value, observed.capacity) + margin;
  });

/**
 * Bytes that hard thresholds keep from being allocated, by resource; `capacityOf` in bytes. As hardEvictionReservation
 * (k8s 1.37 pkg/kubelet/cm/helpers.go).
 */
export function hardEvictionReservation(
  evictionHard: { readonly [signal: string]: string },
  capacityOf: { readonly memory: number; readonly 'ephemeral-storage': number },
): { readonly [resource: string]: number } {
  const reservation: Record<string, number> = {};
  for (const { signal, value } of parseThresholdConfig({ evictionHard })) {
    if (signal === 'memory.available') {
      reservation['memory'] = levelOf(value, capacityOf.memory);
    } else if (signal === 'nodefs.available') {
      reservation['ephemeral-storage'] = levelOf(value, capacityOf['ephemeral-storage']);
    }
  }
  return reservation;
}
