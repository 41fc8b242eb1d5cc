import { type Distribution, draw, entityKey, type Simulation } from '../../engine/index.js';

/** A load balancer as the cloud has it. */
export interface LoadBalancer {
  readonly address: string;
  /** Names of the machines it sends connections to. */
  readonly nodes: readonly string[];
}

/** The first of a block that is for documentation (RFC 5737), and how many of it can be given. */
const ADDRESSES = { prefix: '203.0.113.', count: 254 };

/** What a cloud provider makes for a cluster: load balancers, by the uid of their Service. Every call takes its time. */
export class Cloud {
  readonly #simulation: Simulation;
  readonly #latency: Distribution;
  readonly #balancers = new Map<string, LoadBalancer>();
  #given = 0;
  #calls = 0;

  constructor(simulation: Simulation, latency: Distribution) {
    this.#simulation = simulation;
    this.#latency = latency;
  }

  loadBalancer(uid: string): LoadBalancer | undefined {
    return this.#balancers.get(uid);
  }

  /** Makes the load balancer, or points the one there is at these nodes. */
  ensure(uid: string, nodes: readonly string[], then: (balancer: LoadBalancer) => void): void {
    this.#call(uid, () => {
      const balancer = { address: this.#balancers.get(uid)?.address ?? this.#nextAddress(), nodes };
      this.#balancers.set(uid, balancer);
      then(balancer);
    });
  }

  remove(uid: string, then: () => void): void {
    this.#call(uid, () => {
      this.#balancers.delete(uid);
      then();
    });
  }

  #nextAddress(): string {
    this.#given = (this.#given % ADDRESSES.count) + 1;
    return `${ADDRESSES.prefix}${this.#given}`;
  }

  #call(uid: string, action: () => void): void {
    const latency = draw(this.#simulation.stream('cloud'), entityKey(uid), this.#calls++, this.#latency);
    this.#simulation.after(Math.max(0, Math.round(latency)), action);
  }
}
