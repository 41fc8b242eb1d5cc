import {
  controllerOf,
  isBeingDeleted,
  isPodTerminal,
  keyOf,
  type Pod,
  type VerticalPodAutoscaler,
} from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { VerticalPodAutoscalerConfiguration } from './config.js';
import { evictionsAllowed, podsToUpdate } from './decisions.js';
import { Periodic } from './periodic.js';
import { updateModeOf } from './recommendation.js';
import { Targets } from './targets.js';

/** Evicts pods whose requests are far from what is recommended, so that they are made anew. As pkg/updater. */
export class Updater implements Component {
  readonly name = 'vpa-updater';
  readonly #context: ControllerContext;
  readonly #config: VerticalPodAutoscalerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #autoscalers: Informer<VerticalPodAutoscaler>;
  readonly #targets: Targets;
  readonly #loop: Periodic;
  #life = 0;

  constructor(context: ControllerContext, config: VerticalPodAutoscalerConfiguration) {
    this.#context = context;
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#targets = new Targets(context.informers);
    this.#autoscalers = context.informers.informer('VerticalPodAutoscaler');
    this.#loop = new Periodic(context.simulation, config.updater.interval, () => this.#runOnce());
    this.#autoscalers.onChange({ added: () => this.#loop.wake(), modified: () => {}, deleted: () => {} });
  }

  start(): void {
    this.#loop.start();
    if (this.#autoscalers.size > 0) {
      this.#loop.wake();
    }
  }

  stop(): void {
    this.#life++;
    this.#loop.stop();
    this.#client.abandon();
    this.#events.reset();
  }

  #runOnce(): void {
    const autoscalers = [...this.#autoscalers.list()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    if (autoscalers.length > 0) {
      this.#loop.wake();
    }
    for (const autoscaler of autoscalers) {
      const selector = this.#targets.selectorOf(autoscaler);
      const isActive = updateModeOf(autoscaler.spec) === 'Recreate' && autoscaler.status?.recommendation !== undefined;
      if (selector !== undefined && isActive) {
        const pods = this.#targets.podsOf(autoscaler, selector);
        this.#update(
          autoscaler,
          pods.filter((pod) => !isBeingDeleted(pod) && !isPodTerminal(pod)),
        );
      }
    }
  }

  #update(autoscaler: VerticalPodAutoscaler, pods: readonly Pod[]): void {
    const { updater } = this.#config;
    const allowed = this.#allowedByController(autoscaler, pods);
    const chosen: Pod[] = [];
    for (const pod of podsToUpdate(pods, autoscaler, updater, this.#context.simulation.now)) {
      const uid = controllerOf(pod)?.uid ?? '';
      const left = allowed.get(uid);
      if (left === undefined) {
        continue;
      }
      if (pod.status?.phase === 'Pending') {
        chosen.push(pod);
      } else if (left > 0) {
        allowed.set(uid, left - 1);
        chosen.push(pod);
      }
    }
    this.#evict(autoscaler, chosen, this.#life);
  }

  /** By uid of the controller; absent: it has too few replicas, or pods have none. */
  #allowedByController({ spec }: VerticalPodAutoscaler, pods: readonly Pod[]): Map<string, number> {
    const { updater } = this.#config;
    const groups = new Map<string, Pod[]>();
    for (const pod of pods) {
      const uid = controllerOf(pod)?.uid ?? '';
      groups.set(uid, [...(groups.get(uid) ?? []), pod]);
    }
    const allowed = new Map<string, number>();
    for (const [uid, members] of groups) {
      const owner = controllerOf(members[0] as Pod);
      const { namespace } = (members[0] as Pod).metadata;
      if (owner !== undefined && members.length >= (spec.updatePolicy?.minReplicas ?? updater.minReplicas)) {
        const configured = this.#targets.replicasOf(owner.kind, namespace, owner.name, members.length);
        allowed.set(uid, evictionsAllowed({ configured, pods: members }, updater));
      }
    }
    return allowed;
  }

  /** One after the other: a disruption budget may say no to any of them. */
  #evict(autoscaler: VerticalPodAutoscaler, [pod, ...rest]: readonly Pod[], life: number): void {
    if (pod === undefined) {
      return;
    }
    this.#client.evict(keyOf(pod), {}, (reply) => {
      if (life !== this.#life) {
        return;
      }
      if (reply.ok) {
        const message = 'Pod was evicted by VPA Updater to apply resource recommendation.';
        this.#events.event(pod, 'Normal', 'EvictedByVPA', message);
        const told = `VPA Updater evicted Pod ${pod.metadata.name} to apply resource recommendation.`;
        this.#events.event(autoscaler, 'Normal', 'EvictedPod', told);
      }
      this.#evict(autoscaler, rest, life);
    });
  }
}
