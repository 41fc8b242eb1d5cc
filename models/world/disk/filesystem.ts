import type { Micros } from '../../../engine/time/micros.js';
import type { UsageCurve } from '../behaviour.js';
import { usageFrom } from '../usage-curve.js';
import { UsageMeter } from '../usage-meter.js';

export interface FilesystemTemplate {
  /** Bytes. 0: nobody measures it. */
  readonly capacity: number;
  readonly inodes: number;
  /** Bytes and files of the system itself, from the start of the run. Default: none. */
  readonly used?: UsageCurve;
  readonly inodesUsed?: UsageCurve;
}

/** What the kernel says of a write to a disk that is full (ENOSPC). */
export const NO_SPACE = 'no space left on device';

/** A disk of a machine: who fills it with how many bytes and files. */
export class Filesystem {
  readonly capacity: number;
  readonly inodeCapacity: number;
  readonly bytes = new UsageMeter<object>();
  readonly inodes = new UsageMeter<object>();

  constructor({ capacity, inodes, inodesUsed, used }: FilesystemTemplate) {
    this.capacity = capacity;
    this.inodeCapacity = inodes;
    this.bytes.set(this, used === undefined ? [] : [usageFrom(used, 0)]);
    this.inodes.set(this, inodesUsed === undefined ? [] : [usageFrom(inodesUsed, 0)]);
  }

  /** Bytes that are left. */
  availableAt(at: Micros): number {
    return Math.max(0, this.capacity - Math.floor(this.bytes.usedAt(at)));
  }

  isFullAt(at: Micros): boolean {
    return this.capacity > 0 && this.availableAt(at) === 0;
  }

  /** The first instant ≥ `from` at which no byte is left, if nothing changes. */
  fullFrom(from: Micros): Micros {
    return this.capacity > 0 ? this.bytes.reaches(this.capacity, from) : Number.POSITIVE_INFINITY;
  }

  inodesFreeAt(at: Micros): number {
    return Math.max(0, this.inodeCapacity - Math.floor(this.inodes.usedAt(at)));
  }
}
