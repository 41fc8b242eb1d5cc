import type { Node } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';

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

export interface Surroundings {
  readonly groups: readonly NodeGroup[];
  /** An empty one. */
  readonly simulate: () => SchedulingSimulation;
}
