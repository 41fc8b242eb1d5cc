import { type EntityKey, entityKey, type Micros } from '../../engine/index.js';
import type { Lease, Node } from '../api/index.js';
import { type NodeHealth, observeNodeHealth } from './decisions.js';
import { HEARTBEAT, LifeSign, RENEWAL, type Sightings } from './life-sign.js';

/** A node as one life of the controller knows it. Stays when the node goes, as nodeHealthMap does. */
export interface NodeRecord {
  readonly name: string;
  readonly entity: EntityKey;
  readonly status: LifeSign<Node>;
  readonly lease: LifeSign<Lease>;
  health: NodeHealth | undefined;
  lookedAt: Micros;
}

/**
 * What the controller knows of each node's health, kept so that looks at healthy nodes can be left out: at the next look, a
 * record becomes what it would be if every pass had looked.
 */
export class NodeHealthRecords {
  readonly #records = new Map<string, NodeRecord>();
  readonly #sightings: Sightings;

  constructor(sightings: Sightings) {
    this.#sightings = sightings;
  }

  of(name: string): NodeRecord {
    let record = this.#records.get(name);
    if (record === undefined) {
      const status = new LifeSign(HEARTBEAT, this.#sightings);
      const lease = new LifeSign(RENEWAL, this.#sightings);
      record = { name, entity: entityKey(name), status, lease, health: undefined, lookedAt: Number.NEGATIVE_INFINITY };
      this.#records.set(name, record);
    }
    return record;
  }

  get(name: string): NodeRecord | undefined {
    return this.#records.get(name);
  }

  /** A look at the node as it is in the caches `now`, after whatever the passes before would have seen. */
  observe(node: Node, lease: Lease | undefined, now: Micros): NodeHealth {
    const record = this.of(node.metadata.name);
    const health = this.#observed(record, node, lease, now);
    record.health = health;
    record.lookedAt = now;
    return health;
  }

  #observed(record: NodeRecord, node: Node, lease: Lease | undefined, now: Micros): NodeHealth {
    const saved = record.health;
    if (saved === undefined) {
      return observeNodeHealth(node, lease, saved, { status: now, lease: now });
    }
    const renewed = this.#leaseSeenAt(record, saved, lease, now);
    const status = isStatusNews(node, saved) ? record.status.firstSeen(node, now) : Number.NEGATIVE_INFINITY;
    if (status > renewed) {
      return this.#observeStatusAlone(node, lease, saved, status, now);
    }
    const isNews = renewed > Number.NEGATIVE_INFINITY || node.status?.conditions !== saved.conditions;
    return isNews ? observeNodeHealth(node, lease, saved, { status, lease: renewed }) : saved;
  }

  /** The pass to which the Lease is news; -Infinity when it is known. One that was forgotten is news to the next pass. */
  #leaseSeenAt(record: NodeRecord, saved: NodeHealth, lease: Lease | undefined, now: Micros): Micros {
    if (lease === undefined || (saved.lease !== undefined && !isLater(lease, saved.lease))) {
      return Number.NEGATIVE_INFINITY;
    }
    const seenAt = record.lease.firstSeen(lease, now);
    return saved.lease === undefined
      ? Math.min(now, Math.max(seenAt, this.#sightings.passes.from(record.lookedAt + 1)))
      : seenAt;
  }

  /** The pass that saw the status forgot the Lease; the one after that, if it has been, took the Lease for news. */
  #observeStatusAlone(
    node: Node,
    lease: Lease | undefined,
    saved: NodeHealth,
    status: Micros,
    now: Micros,
  ): NodeHealth {
    const alone = observeNodeHealth(node, undefined, saved, { status, lease: status });
    const next = this.#sightings.passes.from(status + 1);
    return next <= now ? observeNodeHealth(node, lease, alone, { status: next, lease: next }) : alone;
  }

  /** The Node or its Lease is gone: what the passes left out until now would have seen of them is made up for first. */
  lookBack(node: Node, last: Lease | undefined, now: Micros): void {
    const record = this.of(node.metadata.name);
    const pass = this.#sightings.passes.before(now);
    if (pass === undefined || record.health === undefined || pass <= record.lookedAt) {
      return;
    }
    const { conditions, lease } = record.health;
    const unchanged: Node = { ...node, status: { ...node.status, conditions } };
    this.observe(record.status.asOf(node, pass) ?? unchanged, last && (record.lease.asOf(last, pass) ?? lease), pass);
  }

  /** When the node turns stale if no other sign of life arrives; Infinity while its Lease is sure to be renewed. */
  staleAfter(record: NodeRecord, gracePeriod: Micros): Micros {
    if (record.lease.isForetold || record.health === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const arrivedAt = Math.max(record.status.arrivedAt, record.lease.arrivedAt);
    return Math.max(record.health.probeTimestamp, arrivedAt) + gracePeriod;
  }

  /** Leaving master disruption, every node is taken to have been seen just now. */
  giveFreshGracePeriods(nodes: Iterable<Node>, now: Micros): void {
    for (const { metadata } of nodes) {
      const record = this.of(metadata.name);
      if (record.health !== undefined) {
        record.health = { ...record.health, probeTimestamp: now, readyTransitionTimestamp: now };
      }
    }
  }
}

const isLater = (lease: Lease, other: Lease): boolean => (RENEWAL.of(lease) ?? 0) > (RENEWAL.of(other) ?? 0);

const isStatusNews = (node: Node, { conditions }: NodeHealth): boolean =>
  node.status?.conditions !== conditions && HEARTBEAT.of(node) !== HEARTBEAT.of({ ...node, status: { conditions } });
