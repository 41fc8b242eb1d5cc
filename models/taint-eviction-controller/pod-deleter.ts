import { type Micros, type ObjectKey, type Simulation, wholeSecond } from '../../engine/index.js';
import { type Pod, podCondition, withCondition } from '../api/index.js';
import type { ApiClient } from '../client-go/index.js';
import type { TaintEvictionConfiguration } from './config.js';

/** Deletes a pod, marked as the target of a disruption, with a few tries. As addConditionAndDeletePod. */
export class PodDeleter {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #config: TaintEvictionConfiguration;
  #life = 0;

  constructor(simulation: Simulation, client: ApiClient, config: TaintEvictionConfiguration) {
    this.#simulation = simulation;
    this.#client = client;
    this.#config = config;
  }

  delete(key: ObjectKey, then: (ok: boolean) => void): void {
    this.#try(key, 1, then);
  }

  /** The process dies: tries that wait are forgotten. */
  stop(): void {
    this.#life++;
  }

  #try(key: ObjectKey, attempt: number, then: (ok: boolean) => void): void {
    const life = this.#life;
    this.#markAndDelete(key, (ok) => {
      if (ok || attempt === this.#config.deleteRetries) {
        then(ok);
        return;
      }
      this.#simulation.after(this.#config.deleteRetryInterval, () => {
        if (life === this.#life) {
          this.#try(key, attempt + 1, then);
        }
      });
    });
  }

  #markAndDelete(key: ObjectKey, then: (ok: boolean) => void): void {
    const remove = (): void => this.#client.delete('Pod', key, {}, (reply) => then(reply.ok));
    if (!this.#config.setsDisruptionTarget) {
      remove();
      return;
    }
    this.#client.get('Pod', key, (read) => {
      if (!read.ok) {
        then(false);
      } else if (isMarked(read.object)) {
        remove();
      } else {
        const { uid } = read.object.metadata;
        const at = wholeSecond(this.#simulation.now);
        const mark = (pod: Pod): Pod => (pod.metadata.uid === uid ? marked(pod, at) : pod);
        this.#client.patchStatus('Pod', key, mark, (reply) => (reply.ok ? remove() : then(false)));
      }
    });
  }
}

const CONDITION = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

function isMarked(pod: Pod): boolean {
  const condition = podCondition(pod, CONDITION.type);
  return (
    condition?.status === 'True' && condition.reason === CONDITION.reason && condition.message === CONDITION.message
  );
}

function marked(pod: Pod, at: Micros): Pod {
  const before = podCondition(pod, CONDITION.type);
  const lastTransitionTime = before?.status === CONDITION.status ? before.lastTransitionTime : at;
  const condition = { ...CONDITION, observedGeneration: pod.metadata.generation, lastTransitionTime };
  return { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } };
}
