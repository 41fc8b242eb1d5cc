import type { Micros, Simulation } from '../../engine/index.js';
import {
  controllerReference,
  type DaemonSet,
  type Kinds,
  keyOf,
  milliValueOf,
  type Node,
  type NodeClaim,
  type NodePool,
  type Pod,
  podFromTemplate,
} from '../api/index.js';
import type { Informer, InformerFactory, SchedulingSimulation } from '../client-go/index.js';
import type { InstanceType, Surroundings } from './cloud.js';
import { isProvisionable, isReschedulable } from './decisions.js';
import { EPHEMERAL_TAINTS, INITIALIZED, INSTANCE_TYPE, NODE_POOL } from './labels.js';
import { byWeight } from './node-pools.js';
import { nodeOf, offeringsOfClaim, offeringsOfPool } from './offerings.js';
import { capacityOf, daemonPodOn, type PackingView, type PoolOffer } from './packing.js';

/** A node of Karpenter's, as far as it has come: the claim, and the Node once the machine has joined. */
export interface StateNode {
  readonly name: string;
  readonly claim: NodeClaim;
  readonly node: Node | undefined;
  readonly isInitialized: boolean;
  /** On its way out: by its own deletion, or in a command under way. */
  readonly isLeaving: boolean;
}

const PROVIDER = 'kubewhen:///';

export const providerIDOf = (machine: string): string => `${PROVIDER}${machine}`;

/** The machine of a claim that was launched. */
export const machineOf = ({ status }: NodeClaim): string | undefined => status?.providerID?.slice(PROVIDER.length);

/**
 * Zones that a pool could have nodes in count for topology spread although none is there, and so does a host that is not there: nodes
 * without room stand for them. As the universe of domains in NewScheduler and TopologyGroup (provisioning/scheduling/topologygroup.go).
 */
function domainsOf(pools: readonly PoolOffer[]): readonly Node[] {
  const nodes = pools.flatMap(({ pool, offerings }) => {
    const zones = new Map(offerings.map((offering) => [offering.zone, offering]));
    return [...zones].map(([zone, offering]) => nodeOf(offering, `domain-${pool.metadata.name}-${zone ?? ''}`));
  });
  return nodes.map((node) => ({ ...node, status: { ...node.status, allocatable: {} } }));
}

/** What Karpenter knows of the cluster. As state.Cluster (karpenter pkg/controllers/state). */
export class ClusterState {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<NodeClaim>;
  readonly pools: Informer<NodePool>;
  readonly budgets: Informer<Kinds['PodDisruptionBudget']>;
  readonly #daemonSets: Informer<DaemonSet>;
  readonly #surroundings: Surroundings;
  readonly #simulation: Simulation;
  /** Claims by their machine. */
  readonly #claimsByMachine = new Map<string, string>();
  /** Pods that wait for a node, by key. */
  readonly #pending = new Map<string, Pod>();
  /** Claims that a command is about to delete. */
  readonly marked = new Set<string>();
  /** Until when pods are expected on a node. */
  readonly #nominated = new Map<string, Micros>();

  constructor(informers: InformerFactory, surroundings: Surroundings, simulation: Simulation) {
    this.nodes = informers.informer('Node');
    this.pods = informers.informer('Pod');
    this.claims = informers.informer('NodeClaim');
    this.pools = informers.informer('NodePool');
    this.budgets = informers.informer('PodDisruptionBudget');
    this.#daemonSets = informers.informer('DaemonSet');
    this.#surroundings = surroundings;
    this.#simulation = simulation;
  }

  forget(): void {
    this.#claimsByMachine.clear();
    this.#pending.clear();
    this.marked.clear();
    this.#nominated.clear();
  }

  onClaimChange(claim: NodeClaim): void {
    const machine = machineOf(claim);
    if (machine !== undefined) {
      this.#claimsByMachine.set(machine, claim.metadata.name);
    }
  }

  onClaimGone(claim: NodeClaim): void {
    this.#claimsByMachine.delete(machineOf(claim) ?? '');
    this.marked.delete(claim.metadata.name);
  }

  onPodChange(pod: Pod, isGone: boolean): void {
    if (!isGone && isProvisionable(pod)) {
      this.#pending.set(keyOf(pod), pod);
    } else {
      this.#pending.delete(keyOf(pod));
    }
  }

