import { keyOf, milliValueOf, type Node, type NodePool, type Pod, requestsOfPod } from '../api/index.js';
import type { SchedulingSimulation } from '../client-go/index.js';
import { inOrderOfPacking } from './decisions.js';
import { nodeOf, type Offering } from './offerings.js';

/** A NodePool, and what machines it may have. */
export interface PoolOffer {
  readonly pool: NodePool;
  readonly offerings: readonly Offering[];
  /** What the limits of the pool leave, in thousandths. */
  readonly left: ReadonlyMap<string, number>;
}

/** A node that is to be made, for these pods: each offering left would do, and all are in one zone. */
export interface NewNode {
  readonly pool: NodePool;
  readonly offerings: readonly Offering[];
  readonly pods: readonly Pod[];
}

export interface Packing {
  readonly newNodes: readonly NewNode[];
  /** Names of existing nodes by the pods that fit there. */
  readonly placed: ReadonlyMap<Pod, string>;
  readonly errors: ReadonlyMap<Pod, string>;
}

export interface PackingView {
  /** Holds the nodes that are there, with their pods. */
  readonly simulation: SchedulingSimulation;
  /** In the order in which they are tried. */
  readonly existing: readonly string[];
  readonly pools: readonly PoolOffer[];
  /** Pods of DaemonSets that such a node gets. */
  readonly daemonPodsOf: (node: Node) => readonly Pod[];
}

interface Draft {
  readonly name: string;
  readonly pool: NodePool;
  readonly daemonPods: readonly Pod[];
  offerings: readonly Offering[];
  pods: readonly Pod[];
  /** With those of DaemonSets. */
  requests: ReadonlyMap<string, number>;
}

const unbound = (pod: Pod): Pod => {
  const { nodeName: _, ...spec } = pod.spec;
  return { ...pod, spec };
};

/**
 * Where pods will go: onto nodes that are there, then onto those that are about to be made, the emptiest first, then onto one more. As
 * Scheduler.Solve (karpenter pkg/controllers/provisioning/scheduling/scheduler.go), with the filters of kube-scheduler in the place of
 * its own; what pods merely prefer does not count.
 */
export function pack(view: PackingView, pods: readonly Pod[]): Packing {
  const packer = new Packer(view);
  for (const pod of inOrderOfPacking(pods).map(unbound)) {
    packer.add(pod);
  }
  packer.revert();
  return packer;
}

/** The same without some of the nodes, whose pods are among those to place. */
export function packWithout(view: PackingView, nodes: readonly Standing[], pods: readonly Pod[]): Packing {
  const { simulation } = view;
  const gone = new Set(nodes.map(({ node }) => node.metadata.name));
  for (const { node, pods: own } of nodes) {
    for (const pod of own) {
      simulation.removePod(keyOf(pod));
    }
    simulation.removeNode(node.metadata.name);
  }
  const packing = pack({ ...view, existing: view.existing.filter((name) => !gone.has(name)) }, pods);
  for (const { node, pods: own } of nodes) {
    simulation.addNode(node);
    for (const pod of own) {
      simulation.addPod(pod, node.metadata.name);
    }
  }
  return packing;
}

/** A node with all that is on it. */
export interface Standing {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

class Packer implements Packing {
  readonly #view: PackingView;
  readonly #left: Map<NodePool, ReadonlyMap<string, number>>;
  readonly placed = new Map<Pod, string>();
  readonly errors = new Map<Pod, string>();
  #drafts: Draft[] = [];

  constructor(view: PackingView) {
    this.#view = view;
    this.#left = new Map(view.pools.map(({ pool, left }) => [pool, left]));
  }

  get newNodes(): readonly NewNode[] {
    return this.#drafts;
  }

  add(pod: Pod): void {
    const { simulation, existing } = this.#view;
    const question = simulation.ask(pod);
    const node = existing.find((name) => question.refusal(name) === undefined);
    if (node !== undefined) {
      simulation.addPod(pod, node);
      this.placed.set(pod, node);
      return;
    }
    this.#drafts = this.#drafts.toSorted((a, b) => a.pods.length - b.pods.length);
    if (!this.#drafts.some((draft) => this.#addTo(draft, pod))) {
      this.#addNew(pod);
    }
  }

  #addTo(draft: Draft, pod: Pod): boolean {
    const requests = plus(draft.requests, requestsOf(pod));
    const kept = draft.offerings.filter((offering) => this.#takes(draft, offering, pod, requests));
    const { simulation } = this.#view;
    simulation.addNode(nodeOf((kept[0] ?? draft.offerings[0]) as Offering, draft.name));
    if (kept.length === 0) {
      return false;
    }
    simulation.addPod(pod, draft.name);
    draft.offerings = kept;
    draft.pods = [...draft.pods, pod];
    draft.requests = requests;
    return true;
  }

