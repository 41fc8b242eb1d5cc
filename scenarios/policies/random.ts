import type { NodeInfo, PodInfo, SchedulerHandle, SchedulerPlugin, SchedulerPluginMethods, Snapshot } from 'kubewhen';

/** Any feasible node with equal chance: what other policies are measured against. */
class RandomScore implements Omit<SchedulerPluginMethods<unknown, number>, 'name'> {
  readonly #handle: SchedulerHandle;

  constructor(handle: SchedulerHandle) {
    this.#handle = handle;
  }

  /** One draw a pod, by the run's seed. */
  preScore(pod: PodInfo, _feasible: readonly NodeInfo[], _snapshot: Snapshot): number {
    return Math.floor(this.#handle.uniform(pod.uid) * 2 ** 32);
  }

  score(_pod: PodInfo, { slot }: NodeInfo, draw: number): number {
    return mixed(draw ^ mixed(slot + 1));
  }

  /** The node with the largest number gets 100, all others 0: 101 scores would make many equals. */
  normalizeScores(scores: number[]): void {
    const most = Math.max(...scores);
    for (let i = 0; i < scores.length; i++) {
      scores[i] = scores[i] === most ? 100 : 0;
    }
  }
}

/** A number of 32 bits in which every bit depends on all of the other's: the end of MurmurHash3. */
function mixed(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const plugin: SchedulerPlugin = {
  name: 'RandomScore',
  extensionPoints: ['preScore', 'score'],
  create: (_, handle) => new RandomScore(handle) as unknown as Omit<SchedulerPluginMethods, 'name'>,
};

export default plugin;
