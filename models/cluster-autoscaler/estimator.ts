import { keyOf, type Node, type Pod } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';
import { packingScore } from './utilization.js';

/** How many new nodes of one make, and for which pods. */
export interface Estimate {
  readonly nodeCount: number;
  readonly pods: readonly Pod[];
}

/**
 * Packs pods onto made-up nodes, large ones first, each onto the first that takes it; a new node is added while the last one holds
 * something. Leaves the simulation as it was. As BinpackingNodeEstimator (autoscaler cluster-autoscaler/estimator).
 */
export class Estimator {
  readonly #simulation: SchedulingSimulation;
  readonly #template: (ordinal: number) => Node;
  readonly #daemonPods: readonly Pod[];
  readonly #nodes: string[] = [];
  readonly #placed: Pod[] = [];
  #isLastEmpty = false;

  constructor(simulation: SchedulingSimulation, template: (ordinal: number) => Node, daemonPods: readonly Pod[]) {
    this.#simulation = simulation;
    this.#template = template;
    this.#daemonPods = daemonPods;
  }

  estimate(groups: readonly (readonly Pod[])[], maxNodes: number): Estimate {
    const sample = this.#template(0);
    const score = ([pod]: readonly Pod[]): number => (pod === undefined ? 0 : packingScore(pod, sample));
    for (const pods of groups.toSorted((a, b) => score(b) - score(a))) {
      this.#pack(pods, maxNodes);
    }
    const used = this.#nodes.length - (this.#isLastEmpty ? 1 : 0);
    const estimate = { nodeCount: used, pods: [...this.#placed] };
    this.#revert();
    return estimate;
  }

  #pack(pods: readonly Pod[], maxNodes: number): void {
    for (const pod of pods) {
      const question = this.#simulation.ask(pod);
      const node = this.#nodes.find((name) => question.refusal(name) === undefined) ?? this.#addNodeFor(pod, maxNodes);
      if (node === undefined) {
        // Pods of a group are alike: where one does not go, none does.
        return;
      }
      this.#simulation.addPod(pod, node);
      this.#placed.push(pod);
      if (node === this.#nodes.at(-1)) {
        this.#isLastEmpty = false;
      }
    }
  }

  #addNodeFor(pod: Pod, maxNodes: number): string | undefined {
    if (this.#isLastEmpty || this.#nodes.length >= maxNodes) {
      return undefined;
    }
    const node = this.#template(this.#nodes.length);
    const { name } = node.metadata;
    addNewNode(this.#simulation, node, this.#daemonPods);
    this.#nodes.push(name);
    this.#isLastEmpty = true;
    return this.#simulation.ask(pod).refusal(name) === undefined ? name : undefined;
  }

  #revert(): void {
    for (const pod of this.#placed) {
      this.#simulation.removePod(keyOf(pod));
    }
    for (const name of this.#nodes) {
      removeNewNode(this.#simulation, name, this.#daemonPods);
    }
  }
}

const daemonPodOn = (pod: Pod, node: string): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, name: `${pod.metadata.name}-${node}`, uid: `${pod.metadata.name}-${node}` },
});

/** A new node gets a pod of each DaemonSet before anything else. */
export function addNewNode(simulation: SchedulingSimulation, node: Node, daemonPods: readonly Pod[]): void {
  const { name } = node.metadata;
  simulation.addNode(node);
  for (const pod of daemonPods) {
    simulation.addPod(daemonPodOn(pod, name), name);
  }
}

export function removeNewNode(simulation: SchedulingSimulation, name: string, daemonPods: readonly Pod[]): void {
  for (const pod of daemonPods) {
    simulation.removePod(keyOf(daemonPodOn(pod, name)));
  }
  simulation.removeNode(name);
}
