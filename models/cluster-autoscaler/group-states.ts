import type { Micros } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import type { NodeGroup } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { type Backoff, backedOff, isReady } from './decisions.js';

/** A group as one pass sees it. */
export interface GroupState {
  readonly group: NodeGroup;
  /** Its nodes that have joined. */
  readonly nodes: readonly Node[];
  /** Machines asked for that are not nodes ready for pods yet, but are expected to be. */
  readonly upcoming: number;
  /** Why the group may not grow now; undefined when it may. */
  readonly blocked: string | undefined;
}

/**
 * What became of the machines that were asked for. As ClusterStateRegistry (autoscaler cluster-autoscaler/clusterstate): a machine
 * that does not join in time is given up and its group backs off.
 */
export class GroupStates {
  readonly #config: ClusterAutoscalerConfiguration;
  readonly #groups: readonly NodeGroup[];
  /** When a machine that has not joined was first seen. */
  readonly #unregistered = new Map<string, Micros>();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #joined = new Set<string>();

  constructor(config: ClusterAutoscalerConfiguration, groups: readonly NodeGroup[]) {
    this.#config = config;
    this.#groups = groups;
  }

  /** Machines that were expected for too long; told once. */
  overdue(nodes: ReadonlyMap<string, Node>, now: Micros): readonly { group: NodeGroup; name: string }[] {
    const overdue: { group: NodeGroup; name: string }[] = [];
    for (const group of this.#groups) {
      for (const name of group.instances()) {
        const since = this.#unregistered.get(name);
        if (nodes.has(name) || this.#joined.has(name)) {
          this.#joined.add(name);
          this.#unregistered.delete(name);
        } else if (since === undefined) {
          this.#unregistered.set(name, now);
        } else if (now - since > this.#config.maxNodeProvisionTime) {
          this.#unregistered.delete(name);
          overdue.push({ group, name });
        }
      }
    }
    return overdue;
  }

  failed(group: NodeGroup, now: Micros): void {
    this.#backoffs.set(group.name, backedOff(this.#backoffs.get(group.name), now, this.#config));
  }

  states(nodes: ReadonlyMap<string, Node>, now: Micros): readonly GroupState[] {
    return this.#groups.map((group) => {
      const joined = group.instances().flatMap((name) => nodes.get(name) ?? []);
      const settled = joined.filter((node) => isReady(node) || !this.#isStarting(node, now));
      const isBackedOff = now < (this.#backoffs.get(group.name)?.until ?? Number.NEGATIVE_INFINITY);
      const blocked = isBackedOff
        ? 'in backoff after failed scale-up'
        : group.targetSize >= group.maxSize
          ? 'max node group size reached'
          : undefined;
      return { group, nodes: joined, upcoming: Math.max(0, group.targetSize - settled.length), blocked };
    });
  }

  /** Whether machines are on their way: then passes go on. */
  get isExpecting(): boolean {
    return this.#unregistered.size > 0;
  }

  #isStarting({ metadata }: Node, now: Micros): boolean {
    return now - (metadata.creationTimestamp ?? now) < this.#config.maxNodeStartupTime;
  }
}
