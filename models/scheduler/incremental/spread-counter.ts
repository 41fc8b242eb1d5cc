import { matchesAll, type Requirement } from '../../api/index.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type ClusterView, Follower, longEnough } from './cluster-view.js';

export interface SpreadCounterOptions {
  readonly namespace: string;
  /** Undefined and empty count nothing. */
  readonly selector: readonly Requirement[] | undefined;
  readonly topologyKey: string;
  /** Whether pods on this node count towards its domain. */
  readonly includes: (node: NodeInfo) => boolean;
}

const NO_DOMAIN = -1;

/** Matching pods per node and per domain of a topology key. */
export class SpreadCounter extends Follower {
  readonly #options: SpreadCounterOptions;
  readonly #domainIds = new Map<string, number>();
  /** Domain of each slot by the node's label, whether its pods count or not. */
  domains = new Int32Array(0);
  /** Matching pods of each slot. */
  own = new Int32Array(0);
  #isIncluded = new Uint8Array(0);
  /** Matching pods of each domain, on nodes that count. */
  sums = new Int32Array(0);
  #members = new Int32Array(0);
  /** Domains with at least one node that counts. */
  presentDomains = 0;

  constructor(view: ClusterView, options: SpreadCounterOptions) {
    super(view);
    this.#options = options;
  }

  /** Domains known are below this. */
  get domainCount(): number {
    return this.#domainIds.size;
  }

  /** The smallest sum among present domains; 0 when there are fewer than `minDomains`. */
  minimum(minDomains: number): number {
    if (this.presentDomains < minDomains) {
      return 0;
    }
    let minimum = Number.MAX_SAFE_INTEGER;
    for (let id = 0; id < this.domainCount; id++) {
      if ((this.#members[id] as number) > 0 && (this.sums[id] as number) < minimum) {
        minimum = this.sums[id] as number;
      }
    }
    return minimum;
  }

  protected restart(): void {
    this.domains.fill(NO_DOMAIN);
    this.own.fill(0);
    this.#isIncluded.fill(0);
    this.sums.fill(0);
    this.#members.fill(0);
    this.presentDomains = 0;
    for (let slot = 0; slot < this.view.slotCount; slot++) {
      this.onNode(slot);
    }
  }

  protected onNode(slot: number): void {
    this.#leave(slot);
    const node = this.view.nodeAt(slot);
    if (node?.exists) {
      this.#enter(slot, node);
    }
  }

  protected onPod(slot: number, pod: PodInfo, sign: 1 | -1): void {
    if (!this.#counts(pod) || !this.view.nodeAt(slot)?.exists || slot >= this.own.length) {
      return;
    }
    this.own[slot] = (this.own[slot] as number) + sign;
    if (this.#isIncluded[slot] === 1) {
      const domain = this.domains[slot] as number;
      this.sums[domain] = (this.sums[domain] as number) + sign;
    }
  }

  #enter(slot: number, node: NodeInfo): void {
    this.domains = longEnough(this.domains, slot, NO_DOMAIN);
    this.own = longEnough(this.own, slot);
    this.#isIncluded = longEnough(this.#isIncluded, slot);
    let count = 0;
    for (const pod of node.pods) {
      count += this.#counts(pod) ? 1 : 0;
    }
    this.own[slot] = count;
    const value = node.label(this.#options.topologyKey);
    if (value === undefined) {
      return;
    }
    const domain = this.#domainOf(value);
    this.domains[slot] = domain;
    if (this.#options.includes(node)) {
      this.#isIncluded[slot] = 1;
      this.sums[domain] = (this.sums[domain] as number) + count;
      this.#members[domain] = (this.#members[domain] as number) + 1;
      this.presentDomains += this.#members[domain] === 1 ? 1 : 0;
    }
  }

  #leave(slot: number): void {
    if (slot >= this.domains.length) {
      return;
    }
    const domain = this.domains[slot] as number;
    if (this.#isIncluded[slot] === 1) {
      this.sums[domain] = (this.sums[domain] as number) - (this.own[slot] as number);
      this.#members[domain] = (this.#members[domain] as number) - 1;
      this.presentDomains -= this.#members[domain] === 0 ? 1 : 0;
    }
    this.domains[slot] = NO_DOMAIN;
    this.own[slot] = 0;
    this.#isIncluded[slot] = 0;
  }

  #domainOf(value: string): number {
    let id = this.#domainIds.get(value);
    if (id === undefined) {
      id = this.#domainIds.size;
      this.#domainIds.set(value, id);
      this.sums = longEnough(this.sums, id);
      this.#members = longEnough(this.#members, id);
    }
    return id;
  }

  #counts(pod: PodInfo): boolean {
    const { selector, namespace } = this.#options;
    return (
      selector !== undefined &&
      selector.length > 0 &&
      !pod.isTerminating &&
      pod.namespace === namespace &&
      matchesAll(selector, pod.labels)
    );
  }
}
