import type { Micros, Simulation } from '../../engine/index.js';
import type { Pod } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import type { SchedulerConfiguration } from './config.js';
import { type Extender, type ExtenderCall, extendersInOrder } from './framework/extender.js';
import type { WaitingPods } from './framework/waiting-pods.js';
import type { PodClient } from './pod-client.js';
import type { PreemptionClient } from './preemption/executor.js';
import type { Nominations } from './queue/nominations.js';
import type { SchedulingQueue } from './queue/scheduling-queue.js';

export interface PreemptionClientOptions {
  readonly simulation: Simulation;
  readonly pods: Informer<Pod>;
  readonly podClient: PodClient;
  readonly nominations: Nominations;
  readonly waitingPods: WaitingPods;
  readonly schedulingCycle: Micros;
  readonly queue: () => SchedulingQueue;
  /** False once the process is dead. */
  readonly isAlive: () => boolean;
}

/** What preemption writes and asks, with the means of a running scheduler. */
export function preemptionClient(options: PreemptionClientOptions): PreemptionClient {
  const { simulation, pods, podClient, nominations, schedulingCycle, isAlive } = options;
  return {
    latest: (key) => pods.get(key),
    patchCondition: (victim, condition, then) => podClient.patchStatus(victim, { condition }, then),
    rejectWaiting: ({ uid }) => {
      const waiting = options.waitingPods.get(uid);
      waiting?.reject('DefaultPreemption', 'preempted');
      return waiting !== undefined;
    },
    deletePod: (victim, then) => podClient.deletePod(victim, then),
    clearNomination: (pod, then) => podClient.patchStatus(pod, { nominatedNodeName: '' }, then),
    tellPreempted: (victim, message) => podClient.tellPreempted(victim, message),
    activate: ({ key, uid }) => options.queue().activate(key, uid),
    afterCycle: (action) =>
      simulation.after(schedulingCycle, () => {
        if (isAlive()) {
          action();
        }
      }),
    nominatedPods: (nodeName) => nominations.nominatedPods(nodeName),
  };
}

/** @throws RangeError when the configuration names extenders and there is no way to call them */
export function extendersOf(
  { extenders }: SchedulerConfiguration,
  callExtender: ExtenderCall | undefined,
): readonly Extender[] {
  if (extenders.length > 0 && callExtender === undefined) {
    throw new RangeError('the configuration names extenders, and there is no way to call them');
  }
  return callExtender === undefined ? [] : extendersInOrder(extenders, callExtender);
}
