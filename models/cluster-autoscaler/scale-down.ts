import type { Micros } from '../../engine/index.js';
import { keyOf, type Node, type Pod } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';
import type { NodeGroup } from './cloud.js';
import type { ScaleDownConfiguration } from './config.js';
import { type DrainSights, isKeptByUser, isReady, podsToMove } from './decisions.js';
import { gpuResourceOf, utilization } from './utilization.js';

export interface ScaleDownView {
  readonly now: Micros;
  readonly nodes: readonly Node[];
  readonly podsOn: (node: string) => readonly Pod[];
  readonly groupOf: (node: string) => NodeGroup | undefined;
  readonly simulation: SchedulingSimulation;
  readonly sights: DrainSights;
  /** What is being removed already. */
  readonly leaving: readonly Removal[];
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
  #hasCandidates = false;

  constructor(config: ScaleDownConfiguration) {
    this.#config = config;
  }

  get unneeded(): ReadonlySet<string> {
    return new Set(this.#unneeded.keys());
  }

  /** Looks at every node anew. */
  update(view: ScaleDownView): void {
    const found = new Map<string, Unneeded>();
    const leaving = new Set(view.leaving.map(({ node }) => node.metadata.name));
    const destinations = new Set(view.nodes.map(({ metadata }) => metadata.name).filter((name) => !leaving.has(name)));
    const candidates = this.#candidates(view, leaving);
    this.#hasCandidates = candidates.length > 0;
    for (const node of candidates.filter((each) => this.#isUsedLittle(each, view))) {
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

  /** Whether any node could go at all, needed or not. */
  get hasCandidates(): boolean {
    return this.#hasCandidates;
  }

  /** As CleanUpUnneededNodes: nodes become unneeded anew. */
  cleanUp(): void {
    this.#unneeded = new Map();
  }

  forget(): void {
    this.cleanUp();
    this.#recheckAt.clear();
  }

  /** A removal that failed: the node is left alone for a while. */
  failed(node: string, now: Micros): void {
    this.#unneeded.delete(node);
    this.#recheckAt.set(node, now + this.#config.recheckTimeout);
  }

  /** Those that were unneeded for long enough, within what may go at a time. */
  removals(now: Micros, leaving: readonly Removal[]): readonly Removal[] {
    const { maxParallelism, maxDrainParallelism } = this.#config;
    const room = maxParallelism - leaving.length;
    const draining = leaving.filter(({ isEmpty }) => !isEmpty).length;
    const due = [...this.#unneeded.values()].filter(
      ({ since, removal }) => now - since >= this.#patience(removal.node),
    );
    const taken = leaving.map(({ group }) => group);
    const fits = ({ group }: Removal): boolean => {
      const isAboveMin = sizeWithout(group, taken) > group.minSize;
      taken.push(...(isAboveMin ? [group] : []));
      return isAboveMin;
    };
    const removals = due.map(({ removal }) => removal);
    const empty = removals
      .filter(({ isEmpty }) => isEmpty)
      .slice(0, Math.max(0, room))
      .filter(fits);
    const drainRoom = Math.min(room - empty.length, maxDrainParallelism - draining);
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

  /**
   * Nodes of groups above their smallest size, the empty ones and those that were unneeded before in front. As
   * PreFilteringScaleDownNodeProcessor.GetScaleDownCandidates (processors/nodes).
   */
  #candidates(view: ScaleDownView, leaving: ReadonlySet<string>): readonly Node[] {
    const shrinking = view.leaving.map(({ group }) => group);

    const rank = ({ metadata: { name } }: Node): number =>
      (view.podsOn(name).length === 0 ? 0 : 2) + (this.#unneeded.has(name) ? 0 : 1);
    return view.nodes
      .filter(({ metadata: { name } }) => {
        const group = view.groupOf(name);
        return group !== undefined && !leaving.has(name) && sizeWithout(group, shrinking) > group.minSize;
      })
      .map((node) => ({ node, rank: rank(node) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node);
  }

  /** As Checker.FilterOutUnremovable (core/scaledown/eligibility). */
  #isUsedLittle(node: Node, view: ScaleDownView): boolean {
    const { name } = node.metadata;
    const { utilizationThreshold, gpuUtilizationThreshold, ignoresDaemonSets, includesUnreadyNodes } = this.#config;
    if (view.now < (this.#recheckAt.get(name) ?? Number.NEGATIVE_INFINITY)) {
      return false;
    }
    this.#recheckAt.delete(name);
    if (isKeptByUser(node) || (!includesUnreadyNodes && !isReady(node))) {
      return false;
    }
    const threshold = gpuResourceOf(node) === undefined ? utilizationThreshold : gpuUtilizationThreshold;
    return utilization(node, view.podsOn(name), ignoresDaemonSets, view.now) < threshold;
  }
}

/** Size of the group once so many of its nodes are gone. */
const sizeWithout = (group: NodeGroup, leaving: readonly NodeGroup[]): number =>
  group.targetSize - leaving.filter((each) => each === group).length;

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
