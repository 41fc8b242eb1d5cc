import type { Pod, PodCondition } from '../../api/index.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { Candidate } from './victims.js';

/** How a call about a pod ended; a pod that is gone already is not an error. */
export type CallResult = 'done' | 'gone' | 'failed';

/** The scheduler's writes for preemption, and what it knows of pods. */
export interface PreemptionClient {
  /** The pod as the informer has it; undefined when it is gone. */
  latest(key: string): Pod | undefined;
  patchCondition(
    victim: PodInfo,
    condition: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>,
    then: (result: CallResult) => void,
  ): void;
  /** A victim that waits at Permit has nothing to delete: it gives up its place. False when it does not wait. */
  rejectWaiting(victim: PodInfo): boolean;
  deletePod(victim: PodInfo, then: (result: CallResult) => void): void;
  clearNomination(pod: PodInfo, then: () => void): void;
  tellPreempted(victim: PodInfo, message: string): void;
  /** Tries the pod again, whatever it waits for. */
  activate(pod: PodInfo): void;
  /** Runs when the cycle that decides now has used up its time. */
  afterCycle(action: () => void): void;
  nominatedPods(nodeName: string): readonly PodInfo[];
}

/** Where nobody is evicted: one cycle is asked about, or a cluster that somebody made up. */
export const NO_PREEMPTION: PreemptionClient = {
  latest: () => undefined,
  patchCondition: () => {},
  deletePod: () => {},
  rejectWaiting: () => false,
  clearNomination: () => {},
  tellPreempted: () => {},
  activate: () => {},
  afterCycle: () => {},
  nominatedPods: () => [],
};

export interface ExecutorRules {
  /** Beside the loop, since 1.33; before, the loop waits. */
  readonly async: boolean;
  /** Victims are told why they go by condition DisruptionTarget. */
  readonly setsCondition: boolean;
  /** The event names the preemptor by its uid; before, by namespace and name. */
  readonly namesPreemptorByUid: boolean;
}

/**
 * Makes room: clears nominations of lower pods, then evicts the victims, the last one after the others.
 * As Executor (pkg/scheduler/framework/preemption/executor.go).
 */
export class PreemptionExecutor {
  readonly #client: PreemptionClient;
  readonly #rules: ExecutorRules;
  /** Pods whose preemption is under way, and the key of the last victim once that is being evicted. */
  readonly #preempting = new Map<string, string | undefined>();

  constructor(client: PreemptionClient, rules: ExecutorRules) {
    this.#client = client;
    this.#rules = rules;
  }

  /** As IsPodRunningPreemption: over as soon as the last victim is seen going, though the call may not have returned. */
  isRunning(uid: string): boolean {
    if (!this.#preempting.has(uid)) {
      return false;
    }
    const lastVictim = this.#preempting.get(uid);
    if (lastVictim === undefined) {
      return true;
    }
    const victim = this.#client.latest(lastVictim);
    return victim !== undefined && victim.metadata.deletionTimestamp === undefined;
  }

  /** @param done called when the loop may go on: with async preemption nobody waits for it */
  start(candidate: Candidate, preemptor: PodInfo, done: () => void): void {
    const victims = candidate.victims.filter(({ isTerminating }) => !isTerminating);
    if (victims.length === 0) {
      done();
      return;
    }
    this.#preempting.set(preemptor.uid, undefined);
    this.#client.afterCycle(() => {
      const finish = (isFailed: boolean): void => {
        this.#preempting.delete(preemptor.uid);
        if (isFailed) {
          this.#client.activate(preemptor);
        }
        done();
      };
      this.#clearNominations(candidate.node, preemptor, () =>
        this.#evictAll(victims, candidate.node, preemptor, finish),
      );
    });
  }

  #clearNominations(node: string, preemptor: PodInfo, then: () => void): void {
    const lower = this.#client.nominatedPods(node).filter(({ priority }) => priority < preemptor.priority);
    const next = (i: number): void => {
      const pod = lower[i];
      if (pod === undefined) {
        then();
      } else {
        this.#client.clearNomination(pod, () => next(i + 1));
      }
    };
    next(0);
  }

  #evictAll(victims: readonly PodInfo[], node: string, preemptor: PodInfo, finish: (isFailed: boolean) => void): void {
    const last = victims.at(-1) as PodInfo;
    const others = victims.slice(0, -1);
    let waiting = others.length;
    let isFailed = false;
    const evictLast = (): void => {
      if (isFailed) {
        finish(true);
        return;
      }
      this.#preempting.set(preemptor.uid, last.key);
      this.#evict(last, node, preemptor, finish);
    };
    if (waiting === 0) {
      evictLast();
      return;
    }
    for (const victim of others) {
      this.#evict(victim, node, preemptor, (hasFailed) => {
        isFailed ||= hasFailed;
        if (--waiting === 0) {
          evictLast();
        }
      });
    }
  }

  /** As PreemptPod: condition, deletion, event. */
  #evict(victim: PodInfo, node: string, preemptor: PodInfo, then: (isFailed: boolean) => void): void {
    const tell = (): void => {
      const name = this.#rules.namesPreemptorByUid ? `pod ${preemptor.uid}` : preemptor.key;
      this.#client.tellPreempted(victim, `Preempted by ${name} on node ${node}`);
    };
    if (this.#client.rejectWaiting(victim)) {
      tell();
      then(false);
      return;
    }
    const remove = (): void =>
      this.#client.deletePod(victim, (result) => {
        if (result === 'done') {
          tell();
        }
        then(result === 'failed');
      });
    if (!this.#rules.setsCondition) {
      remove();
      return;
    }
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${preemptor.pod.spec.schedulerName}: preempting to accommodate a higher priority pod`,
    };
    this.#client.patchCondition(victim, condition, (result) =>
      result === 'done' ? remove() : then(result === 'failed'),
    );
  }
}
