import type { GpuRequest } from './gpu-devices.js';

/** What pods of one shape ask for. */
export interface Shape {
  readonly milliCpu: number;
  readonly memory: number;
  readonly gpu: GpuRequest;
}

/** What a node has left. */
export interface Room {
  readonly milliCpu: number;
  readonly memory: number;
  readonly pods: number;
  /** Thousandths of each GPU. */
  readonly gpus: readonly number[];
}

/** Whether the node has enough left; taints, affinity and the like are not asked. */
export function fits(room: Room, { milliCpu, memory, gpu }: Shape): boolean {
  if (room.pods < 1 || room.milliCpu < milliCpu || room.memory < memory) {
    return false;
  }
  if (gpu.count === 0) {
    return true;
  }
  let devices = 0;
  for (const left of room.gpus) {
    devices += left >= gpu.milli ? 1 : 0;
  }
  return devices >= gpu.count;
}

/**
 * Thousandths of GPUs that pods of this shape cannot use: F_n(m) of Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing
 * Workloads with Fragmentation Gradient Descent" (USENIX ATC 2023), section 3: all that is left when the pod does not fit or asks
 * for no GPU, else what is left of GPUs too full for it. Memory counts like CPU, which the paper leaves to the reader.
 */
export function fragments(room: Room, shape: Shape, doesFit = fits(room, shape)): number {
  const enough = shape.gpu.count > 0 && doesFit ? shape.gpu.milli : Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const left of room.gpus) {
    sum += left < enough ? left : 0;
  }
  return sum;
}
