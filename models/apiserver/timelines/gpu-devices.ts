/** A whole GPU, in thousandths. */
export const WHOLE_GPU = 1000;

/** What a pod wants of GPUs: so many, and of each so many thousandths. */
export interface GpuRequest {
  readonly count: number;
  readonly milli: number;
}

/** Thousandths taken of one device of a node. */
interface Taken {
  readonly device: number;
  readonly milli: number;
}

/**
 * The GPUs of one node. Sums of a node are all that extended resources tell a scheduler, so which device a pod gets is a rule of
 * this book: a pod that shares takes the fullest GPU it fits on, a pod with whole ones takes idle ones. Where the sum was enough
 * and no device is, the pod is cut over the emptiest ones.
 */
export class GpuDevices {
  /** Thousandths left of each. */
  readonly free: number[];

  constructor(count: number) {
    this.free = new Array<number>(count).fill(WHOLE_GPU);
  }

  take({ count, milli }: GpuRequest): readonly Taken[] {
    const taken: Taken[] = [];
    for (let i = 0; i < count; i++) {
      const device = milli < WHOLE_GPU ? this.#fullest(milli) : this.free.indexOf(WHOLE_GPU);
      if (device < 0) {
        taken.push(...this.#inPieces(milli));
      } else {
        taken.push(this.#from(device, milli));
      }
    }
    return taken;
  }

  giveBack(taken: readonly Taken[]): void {
    for (const { device, milli } of taken) {
      if (device < this.free.length) {
        this.free[device] = (this.free[device] as number) + milli;
      }
    }
  }

  #fullest(milli: number): number {
    let best = -1;
    for (const [device, left] of this.free.entries()) {
      if (left >= milli && (best < 0 || left < (this.free[best] as number))) {
        best = device;
      }
    }
    return best;
  }

  #inPieces(milli: number): readonly Taken[] {
    const taken: Taken[] = [];
    for (let rest = milli; rest > 0; ) {
      const most = Math.max(0, ...this.free);
      if (most === 0) {
        break; // more than the node has: a node whose GPUs went away
      }
      const piece = this.#from(this.free.indexOf(most), Math.min(most, rest));
      taken.push(piece);
      rest -= piece.milli;
    }
    return taken;
  }

  #from(device: number, milli: number): Taken {
    this.free[device] = (this.free[device] as number) - milli;
    return { device, milli };
  }
}
