import type { Micros } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import type { NodeGroup } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { type Backoff, backedOff, isBeingRemoved, isReady } from './decisions.js';

/** Nodes and machines by what they are, as Readiness (autoscaler cluster-autoscaler/clusterstate/clusterstate.go). */
export interface Readiness {
  readonly registered: number;
  readonly ready: number;
  /** Not ready, and young enough for that. */
  readonly notStarted: readonly string[];
  readonly unready: number;
  /** Nodes whose machine is gone. */
  readonly deleted: number;
  /** Machines without a Node, and those of them that are overdue. */
  readonly unregistered: number;
  readonly longUnregistered: number;
}

/** A group as one pass sees it. */
export interface GroupState {
  readonly group: NodeGroup;
  /** Its nodes that have joined. */
  readonly nodes: readonly Node[];
  readonly readiness: Readiness;
  /** Machines asked for that are not nodes ready for pods yet, but are expected to be. */
  readonly upcoming: number;
  readonly isScalingUp: boolean;
  readonly isBackedOff: boolean;
  /** Why the group may not grow now; undefined when it may. */
  readonly blocked: string | undefined;
}

/** What one look at the groups finds. */
export interface ClusterState {
  readonly groups: readonly GroupState[];
  /** Of all nodes, those of no group included. */
  readonly total: Readiness;
  /** Groups whose growth was not there in time; told once. */
  readonly timedOut: readonly { readonly group: NodeGroup; readonly after: Micros }[];
  /** Machines that did not join in time, as far as the groups may shrink. */
  readonly overdue: readonly { readonly group: NodeGroup; readonly name: string }[];
}

/** A growth that is not there yet. As ScaleUpRequest. */
interface ScaleUpRequest {
  readonly since: Micros;
  readonly expectedBy: Micros;
}

/**
 * What became of the machines that were asked for. As ClusterStateRegistry (autoscaler cluster-autoscaler/clusterstate): a group whose
 * growth does not come in time backs off, and a machine that does not join is given up.
 */
export class GroupStates {
  readonly #config: ClusterAutoscalerConfiguration;
  readonly #groups: readonly NodeGroup[];
  /** When a machine that has not joined was first seen. */
  #unregistered = new Map<string, Micros>();
  readonly #requests = new Map<string, ScaleUpRequest>();
  readonly #backoffs = new Map<string, Backoff>();
  #now: Micros = 0;

  constructor(config: ClusterAutoscalerConfiguration, groups: readonly NodeGroup[]) {
    this.#config = config;
    this.#groups = groups;
  }

  /** As RegisterScaleUp. */
  grew(group: NodeGroup, now: Micros): void {
    this.#requests.set(group.name, { since: now, expectedBy: now + this.#config.maxNodeProvisionTime });
  }

  /** As UpdateNodes: readiness, then requests, then machines without a Node. */
  look(nodes: readonly Node[], now: Micros): ClusterState {
    this.#now = now;
    const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
    const names = new Set(this.#groups.flatMap((group) => group.instances()));
    this.#unregistered = new Map(
      [...names].filter((name) => !byName.has(name)).map((name) => [name, this.#unregistered.get(name) ?? now]),
    );
    const hasMachine = (node: Node): boolean => names.has(node.metadata.name) || !isBeingRemoved(node);
    const found = this.#groups.map((group) => {
      const instances = group.instances();
      const joined = instances.flatMap((name) => byName.get(name) ?? []);
      const absent = instances.filter((name) => !byName.has(name));
      return { group, nodes: joined, absent, readiness: this.#readiness(joined, absent, hasMachine) };
    });
    const timedOut = found.flatMap(({ group, readiness }) => this.#settle(group, readiness));
    return {
      groups: found.map(({ group, nodes: joined, readiness }) => this.#state(group, joined, readiness)),
      total: this.#readiness(nodes, [...this.#unregistered.keys()], hasMachine),
      timedOut,
      overdue: found.flatMap(({ group, absent }) =>
        absent
          .filter((name) => this.#isOverdue(name))
          .slice(0, Math.max(0, group.targetSize - group.minSize))
          .map((name) => ({ group, name })),
      ),
    };
  }

  /** Whether machines are on their way: then passes go on. */
  get isExpecting(): boolean {
    return this.#requests.size > 0 || [...this.#unregistered.keys()].some((name) => !this.#isOverdue(name));
  }

  /** As updateScaleRequests: a request ends when all is there, or when its time is over. */
  #settle(group: NodeGroup, readiness: Readiness): readonly { group: NodeGroup; after: Micros }[] {
    const request = this.#requests.get(group.name);
    if (request === undefined) {
      return [];
    }
    if (group.targetSize <= readiness.registered - readiness.notStarted.length) {
      this.#requests.delete(group.name);
      this.#backoffs.delete(group.name);
      return [];
    }
    if (request.expectedBy >= this.#now) {
      return [];
    }
    this.#requests.delete(group.name);
    this.#backoffs.set(group.name, backedOff(this.#backoffs.get(group.name), this.#now, this.#config));
    return [{ group, after: this.#now - request.since }];
  }

  #state(group: NodeGroup, nodes: readonly Node[], readiness: Readiness): GroupState {
    const isBackedOff = this.#now < (this.#backoffs.get(group.name)?.until ?? Number.NEGATIVE_INFINITY);
    const blocked = isBackedOff
      ? 'in backoff after failed scale-up'
      : group.targetSize >= group.maxSize
        ? 'max node group size reached'
        : undefined;
    const settled = readiness.ready + readiness.unready + readiness.longUnregistered;
    return {
      group,
      nodes,
      readiness,
      upcoming: Math.max(0, group.targetSize - settled),
      isScalingUp: this.#requests.has(group.name),
      isBackedOff,
      blocked,
    };
  }

  #readiness(nodes: readonly Node[], absent: readonly string[], hasMachine: (node: Node) => boolean): Readiness {
    const deleted = nodes.filter((node) => !hasMachine(node));
    const present = nodes.filter(hasMachine);
    const waiting = present.filter((node) => !isReady(node));
    const notStarted = waiting.filter((node) => this.#isStarting(node)).map(({ metadata }) => metadata.name);
    const overdue = absent.filter((name) => this.#isOverdue(name));
    return {
      registered: nodes.length,
      ready: present.length - waiting.length,
      notStarted,
      unready: waiting.length - notStarted.length,
      deleted: deleted.length,
      unregistered: absent.length - overdue.length,
      longUnregistered: overdue.length,
    };
  }

  #isOverdue(name: string): boolean {
    return this.#now - (this.#unregistered.get(name) ?? this.#now) > this.#config.maxNodeProvisionTime;
  }

  #isStarting({ metadata }: Node): boolean {
    return this.#now < (metadata.creationTimestamp ?? this.#now) + this.#config.maxNodeStartupTime;
  }
}
