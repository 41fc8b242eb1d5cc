import type { Node, Taint } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';

/** What a machine is asked for with. */
export interface Launch {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** A make of machines that the cloud offers. As cloudprovider.InstanceType (karpenter pkg/cloudprovider/types.go). */
export interface InstanceType {
  readonly name: string;
  /** Of one machine, an hour. */
  readonly price: number;
  /** Where there are some; undefined for a cloud without zones. */
  readonly zones: readonly (string | undefined)[];
  /** The Node of such a machine that has just joined and is ready. */
  readonly node: Node;
  /** Answers the name of the machine, which is that of its Node. */
  launch(launch: Launch): string;
  /** Whether a machine of that name is of this make, and still there or on its way. */
  has(machine: string): boolean;
  terminate(machine: string): void;
}

export interface Surroundings {
  readonly instanceTypes: readonly InstanceType[];
  /** An empty one. */
  readonly simulate: () => SchedulingSimulation;
}
