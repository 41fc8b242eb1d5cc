import { type Micros, seconds } from '../../../engine/index.js';
import { type Pod, withCondition } from '../../api/index.js';
import type { Machine } from '../../world/index.js';
import type { NodeEvents } from '../events.js';
import type { KillOptions } from '../pod-workers/pod-worker.js';
import type { ProcessClock } from '../process-clock.js';
import { gracePeriodIn, groupByPriority, type PriorityPeriod, type ShutdownGroup } from './decisions.js';

export interface ShutdownManagerOptions {
  readonly clock: ProcessClock;
  readonly machine: Machine;
  readonly events: NodeEvents;
  readonly periods: readonly PriorityPeriod[];
  /** [37] A group is through only when its volumes are unmounted, looked at this often; undefined: it does not wait for that. */
  readonly unmountPollPeriod: Micros | undefined;
  /** [37] The pods get the condition DisruptionTarget. */
  readonly marksDisruptionTarget: boolean;
  activePods(): readonly Pod[];
  killPod(pod: Pod, kill: KillOptions, then: () => void): void;
  isFinished(uid: string): boolean;
  /** The node is not ready from now on, and says so at once. */
  onShutdown(): void;
}

const MESSAGE = 'Pod was terminated in response to imminent node shutdown.';

/**
 * Ends the node's pods in order of their priority before the machine goes off. As the node shutdown manager (k8s 1.37
 * pkg/kubelet/nodeshutdown), which holds an inhibitor lock of systemd. Leaves out that a shutdown may be cancelled.
 */
export class ShutdownManager {
  readonly #options: ShutdownManagerOptions;
  #isShuttingDown = false;

  constructor(options: ShutdownManagerOptions) {
    this.#options = options;
    const { clock, machine, periods } = options;
    const requested = periods.reduce((sum, period) => sum + period.shutdownGracePeriodSeconds, 0);
    if (requested > 0) {
      machine.inhibitShutdown({
        limit: seconds(requested),
        onShutdown: clock.whileAlive((release: () => void) => this.#onShutdown(release)),
      });
    }
  }

  get errors(): readonly string[] {
    return this.#isShuttingDown ? ['node is shutting down'] : [];
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  #onShutdown(release: () => void): void {
    const { activePods, events, onShutdown, periods } = this.#options;
    this.#isShuttingDown = true;
    events.recordNode('Normal', 'Shutdown', 'Shutdown manager detected shutdown event');
    onShutdown();
    this.#endGroups(groupByPriority(periods, activePods()), release);
  }

  /** One after the other, each until all its pods are gone or its time is over; an empty one takes no time. */
  #endGroups([group, ...rest]: readonly ShutdownGroup[], then: () => void): void {
    if (group === undefined) {
      then();
      return;
    }
    const { clock } = this.#options;
    let isOver = false;
    const goOn = (): void => {
      if (!isOver) {
        isOver = true;
        timer.cancel();
        this.#endGroups(rest, then);
      }
    };
    const timer = clock.after(group.pods.length === 0 ? 0 : seconds(group.shutdownGracePeriodSeconds), goOn);
    let left = group.pods.length;
    for (const pod of group.pods) {
      this.#kill(pod, group, () => {
        left--;
        if (left === 0) {
          this.#waitForUnmount(group, () => isOver, goOn);
        }
      });
    }
  }

  #kill(pod: Pod, group: ShutdownGroup, then: () => void): void {
    const { killPod, marksDisruptionTarget } = this.#options;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: MESSAGE,
    };
    const changeStatus: KillOptions['changeStatus'] = (status) => ({
      ...status,
      phase: status.phase === 'Succeeded' ? 'Succeeded' : 'Failed',
      reason: 'Terminated',
      message: MESSAGE,
      ...(marksDisruptionTarget && { conditions: withCondition(status.conditions, condition) }),
    });
    killPod(pod, { gracePeriodOverride: gracePeriodIn(group, pod), changeStatus }, then);
  }

  #waitForUnmount(group: ShutdownGroup, isOver: () => boolean, then: () => void): void {
    const { clock, isFinished, unmountPollPeriod } = this.#options;
    if (unmountPollPeriod === undefined || group.pods.every(({ metadata }) => isFinished(metadata.uid as string))) {
      then();
    } else if (!isOver()) {
      clock.after(unmountPollPeriod, () => this.#waitForUnmount(group, isOver, then));
    }
  }
}
