import { type EntityKey, entityKey, type Micros } from '../../engine/index.js';
import { conditionOf, type Lease, type Node } from '../api/index.js';
import type { ComputedVersions, LoopGrid } from '../client-go/index.js';
import { type NodeHealth, observeNodeHealth } from './decisions.js';

/** A node as one life of the controller knows it. Stays when the node goes, as nodeHealthMap does. */
export interface NodeRecord {
  readonly name: string;
  readonly entity: EntityKey;
  health: NodeHealth | undefined;
  /** The pass that will see, or could have seen, the status and the Lease that arrived last; undefined: known already. */
  statusSeenAt: Micros | undefined;
  leaseSeenAt: Micros | undefined;
  /** How the Lease is computed, or was until it was stored again. */
  versions: ComputedVersions<Lease> | undefined;
}

/**
 * What the controller knows of each node's health, kept so that passes which would only see healthy nodes can be left out:
 * a record says which pass *would* first have seen a heartbeat, as if all had run.
 */
export class NodeHealthRecords {
  readonly #records = new Map<string, NodeRecord>();
  readonly #grid: LoopGrid;
  readonly #watchDelay: Micros;

  /** `watchDelay` is the time a computed version takes to become known here. */
  constructor(grid: LoopGrid, watchDelay: Micros) {
    this.#grid = grid;
    this.#watchDelay = watchDelay;
  }

  of(name: string): NodeRecord {
    let record = this.#records.get(name);
    if (record === undefined) {
      record = {
        name,
        entity: entityKey(name),
        health: undefined,
        statusSeenAt: undefined,
        leaseSeenAt: undefined,
        versions: undefined,
      };
      this.#records.set(name, record);
    }
    return record;
  }

  get(name: string): NodeRecord | undefined {
    return this.#records.get(name);
  }

  /** The Lease as a watch would have brought it by now, whether or not its renewals are sent. */
  leaseAsOf(record: NodeRecord, cached: Lease | undefined, now: Micros): Lease | undefined {
    return cached && record.versions ? record.versions.at(now - this.#watchDelay, cached) : cached;
  }

  /**
   * A look at the node, now, by the pass that began at `pass`; what the passes left out before it would have seen is made
   * up for.
   */
  observe(node: Node, lease: Lease | undefined, pass: Micros, now: Micros): NodeHealth {
    const record = this.of(node.metadata.name);
    const saved = record.health;
    const status = saved === undefined ? now : Math.min(record.statusSeenAt ?? this.#firstPass, now);
    const renewed = this.#leaseSeenAt(record, lease, pass, now);
    record.statusSeenAt = undefined;
    record.leaseSeenAt = undefined;
    if (saved !== undefined && isStatusNews(node, saved) && (renewed ?? Number.NEGATIVE_INFINITY) < status) {
      // The status came alone: its pass forgot the Lease, and the pass after that took it for news.
      const alone = observeNodeHealth(node, undefined, saved, { status, lease: status });
      const next = this.#grid.after(status);
      record.health = next <= pass ? observeNodeHealth(node, lease, alone, { status: next, lease: next }) : alone;
    } else {
      record.health = observeNodeHealth(node, lease, saved, { status, lease: renewed ?? now });
    }
    return record.health;
  }

  /** The Node or its Lease is gone: what the passes left out until now would have seen of them is made up for first. */
  lookBack(node: Node, last: Lease | undefined, now: Micros): void {
    const record = this.of(node.metadata.name);
    const pass = this.#grid.before(this.#grid.after(now));
    if (pass === undefined || record.health === undefined) {
      return;
    }
    const { statusSeenAt, leaseSeenAt } = record;
    const hadStatus = statusSeenAt === undefined || statusSeenAt <= pass;
    const hadLease = leaseSeenAt === undefined || leaseSeenAt <= pass;
    const seen = hadStatus ? node : { ...node, status: { ...node.status, conditions: record.health.conditions } };
    this.observe(seen, hadLease ? this.leaseAsOf(record, last, pass) : record.health.lease, pass, pass);
    record.statusSeenAt = hadStatus ? undefined : statusSeenAt;
    record.leaseSeenAt = hadLease ? undefined : leaseSeenAt;
  }

  /** When the node turns stale if no other sign of life arrives; Infinity while its Lease is computed. */
  staleAfter(record: NodeRecord, gracePeriod: Micros, isComputed: boolean): Micros {
    if (isComputed || record.health === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    return Math.max(record.health.probeTimestamp, record.statusSeenAt ?? 0, record.leaseSeenAt ?? 0) + gracePeriod;
  }

  /** Leaving master disruption, every node is taken to have been seen just now. */
  giveFreshGracePeriods(nodes: readonly Node[], now: Micros): void {
    for (const { metadata } of nodes) {
      const record = this.of(metadata.name);
      if (record.health !== undefined) {
        record.health = { ...record.health, probeTimestamp: now, readyTransitionTimestamp: now };
      }
    }
  }

  /** The first pass after the last one that was not left out. */
  get #firstPass(): Micros {
    return this.#grid.after(Number.NEGATIVE_INFINITY);
  }

  /** The pass that first saw this version of the Lease, or took it for news; undefined when it is the one known before. */
  #leaseSeenAt(record: NodeRecord, lease: Lease | undefined, pass: Micros, now: Micros): Micros | undefined {
    const { health, versions } = record;
    if (lease === undefined || (health?.lease !== undefined && !isLater(lease, health.lease))) {
      return undefined;
    }
    if (health === undefined) {
      return now;
    }
    if (versions === undefined || !isAmong(versions, lease, now - this.#watchDelay)) {
      return Math.min(record.leaseSeenAt ?? this.#firstPass, now);
    }
    let seenAt = now;
    for (let earlier: Micros | undefined = pass; earlier !== undefined; earlier = this.#grid.before(earlier)) {
      if (!isAmong(versions, lease, earlier - this.#watchDelay)) {
        break;
      }
      seenAt = earlier;
    }
    return seenAt;
  }
}

const isLater = (lease: Lease, other: Lease): boolean => (lease.spec.renewTime ?? 0) > (other.spec.renewTime ?? 0);

const isStatusNews = (node: Node, saved: NodeHealth): boolean =>
  conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime !==
  conditionOf(saved.conditions, 'Ready')?.lastHeartbeatTime;

/** Whether this is the version of the Lease that was computed for that time. */
export function isAmong(versions: ComputedVersions<Lease>, lease: Lease, time: Micros): boolean {
  const ancient: Lease = { ...lease, spec: { ...lease.spec, renewTime: Number.NEGATIVE_INFINITY } };
  return versions.at(time, ancient).spec.renewTime === lease.spec.renewTime;
}
