import type { Node, Pod } from '../api/index.js';
import type { InformerFactory, Placement, SchedulingSimulation } from '../client-go/index.js';
import type { SchedulerConfiguration } from './config.js';
import { buildProfile } from './configuration/build-profile.js';
import { Cache } from './framework/cache.js';
import type { CycleState } from './framework/cycle-state.js';
import { podInfoOf } from './framework/pod-info.js';
import type { Profile } from './framework/profile.js';
import { messageOf } from './framework/status.js';
import { InformerListers } from './informer-listers.js';
import { NO_PREEMPTION } from './preemption/executor.js';

/**
 * The filters of kube-scheduler over nodes and pods that somebody makes up: what cluster-autoscaler asks before it adds or removes a
 * node. As its scheduler-based predicate snapshot (autoscaler cluster-autoscaler/simulator/clustersnapshot/predicate): the first
 * profile decides, and nothing is scored, bound or preempted.
 */
export class WhatIf implements SchedulingSimulation {
  readonly #cache = new Cache();
  readonly #profile: Profile;

  constructor(profile: (cache: Cache) => Profile) {
    this.#profile = profile(this.#cache);
  }

  addNode(node: Node): void {
    this.#cache.addNode(node);
  }

  removeNode(name: string): void {
    this.#cache.removeNode(name);
  }

  /** Counts the pod on that node, whether or not it fits. */
  addPod(pod: Pod, node: string): void {
    this.#cache.addPod(pod.spec.nodeName === node ? pod : { ...pod, spec: { ...pod.spec, nodeName: node } });
  }

  removePod(key: string): void {
    this.#cache.removePod(key);
  }

  /** The answer holds until nodes or pods change. */
  ask(pod: Pod): Placement {
    const snapshot = this.#cache.snapshot();
    const info = podInfoOf(pod);
    const state: CycleState = this.#profile.newState();
    const { status, nodeNames, narrowedBy } = this.#profile.runPreFilter(state, info, snapshot);
    return {
      refusal: (name) => {
        if (status !== undefined) {
          return messageOf(status);
        }
        const node = snapshot.get(name);
        if (node === undefined || nodeNames?.has(name) === false) {
          return `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`;
        }
        const refused = this.#profile.runFilter(state, info, node);
        return refused && messageOf(refused);
      },
    };
  }
}

/** Makes empty ones, which look up volumes, namespaces and the like where `informers` has them. */
export function whatIfs(informers: InformerFactory, configuration: SchedulerConfiguration): () => WhatIf {
  const listers = new InformerListers(informers);
  const [resolved] = configuration.profiles;
  if (resolved === undefined) {
    throw new RangeError('a scheduler configuration without profiles');
  }
  const nothing = (): void => {};
  return () =>
    new WhatIf((cache) =>
      buildProfile(resolved, {
        listers,
        snapshot: () => cache.snapshot(),
        nominator: { isEmpty: true, nominatedPods: () => [] },
        defaults: configuration.defaults,
        postBinding: nothing,
        volumeClient: { update: nothing, after: nothing },
        preemptionClient: NO_PREEMPTION,
        uniform: () => 0,
        extenders: [],
        waitingPods: { get: () => undefined, list: () => [] },
      }),
    );
}
