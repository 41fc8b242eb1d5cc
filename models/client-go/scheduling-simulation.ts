import type { Node, Pod } from '../api/index.js';

/** One pod that is asked about on one node after the other. */
export interface Placement {
  /** Why the pod does not fit there; undefined when it does. */
  refusal(node: string): string | undefined;
}

/** Nodes and pods made up to see where kube-scheduler would let a pod go: what autoscalers of nodes ask. */
export interface SchedulingSimulation {
  /** Also in the place of a node of that name; the pods on it stay. */
  addNode(node: Node): void;
  removeNode(name: string): void;
  addPod(pod: Pod, node: string): void;
  removePod(key: string): void;
  ask(pod: Pod): Placement;
}
