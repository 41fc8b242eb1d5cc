import type { Micros } from '../../../engine/time/micros.js';
import { amountOf, formatAmount, type QuantityFormat } from '../../api/index.js';

/** What eviction thresholds are set on (k8s 1.37 pkg/kubelet/eviction/api/types.go). */
export type Signal =
  | 'memory.available'
  | 'allocatableMemory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'containerfs.available'
  | 'containerfs.inodesFree'
  | 'pid.available';

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** What is starved, as messages and events call it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

interface SignalMeaning {
  readonly condition: PressureCondition;
  readonly resource: StarvedResource;
  /** Unit in messages: bytes or a count. */
  readonly format: QuantityFormat;
}

const bytesOf = (condition: PressureCondition, resource: StarvedResource): SignalMeaning => ({
  condition,
  resource,
  format: 'BinarySI',
});
const countOf = (condition: PressureCondition, resource: StarvedResource): SignalMeaning => ({
  condition,
  resource,
  format: 'DecimalSI',
});

/** signalToNodeCondition and signalToResource of k8s 1.37 pkg/kubelet/eviction/helpers.go. */
export const SIGNALS: Readonly<Record<Signal, SignalMeaning>> = {
  'memory.available': bytesOf('MemoryPressure', 'memory'),
  'allocatableMemory.available': bytesOf('MemoryPressure', 'memory'),
  'nodefs.available': bytesOf('DiskPressure', 'ephemeral-storage'),
  'nodefs.inodesFree': countOf('DiskPressure', 'inodes'),
  'imagefs.available': bytesOf('DiskPressure', 'ephemeral-storage'),
  'imagefs.inodesFree': countOf('DiskPressure', 'inodes'),
  'containerfs.available': bytesOf('DiskPressure', 'ephemeral-storage'),
  'containerfs.inodesFree': countOf('DiskPressure', 'inodes'),
  'pid.available': countOf('PIDPressure', 'pids'),
};

export const isSignal = (name: string): name is Signal => Object.hasOwn(SIGNALS, name);

export const isMemorySignal = (signal: Signal): boolean => SIGNALS[signal].resource === 'memory';

/** Bytes or counts of one signal, and when they were measured. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
  readonly at: Micros;
}

export type Observations = { readonly [S in Signal]?: Observation };

/** What the summary API tells of a node; parts that are not measured are absent. */
export interface NodeStats {
  readonly at: Micros;
  readonly memory?: MemoryStats;
  /** The cgroup of all pods. */
  readonly allocatableMemory?: MemoryStats;
  readonly nodeFs?: FsStats;
  readonly imageFs?: FsStats;
  readonly containerFs?: FsStats;
  readonly rlimit?: { readonly maxPID: number; readonly runningProcesses: number };
}

/** Bytes. */
export interface MemoryStats {
  readonly available: number;
  readonly workingSet: number;
}

/** Bytes and inodes of a filesystem. */
export interface FsStats {
  readonly available?: number;
  readonly capacity?: number;
  readonly inodesFree?: number;
  readonly inodes?: number;
}

/** As makeSignalObservations (k8s 1.37 pkg/kubelet/eviction/helpers.go). */
export function signalObservations(stats: NodeStats): Observations {
  const { at } = stats;
  const observations: { -readonly [S in Signal]?: Observation } = {};
  const observeMemory = (signal: Signal, memory: MemoryStats | undefined): void => {
    if (memory !== undefined) {
      observations[signal] = { available: memory.available, capacity: memory.available + memory.workingSet, at };
    }
  };
  const observeFs = (name: 'nodefs' | 'imagefs' | 'containerfs', fs: FsStats | undefined): void => {
    if (fs?.available !== undefined && fs.capacity !== undefined) {
      observations[`${name}.available`] = { available: fs.available, capacity: fs.capacity, at };
    }
    if (fs?.inodesFree !== undefined && fs.inodes !== undefined) {
      observations[`${name}.inodesFree`] = { available: fs.inodesFree, capacity: fs.inodes, at };
    }
  };
  observeMemory('memory.available', stats.memory);
  observeMemory('allocatableMemory.available', stats.allocatableMemory);
  observeFs('nodefs', stats.nodeFs);
  observeFs('imagefs', stats.imageFs);
  observeFs('containerfs', stats.containerFs);
  if (stats.rlimit !== undefined) {
    const { maxPID, runningProcesses } = stats.rlimit;
    observations['pid.available'] = { available: maxPID - runningProcesses, capacity: maxPID, at };
  }
  return observations;
}

/** A whole number as resource.NewQuantity(n, format) prints it: "700Mi", "858993472", "5k". */
export const quantityText = (amount: number, format: QuantityFormat): string =>
  formatAmount({ unscaled: BigInt(amount), scale: 0, format, isInt64: true });

/** A quantity from a spec as Kubernetes prints it; absent is "0". */
export const specQuantityText = (quantity: string | number | undefined): string =>
  quantity === undefined ? '0' : formatAmount(amountOf(quantity));
