import { type Labels, matchesAll, type Requirement } from '../../api/index.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type ClusterView, longEnough } from './cluster-view.js';
import { contentId } from './content-ids.js';
import type { DomainSums, Topology } from './topology.js';

/** Pods that no selector can tell apart: of one namespace, with equal labels, none of them being deleted. */
interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels | undefined;
  /** How many there are, by slot. */
  readonly bySlot: Map<number, number>;
  readonly counts: SelectorCounts[];
}

/** How many pods of a namespace a selector finds on each node. */
export class SelectorCounts {
  readonly namespace: string;
  readonly #selector: readonly Requirement[] | undefined;
  /** A label that all pods have which it finds, if it asks for one. */
  readonly label: readonly [name: string, value: string] | undefined;
  /** By slot. */
  own = new Int16Array(0);
  /** No node ever had more. */
  most = 0;
  /** The same by domain, for each topology that somebody asked for. */
  readonly sums: DomainSums[] = [];

  constructor(namespace: string, selector: readonly Requirement[] | undefined) {
    this.namespace = namespace;
    this.#selector = selector;
    const asked = selector?.find(({ operator, values }) => operator === 'In' && values?.length === 1);
    this.label = asked && [asked.key, asked.values?.[0] as string];
  }

  /** Undefined and empty selectors count nothing. */
  matches(namespace: string, labels: Labels | undefined): boolean {
    const selector = this.#selector;
    return (
      selector !== undefined && selector.length > 0 && namespace === this.namespace && matchesAll(selector, labels)
    );
  }

  add(slot: number, amount: number): void {
    this.own = longEnough(this.own, slot);
    const count = (this.own[slot] as number) + amount;
    this.own[slot] = count;
    this.most = count > this.most ? count : this.most;
    for (const sums of this.sums) {
      sums.add(slot, amount);
    }
  }
}

const labelKey = (namespace: string, name: string, value: string): string => `${namespace}/${name}=${value}`;

/** Counts and topologies kept; beyond it all are forgotten. */
const LIMIT = 4096;

/**
 * Pods by what selectors see of them. It reads the log once for all counts: a pod that comes or goes changes those that count it and
 * costs the others nothing.
 */
export class PodGroups {
  readonly #view: ClusterView;
  readonly #groups = new Map<string, PodGroup>();
  readonly #counts = new Map<string, SelectorCounts>();
  /** Groups by each of their labels, counts by a label that they ask for; '' for those that ask for none. */
  readonly #groupsByLabel = new Map<string, Set<PodGroup>>();
  readonly #countsByLabel = new Map<string, SelectorCounts[]>();
  readonly #topologies = new Map<string, Topology>();
  #readTo = -1;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** To be called before each use. */
  catchUp(): void {
    const { changes } = this.#view;
    if (this.#readTo === changes.end) {
      return;
    }
    const changedNodes: number[] = [];
    const isComplete =
      this.#readTo >= 0 &&
      changes.readFrom(this.#readTo, (slot, pod, sign) => {
        if (pod === undefined) {
          changedNodes.push(slot);
        } else {
          this.#count(slot, pod, sign);
        }
      });
    if (!isComplete) {
      this.#restart();
    }
    for (const slot of isComplete ? changedNodes : []) {
      for (const topology of this.#topologies.values()) {
        topology.nodeChanged(slot);
      }
    }
    this.#readTo = changes.end;
  }

  /** @param selectorText names the selector */
  countsFor(namespace: string, selector: readonly Requirement[] | undefined, selectorText: string): SelectorCounts {
    const key = `${namespace}/${selectorText}`;
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = new SelectorCounts(namespace, selector);
      this.#counts.set(key, counts);
      const place = counts.label === undefined ? '' : labelKey(namespace, ...counts.label);
      const others = this.#countsByLabel.get(place);
      if (others === undefined) {
        this.#countsByLabel.set(place, [counts]);
      } else {
        others.push(counts);
      }
      const groups = place === '' ? this.#groups.values() : (this.#groupsByLabel.get(place) ?? []);
      for (const group of groups) {
        if (counts.matches(group.namespace, group.labels)) {
          group.counts.push(counts);
          for (const [slot, count] of group.bySlot) {
            counts.add(slot, count);
          }
        }
      }
    }
    return counts;
  }

  topologyFor(key: string, make: () => Topology): Topology {
    let topology = this.#topologies.get(key);
    if (topology === undefined) {
      topology = make();
      this.#topologies.set(key, topology);
    }
    return topology;
  }

  /** Whoever keeps counts or topologies must ask for them anew when this number has changed. */
  generation = 0;

  /** To be called before a few counts are asked for that are used together. */
  makeRoom(): void {
    if (this.#counts.size >= LIMIT || this.#topologies.size >= LIMIT) {
      this.#forgetCounts();
    }
  }

  #forgetCounts(): void {
    this.generation++;
    this.#counts.clear();
    this.#countsByLabel.clear();
    this.#topologies.clear();
    for (const group of this.#groups.values()) {
      group.counts.length = 0;
    }
  }

  #restart(): void {
    this.#forgetCounts();
    this.#groups.clear();
    this.#groupsByLabel.clear();
    for (let slot = 0; slot < this.#view.slotCount; slot++) {
      for (const pod of this.#view.nodeAt(slot)?.pods ?? []) {
        this.#count(slot, pod, 1);
      }
    }
  }

  #count(slot: number, pod: PodInfo, sign: number): void {
    if (pod.isTerminating) {
      return;
    }
    const key = `${pod.namespace}/${contentId(pod.labels)}`;
    const group = this.#groups.get(key) ?? this.#newGroup(key, pod);
    const count = (group.bySlot.get(slot) ?? 0) + sign;
    if (count !== 0) {
      group.bySlot.set(slot, count);
    } else {
      group.bySlot.delete(slot);
      if (group.bySlot.size === 0) {
        this.#drop(key, group);
      }
    }
    for (const counts of group.counts) {
      counts.add(slot, sign);
    }
  }

  #newGroup(key: string, { namespace, labels }: PodInfo): PodGroup {
    const group: PodGroup = { namespace, labels, bySlot: new Map(), counts: [] };
    this.#groups.set(key, group);
    const join = (place: string): void => {
      const matching = this.#countsByLabel.get(place)?.filter((other) => other.matches(namespace, labels)) ?? [];
      group.counts.push(...matching);
    };
    join('');
    for (const [name, value] of Object.entries(labels ?? {})) {
      const place = labelKey(namespace, name, value);
      join(place);
      const groups = this.#groupsByLabel.get(place);
      if (groups === undefined) {
        this.#groupsByLabel.set(place, new Set([group]));
      } else {
        groups.add(group);
      }
    }
    return group;
  }

  #drop(key: string, group: PodGroup): void {
    this.#groups.delete(key);
    for (const [name, value] of Object.entries(group.labels ?? {})) {
      const place = labelKey(group.namespace, name, value);
      const groups = this.#groupsByLabel.get(place);
      groups?.delete(group);
      if (groups?.size === 0) {
        this.#groupsByLabel.delete(place);
      }
    }
  }
}
