import type { Micros } from '../../../engine/index.js';
import type { ProcessClock, Ticker } from '../process-clock.js';

/**
 * Pods to be looked at again, each at the first tick of the sync loop after it came due. As BasicWorkQueue
 * (k8s 1.37 pkg/kubelet/util/queue), which goes through a map: here those due at one tick come in the order of uids.
 */
export class WorkQueue {
  readonly #clock: ProcessClock;
  readonly #due = new Map<string, Micros>();
  readonly #ticks: Ticker;

  constructor(clock: ProcessClock, period: Micros, firstTickAt: Micros, onDue: (uids: readonly string[]) => void) {
    this.#clock = clock;
    this.#ticks = clock.ticker(period, firstTickAt, () => {
      const uids = this.#take();
      if (uids.length > 0) {
        onDue(uids);
      }
    });
  }

  /** Takes the place of what was asked for this pod before. */
  enqueue(uid: string, due: Micros): void {
    this.#due.set(uid, due);
    this.#ticks.wakeAfter(due);
  }

  remove(uid: string): void {
    this.#due.delete(uid);
  }

  /** The tick that would look at something due at this time. */
  tickFor(due: Micros): Micros {
    return this.#ticks.nextAfter(due);
  }

  #take(): readonly string[] {
    const uids: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [uid, due] of this.#due) {
      if (due < this.#clock.now) {
        uids.push(uid);
        this.#due.delete(uid);
      } else if (due < next) {
        next = due;
      }
    }
    this.#ticks.wakeAfter(next);
    return uids.sort();
  }
}
