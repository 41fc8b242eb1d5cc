import { type Simulation, wholeSecond } from '../../engine/index.js';
import { type Pod, podCondition, withCondition } from '../api/index.js';
import type { ApiClient, EventRecorder } from '../client-go/index.js';

/**
 * Turns the Ready condition of pods to False, one after the other, because their node is not to be trusted.
 * `then` hears whether some write failed. As MarkPodsNotReady (pkg/controller/util/node).
 */
export class PodReadiness {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;

  constructor(simulation: Simulation, client: ApiClient, events: EventRecorder) {
    this.#simulation = simulation;
    this.#client = client;
    this.#events = events;
  }

  markNotReady(pods: readonly Pod[], then: (ok: boolean) => void): void {
    this.#markFrom(pods, 0, true, then);
  }

  #markFrom(pods: readonly Pod[], first: number, ok: boolean, then: (ok: boolean) => void): void {
    const at = pods.findIndex((pod, i) => i >= first && isReadyOrUnknown(pod));
    const pod = pods[at];
    if (pod === undefined) {
      then(ok);
      return;
    }
    this.#client.updateStatus('Pod', this.#notReady(pod), (reply) => {
      const isGone = !reply.ok && reply.error.reason === 'NotFound';
      if (!isGone) {
        this.#events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      }
      this.#markFrom(pods, at + 1, ok && (reply.ok || isGone), then);
    });
  }

  #notReady(pod: Pod): Pod {
    const ready = podCondition(pod, 'Ready');
    const condition = {
      ...ready,
      type: 'Ready',
      status: 'False',
      lastTransitionTime: wholeSecond(this.#simulation.now),
    };
    return { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } };
  }
}

function isReadyOrUnknown(pod: Pod): boolean {
  const ready = podCondition(pod, 'Ready');
  return ready !== undefined && ready.status !== 'False';
}