  /** What is too large for the machine needs no further question. */
  #takes({ name }: Draft, offering: Offering, pod: Pod, requests: ReadonlyMap<string, number>): boolean {
    const { allocatable } = offering.type.node.status ?? {};
    if ([...requests].some(([resource, amount]) => amount > milliValueOf(allocatable?.[resource] ?? '0'))) {
      return false;
    }
    const { simulation } = this.#view;
    simulation.addNode(nodeOf(offering, name));
    return simulation.ask(pod).refusal(name) === undefined;
  }

  #addNew(pod: Pod): void {
    const reasons: string[] = [];
    for (const { pool, offerings } of this.#view.pools) {
      const left = this.#left.get(pool) ?? new Map();
      const affordable = offerings.filter(({ type }) => isWithin(capacityOf(type.node), left));
      if (affordable.length === 0) {
        const names = `for nodepool "${pool.metadata.name}"`;
        reasons.push(
          offerings.length === 0 ? `no instance types ${names}` : `all available instance types exceed limits ${names}`,
        );
        continue;
      }
      const zones = [...new Set(affordable.map(({ zone }) => zone))];
      const isOpened = zones.some((zone) =>
        this.#open(
          pool,
          affordable.filter((each) => each.zone === zone),
          pod,
        ),
      );
      if (isOpened) {
        return;
      }
      reasons.push(
        `incompatible with nodepool "${pool.metadata.name}", no instance type met the requirements/resources/offering tuple`,
      );
    }
    this.errors.set(pod, reasons.join('; ') || 'no nodepools found');
  }

  #open(pool: NodePool, offerings: readonly Offering[], pod: Pod): boolean {
    const { simulation, daemonPodsOf } = this.#view;
    const name = `nodeclaim-placeholder-${this.#drafts.length + 1}`;
    const node = nodeOf(offerings[0] as Offering, name);
    const daemonPods = daemonPodsOf(node).map((each) => daemonPodOn(each, name));
    const requests = daemonPods.map(requestsOf).reduce(plus, new Map());
    const draft: Draft = { name, pool, daemonPods, offerings, pods: [], requests };
    simulation.addNode(node);
    for (const each of daemonPods) {
      simulation.addPod(each, name);
    }
    if (this.#addTo(draft, pod)) {
      this.#drafts.push(draft);
      this.#left.set(pool, minus(this.#left.get(pool) ?? new Map(), draft.offerings));
      return true;
    }
    this.#close(draft);
    return false;
  }

  #close({ name, pods, daemonPods }: Draft): void {
    const { simulation } = this.#view;
    for (const pod of [...pods, ...daemonPods]) {
      simulation.removePod(keyOf(pod));
    }
    simulation.removeNode(name);
  }

  /** Leaves the simulation as it was. */
  revert(): void {
    for (const draft of this.#drafts) {
      this.#close(draft);
    }
    for (const pod of this.placed.keys()) {
      this.#view.simulation.removePod(keyOf(pod));
    }
  }
}

/** A pod of a DaemonSet as it will be on that node. */
export const daemonPodOn = (pod: Pod, node: string): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, name: `${pod.metadata.name}-${node}`, uid: `${pod.metadata.name}-${node}` },
});

const requestsOf = (pod: Pod): ReadonlyMap<string, number> =>
  new Map([
    ...Object.entries(requestsOfPod(pod.spec)).map(([name, amount]) => [name, milliValueOf(amount)] as const),
    ['pods', 1000],
  ]);

const plus = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): ReadonlyMap<string, number> =>
  new Map([...a, ...[...b].map(([name, amount]) => [name, amount + (a.get(name) ?? 0)] as const)]);

export const capacityOf = (node: Node): ReadonlyMap<string, number> =>
  new Map(Object.entries(node.status?.capacity ?? {}).map(([name, amount]) => [name, milliValueOf(amount)]));

const isWithin = (amounts: ReadonlyMap<string, number>, left: ReadonlyMap<string, number>): boolean =>
  [...left].every(([name, limit]) => (amounts.get(name) ?? 0) <= limit);

/** The largest machine that may come of it counts. As subtractMax. */
const minus = (left: ReadonlyMap<string, number>, offerings: readonly Offering[]): ReadonlyMap<string, number> =>
  new Map(
    [...left].map(([name, limit]) => [
      name,
      limit - Math.max(...offerings.map(({ type }) => capacityOf(type.node).get(name) ?? 0)),
    ]),
  );
