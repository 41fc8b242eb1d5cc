import { type Distribution, draw, entityKey, type Simulation } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import type { NodeTemplate } from '../cluster.js';
import type { NodeGroup } from '../cluster-autoscaler/index.js';
import type { InstanceType, Launch } from '../karpenter/index.js';

/** Whether cluster-autoscaler keeps the group within sizes, or Karpenter claims machines of its make. */
export type NodeGroupOwner = { readonly minSize: number; readonly maxSize: number } | 'karpenter';

export interface NodeGroupOptions {
  readonly name: string;
  readonly owner: NodeGroupOwner;
  /** Of one machine, an hour. */
  readonly price?: number | undefined;
  /** Where machines may be asked for one by one. */
  readonly zones?: readonly string[];
  /** How many machines stand there at the start. */
  readonly size: number;
  /** The machine of that number; none is used twice. */
  readonly template: (index: number) => NodeTemplate;
}

/** What a group needs of the cluster whose machines it makes. */
export interface NodeGroupSite {
  readonly simulation: Simulation;
  /** From asking the cloud for a machine to its power on. */
  readonly provisioning: Distribution;
  readonly nodeOnceReady: (template: NodeTemplate) => Node;
  /** The machine is there and boots. */
  readonly place: (template: NodeTemplate) => void;
  readonly remove: (name: string) => void;
}

export interface NodeGroupLevers {
  /** Machines that are asked for do not come. Answers how they do again: those that are still wanted come at once. */
  withhold(): () => void;
}

/** A cloud's group of equal machines: it makes them when asked, each after its own time, and takes them away at once. */
export class CloudNodeGroup implements NodeGroup, NodeGroupLevers {
  readonly name: string;
  readonly isClaimed: boolean;
  readonly minSize: number;
  readonly maxSize: number;
  readonly price: number | undefined;
  readonly #options: NodeGroupOptions;
  readonly #site: NodeGroupSite;
  readonly #instances = new Set<string>();
  /** Every machine there ever was. */
  readonly #names = new Set<string>();
  #made: number;
  #withheld = 0;
  #waiting: NodeTemplate[] = [];
  readonly #onRemoval: (() => void)[] = [];

  constructor(options: NodeGroupOptions, site: NodeGroupSite) {
    this.name = options.name;
    const { owner } = options;
    this.isClaimed = owner === 'karpenter';
    this.minSize = owner === 'karpenter' ? 0 : owner.minSize;
    this.maxSize = owner === 'karpenter' ? Number.POSITIVE_INFINITY : owner.maxSize;
    this.price = options.price;
    this.#options = options;
    this.#site = site;
    this.#made = options.size;
    for (let i = 0; i < options.size; i++) {
      this.#add(options.template(i).name);
    }
  }

  get targetSize(): number {
    return this.#instances.size;
  }

  instances(): readonly string[] {
    return [...this.#instances];
  }

  template(): Node {
    return this.#site.nodeOnceReady(this.#options.template(this.#made));
  }

  increaseSize(by: number): void {
    for (let i = 0; i < by; i++) {
      this.#order(this.#options.template(this.#made++));
    }
  }

  /** The group as a make of machines that are asked for one by one. */
  get instanceType(): InstanceType {
    const { name, price = 0 } = this;
    const { zones } = this.#options;
    return {
      name,
      price,
      zones: zones === undefined || zones.length === 0 ? [undefined] : zones,
      node: this.template(),
      launch: (launch) => this.#launch(launch),
      has: (machine) => this.#instances.has(machine),
      terminate: (machine) => this.deleteNodes([machine]),
    };
  }

  #launch({ labels, taints }: Launch): string {
    const template = this.#options.template(this.#made++);
    this.#order({ ...template, labels: { ...template.labels, ...labels }, taints: [...template.taints, ...taints] });
    return template.name;
  }

  #order(template: NodeTemplate): void {
    const { simulation, provisioning } = this.#site;
    this.#add(template.name);
    const latency = draw(simulation.stream('machine provisioning'), entityKey(template.name), 0, provisioning);
    simulation.after(Math.max(0, Math.round(latency)), () => this.#deliver(template));
  }

  withhold(): () => void {
    this.#withheld++;
    return () => {
      this.#withheld--;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const template of waiting) {
        this.#deliver(template);
      }
    };
  }

  /** Calls whenever machines were taken away. */
  onRemoval(listener: () => void): void {
    this.#onRemoval.push(listener);
  }

  hasMade(name: string): boolean {
    return this.#names.has(name);
  }

  #add(name: string): void {
    this.#instances.add(name);
    this.#names.add(name);
  }

  #deliver(template: NodeTemplate): void {
    if (this.#withheld > 0) {
      this.#waiting.push(template);
    } else if (this.#instances.has(template.name)) {
      this.#site.place(template);
    }
  }

  deleteNodes(names: readonly string[]): void {
    for (const name of names) {
      if (this.#instances.delete(name)) {
        this.#site.remove(name);
      }
    }
    for (const listener of this.#onRemoval) {
      listener();
    }
  }
}
