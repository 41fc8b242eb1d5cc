import type { NodeInfo } from '../framework/node-info.js';
import { type ClusterView, longEnough } from './cluster-view.js';
import type { SelectorCounts } from './pod-groups.js';

const NO_DOMAIN = -1;

/** Domains of a topology key, and which nodes' pods count towards them. */
export class Topology {
  readonly #view: ClusterView;
  readonly #key: string;
  readonly #includes: (node: NodeInfo) => boolean;
  readonly #domainIds = new Map<string, number>();
  readonly #sums: DomainSums[] = [];
  /** Domain of each slot by the node's label, whether its pods count or not; negative without the label. */
  domains = new Int32Array(0);
  isIncluded = new Uint8Array(0);
  /** Nodes that count, by domain. */
  members = new Int32Array(0);
  /** Domains with at least one node that counts. */
  presentDomains = 0;

  /** @param includes whether pods on this node count towards its domain */
  constructor(view: ClusterView, key: string, includes: (node: NodeInfo) => boolean) {
    this.#view = view;
    this.#key = key;
    this.#includes = includes;
    this.#grow(view.slotCount);
    for (let slot = 0; slot < view.slotCount; slot++) {
      this.nodeChanged(slot);
    }
  }

  /** Domains known are below this. */
  get domainCount(): number {
    return this.#domainIds.size;
  }

  /** The node at this slot came, went, or has other labels or taints. */
  nodeChanged(slot: number): void {
    this.#grow(slot);
    const node = this.#view.nodeAt(slot);
    const value = node?.exists ? node.label(this.#key) : undefined;
    const domain = value === undefined ? NO_DOMAIN : this.#domainOf(value);
    const isIncluded = domain !== NO_DOMAIN && this.#includes(node as NodeInfo);
    const before = this.domains[slot] as number;
    const wasIncluded = this.isIncluded[slot] === 1;
    if (domain === before && isIncluded === wasIncluded) {
      return;
    }
    if (wasIncluded) {
      this.#count(before, -1);
      for (const sums of this.#sums) {
        sums.leave(slot, before);
      }
    }
    this.domains[slot] = domain;
    this.isIncluded[slot] = Number(isIncluded);
    if (isIncluded) {
      this.#count(domain, 1);
      for (const sums of this.#sums) {
        sums.enter(slot, domain);
      }
    }
  }

  /** Sums of these counts by domain, kept up to date. */
  sumsOf(counts: SelectorCounts): DomainSums {
    const known = counts.sums.find(({ topology }) => topology === this);
    if (known !== undefined) {
      return known;
    }
    const sums = new DomainSums(this, counts);
    this.#sums.push(sums);
    counts.sums.push(sums);
    return sums;
  }

  #grow(slot: number): void {
    this.domains = longEnough(this.domains, slot, NO_DOMAIN);
    this.isIncluded = longEnough(this.isIncluded, slot);
  }

  #count(domain: number, sign: 1 | -1): void {
    const before = this.members[domain] as number;
    this.members[domain] = before + sign;
    this.presentDomains += before === 0 ? 1 : before + sign === 0 ? -1 : 0;
  }

  #domainOf(value: string): number {
    let id = this.#domainIds.get(value);
    if (id === undefined) {
      id = this.#domainIds.size;
      this.#domainIds.set(value, id);
      this.members = longEnough(this.members, id);
      for (const sums of this.#sums) {
        sums.reserve(id);
      }
    }
    return id;
  }
}

/** Pods that a selector finds in each domain, on nodes that count. */
export class DomainSums {
  readonly topology: Topology;
  readonly #counts: SelectorCounts;
  byDomain = new Int32Array(0);

  constructor(topology: Topology, counts: SelectorCounts) {
    this.topology = topology;
    this.#counts = counts;
    this.reserve(topology.domainCount);
    counts.own.forEach((count, slot) => {
      if (count !== 0) {
        this.add(slot, count);
      }
    });
  }

  /** The smallest sum among present domains; 0 when there are fewer than `minDomains`. */
  minimum(minDomains: number): number {
    const { presentDomains, members, domainCount } = this.topology;
    if (presentDomains < minDomains) {
      return 0;
    }
    let minimum = Number.MAX_SAFE_INTEGER;
    for (let id = 0; id < domainCount; id++) {
      const sum = this.byDomain[id] as number;
      if ((members[id] as number) > 0 && sum < minimum) {
        minimum = sum;
      }
    }
    return minimum;
  }

  add(slot: number, amount: number): void {
    const { isIncluded, domains } = this.topology;
    if (isIncluded[slot] === 1) {
      const domain = domains[slot] as number;
      this.byDomain[domain] = (this.byDomain[domain] as number) + amount;
    }
  }

  reserve(domain: number): void {
    this.byDomain = longEnough(this.byDomain, domain);
  }

  leave(slot: number, domain: number): void {
    this.byDomain[domain] = (this.byDomain[domain] as number) - (this.#counts.own[slot] ?? 0);
  }

  enter(slot: number, domain: number): void {
    this.byDomain[domain] = (this.byDomain[domain] as number) + (this.#counts.own[slot] ?? 0);
  }
}