  claimOf(machine: string): NodeClaim | undefined {
    return this.claims.get(this.#claimsByMachine.get(machine) ?? '');
  }

  /** As GetPendingPods. */
  get pending(): readonly Pod[] {
    return [...this.#pending.values()];
  }

  /** Whether every claim has its machine: before, nothing is decided. As Cluster.Synced. */
  get isSynced(): boolean {
    return [...this.claims.list()].every((claim) => machineOf(claim) !== undefined);
  }

  nominate(node: string, period: Micros): void {
    this.#nominated.set(node, this.#simulation.now + period);
  }

  isNominated = (node: string): boolean => this.#simulation.now < (this.#nominated.get(node) ?? 0);

  podsOn(node: string): readonly Pod[] {
    return [...this.pods.byIndex('node', node)];
  }

  typeOf(name: string | undefined): InstanceType | undefined {
    return this.#surroundings.instanceTypes.find((type) => type.name === name);
  }

  /** Karpenter's own nodes whose machine was asked for, in order of their names. */
  get stateNodes(): readonly StateNode[] {
    return [...this.claims.list()]
      .flatMap((claim) => {
        const name = machineOf(claim);
        if (name === undefined) {
          return [];
        }
        const node = this.nodes.get(name);
        const isInitialized = node?.metadata.labels?.[INITIALIZED] === 'true';
        const isGoing = [claim, node].some((object) => object?.metadata.deletionTimestamp !== undefined);
        return [{ name, claim, node, isInitialized, isLeaving: isGoing || this.marked.has(claim.metadata.name) }];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Pods that have to find a place because their node goes. */
  get displacedPods(): readonly Pod[] {
    return this.stateNodes
      .filter(({ isLeaving }) => isLeaving)
      .flatMap(({ name }) => this.podsOn(name).filter(isReschedulable));
  }

  /** The cluster without nodes that leave, and what Karpenter could add. As NewScheduler. */
  packingView(): PackingView {
    const simulation = this.#surroundings.simulate();
    const own = new Map(this.stateNodes.map((each) => [each.name, each]));
    const daemonPods = this.#daemonPods();
    const daemonPodsOf = (node: Node): readonly Pod[] => this.#daemonPodsOf(node, daemonPods);
    const existing: string[] = [];
    for (const name of this.#namesInOrder(own)) {
      const state = own.get(name);
      if (!state?.isLeaving) {
        this.#addTo(simulation, name, state, daemonPodsOf);
        existing.push(name);
      }
    }
    const pools = this.#offers();
    for (const domain of domainsOf(pools)) {
      simulation.addNode(domain);
    }
    return { simulation, existing, pools, daemonPodsOf };
  }

  /** Initialized nodes first, then by name. As calculateExistingNodeClaims. */
  #namesInOrder(own: ReadonlyMap<string, StateNode>): readonly string[] {
    const others = [...this.nodes.list()].map(({ metadata }) => metadata.name).filter((name) => !own.has(name));
    const isReady = (name: string): boolean => own.get(name)?.isInitialized ?? true;
    return [...own.keys(), ...others].sort((a, b) => Number(isReady(b)) - Number(isReady(a)) || (a < b ? -1 : 1));
  }

  #addTo(
    simulation: SchedulingSimulation,
    name: string,
    state: StateNode | undefined,
    daemonPodsOf: (node: Node) => readonly Pod[],
  ): void {
    const node = state === undefined || state.isInitialized ? this.nodes.get(name) : this.#youngNode(state);
    if (node === undefined) {
      return;
    }
    simulation.addNode(node);
    const pods = this.podsOn(name);
    for (const pod of pods) {
      simulation.addPod(pod, name);
    }
    if (state?.isInitialized === false) {
      const present = new Set(pods.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid));
      for (const pod of daemonPodsOf(node).filter(({ metadata }) => !present.has(metadata.ownerReferences?.[0]?.uid))) {
        simulation.addPod(daemonPodOn(pod, name), name);
      }
    }
  }

  /** A node that is not ready for pods yet, as it is expected to become. */
  #youngNode({ name, claim, node }: StateNode): Node | undefined {
    const [offering] = offeringsOfClaim(claim, this.#surroundings.instanceTypes);
    const expected = offering && nodeOf(offering, name);
    if (node === undefined || expected === undefined) {
      return expected;
    }
    const passing = new Set([...EPHEMERAL_TAINTS, ...(claim.spec.startupTaints ?? []).map(({ key }) => key)]);
    const taints = (node.spec.taints ?? []).filter(({ key }) => !passing.has(key));
    const { status } = milliValueOf(node.status?.allocatable?.cpu ?? '0') > 0 ? node : expected;
    return { ...node, spec: { ...node.spec, taints }, status: { ...status } };
  }

  #offers(): readonly PoolOffer[] {
    return byWeight(this.pools.list())
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map((pool) => ({
        pool,
        offerings: offeringsOfPool(pool, this.#surroundings.instanceTypes),
        left: this.#leftOf(pool),
      }));
  }

  /** Limits less what the pool's machines have. */
  #leftOf({ metadata, spec }: NodePool): ReadonlyMap<string, number> {
    const machines = [...this.claims.list()]
      .filter((claim) => claim.metadata.labels?.[NODE_POOL] === metadata.name)
      .flatMap((claim) => this.typeOf(claim.metadata.labels?.[INSTANCE_TYPE])?.node ?? [])
      .map(capacityOf);
    return new Map(
      Object.entries(spec.limits ?? {}).map(([name, limit]) => [
        name,
        machines.reduce((left, capacity) => left - (capacity.get(name) ?? 0), milliValueOf(limit)),
      ]),
    );
  }

  #daemonPods(): readonly Pod[] {
    return [...this.#daemonSets.list()].map((daemonSet) => {
      const draft = podFromTemplate(daemonSet.spec.template, daemonSet, controllerReference(daemonSet));
      return { ...draft, metadata: { ...draft.metadata, name: daemonSet.metadata.name } } as Pod;
    });
  }

  #daemonPodsOf(node: Node, daemonPods: readonly Pod[]): readonly Pod[] {
    if (daemonPods.length === 0) {
      return [];
    }
    const probe = this.#surroundings.simulate();
    probe.addNode(node);
    return daemonPods.filter((pod) => probe.ask(pod).refusal(node.metadata.name) === undefined);
  }

  /** Whether the pod is still the one that was decided about. */
  isThere = (pod: Pod): boolean => this.pods.get(keyOf(pod))?.metadata.uid === pod.metadata.uid;
}
