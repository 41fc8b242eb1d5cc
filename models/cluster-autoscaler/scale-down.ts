import type { Micros } from '../../engine/index.js';
import { keyOf, type Node, type Pod } from '../api/index.js';
import type { NodeGroup, SchedulingSimulation } from './cloud.js';
import type { ScaleDownConfiguration } from './config.js';
import { type DrainSights, isKeptByUser, isReady, podsToMove, utilization } from './decisions.js';

export interface ScaleDownView {
  readonly now: Micros;
  readonly nodes: readonly Node[];
  readonly podsOn: (node: string) => readonly Pod[];
  readonly groupOf: (node: string) => NodeGroup | undefined;
  readonly simulation: SchedulingSimulation;
  readonly sights: DrainSights;
  /** Nodes that are being removed already. */
  readonly isLeaving: (node: string) => boolean;
}

/** A node that may go now. */
export interface Removal {
  readonly node: Node;
  readonly group: NodeGroup;
  /** Nothing has to move. */
  readonly isEmpty: boolean;
}

interface Unneeded {
  readonly since: Micros;
  readonly removal: Removal;
}

/**
 * Which nodes nobody needs, and since when. As scaledown planner and unneeded nodes (autoscaler
 * cluster-autoscaler/core/scaledown/planner, …/unneeded).
 */
export class ScaleDownPlanner {
  readonly #config: ScaleDownConfiguration;
  #unneeded = new Map<string, Unneeded>();
  /** Nodes that were found to be stuck are looked at again only then. */
  readonly #recheckAt = new Map<string, Micros>();

  constructor(config: ScaleDownConfiguration) {
    this.#config = config;
  }

  get unneeded(): ReadonlySet<string> {
    return new Set(this.#unneeded.keys());
  }

  /** Looks at every node anew. */
  update(view: ScaleDownView): void {
    const found = new Map<string, Unneeded>();
    const destinations = new Set(
      view.nodes.map(({ metadata }) => metadata.name).filter((name) => !view.isLeaving(name)),
    );
    for (const node of this.#candidates(view)) {
      const { name } = node.metadata;
      const group = view.groupOf(name) as NodeGroup;
      const verdict = podsToMove(view.podsOn(name), this.#config, view.sights);
      const pods = verdict.isDrainable ? verdict.pods : undefined;
      if (pods === undefined || !moveAll(view.simulation, pods, name, destinations)) {
        this.#recheckAt.set(name, view.now + this.#config.recheckTimeout);
        continue;
      }
      destinations.delete(name);
      const since = this.#unneeded.get(name)?.since ?? view.now;
      found.set(name, { since, removal: { node, group, isEmpty: pods.length === 0 } });
    }
    this.#unneeded = found;
  }

  forget(): void {
    this.#unneeded = new Map();
    this.#recheckAt.clear();
  }

  /** A removal that failed: the node is left alone for a while. */
  failed(node: string, now: Micros): void {
    this.#unneeded.delete(node);
    this.#recheckAt.set(node, now + this.#config.recheckTimeout);
  }

  /** Those that were unneeded for long enough, within what may go at a time. */
  removals(now: Micros, leaving: { readonly empty: number; readonly drained: number }): readonly Removal[] {
    const { maxParallelism, maxDrainParallelism } = this.#config;
    const room = maxParallelism - leaving.empty - leaving.drained;
    const due = [...this.#unneeded.values()].filter(
      ({ since, removal }) => now - since >= this.#patience(removal.node),
    );
    const taken = new Map<NodeGroup, number>();
    const fits = ({ group }: Removal): boolean => {
      const count = (taken.get(group) ?? 0) + 1;
      if (group.targetSize - count < group.minSize) {
        return false;
      }
      taken.set(group, count);
      return true;
    };
    const removals = due.map(({ removal }) => removal);
    const empty = removals
      .filter(({ isEmpty }) => isEmpty)
      .slice(0, Math.max(0, room))
      .filter(fits);
    const drainRoom = Math.min(room - empty.length, maxDrainParallelism - leaving.drained);
    const drained = removals
      .filter(({ isEmpty }) => !isEmpty)
      .slice(0, Math.max(0, drainRoom))
      .filter(fits);
    return [...empty, ...drained];
  }

  /** When, at the latest, another look is worth while; Infinity when only a change would make a difference. */
  nextLook(now: Micros): Micros {
    const due = [...this.#unneeded.values()].map(({ since, removal }) =>
      Math.max(now, since + this.#patience(removal.node)),
    );
    return Math.min(...due, ...this.#recheckAt.values());
  }

  #patience = (node: Node): Micros => (isReady(node) ? this.#config.unneededTime : this.#config.unreadyTime);

  /** Nodes that are used little, the empty ones and those that were unneeded before in front. */
  #candidates(view: ScaleDownView): readonly Node[] {
    const rank = ({ metadata: { name } }: Node): number =>
      (view.podsOn(name).length === 0 ? 0 : 2) + (this.#unneeded.has(name) ? 0 : 1);
    return view.nodes
      .filter((node) => this.#isCandidate(node, view))
      .map((node) => ({ node, rank: rank(node) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node);
  }

  #isCandidate(node: Node, view: ScaleDownView): boolean {
    const { name } = node.metadata;
    const recheckAt = this.#recheckAt.get(name) ?? Number.NEGATIVE_INFINITY;
    if (view.groupOf(name) === undefined || view.isLeaving(name) || isKeptByUser(node) || view.now < recheckAt) {
      return false;
    }
    this.#recheckAt.delete(name);
    const { utilizationThreshold, ignoresDaemonSets } = this.#config;
    return !isReady(node) || utilization(node, view.podsOn(name), ignoresDaemonSets) < utilizationThreshold;
  }
}

/** Moves the pods to other nodes, all or none. */
function moveAll(
  simulation: SchedulingSimulation,
  pods: readonly Pod[],
  from: string,
  destinations: ReadonlySet<string>,
): boolean {
  const moved: Pod[] = [];
  for (const pod of pods) {
    simulation.removePod(keyOf(pod));
    const question = simulation.ask(unbound(pod));
    const to = [...destinations].find((name) => name !== from && question.refusal(name) === undefined);
    if (to === undefined) {
      simulation.addPod(pod, from);
      for (const other of moved) {
        simulation.removePod(keyOf(other));
        simulation.addPod(other, from);
      }
      return false;
    }
    simulation.addPod(pod, to);
    moved.push(pod);
  }
  return true;
}

const unbound = (pod: Pod): Pod => {
  const { nodeName: _, ...spec } = pod.spec;
  return { ...pod, spec };
};
