import type { Node, Pod } from '../api/index.js';

/** Machines of one make that a cloud adds and removes. As cloudprovider.NodeGroup (autoscaler cluster-autoscaler/cloudprovider). */
export interface NodeGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** Of one machine, an hour; undefined where nobody says. */
  readonly price: number | undefined;
  /** How many machines are asked for: those that run, and those that are being made. */
  readonly targetSize: number;
  /** Machines by the names that their Nodes have or will have, being made or made. */
  instances(): readonly string[];
  /** The Node of a machine that has just joined and is ready. */
  template(): Node;
  increaseSize(by: number): void;
  /** Takes machines away, also those that are being made. */
  deleteNodes(names: readonly string[]): void;
}

/** One pod that is asked about on one node after the other. */
export interface Placement {
  /** Why the pod does not fit there; undefined when it does. */
  refusal(node: string): string | undefined;
}

/** Nodes and pods made up to see where kube-scheduler would let a pod go. */
export interface SchedulingSimulation {
  addNode(node: Node): void;
  removeNode(name: string): void;
  addPod(pod: Pod, node: string): void;
  removePod(key: string): void;
  ask(pod: Pod): Placement;
}

export interface Surroundings {
  readonly groups: readonly NodeGroup[];
  /** An empty one. */
  readonly simulate: () => SchedulingSimulation;
}
