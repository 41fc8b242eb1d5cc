import { type EntityKey, entityKey, type Micros } from '../../engine/index.js';
import type { Lease, Node } from '../api/index.js';
import { type NodeHealth, observeNodeHealth } from './decisions.js';
import { HEARTBEAT, LifeSign, type Passes, RENEWAL } from './life-sign.js';

/** A node as one life of the controller knows it. Stays when the node goes, as nodeHealthMap does. */
export interface NodeRecord {
  readonly name: string;
  readonly entity: EntityKey;
  readonly status: LifeSign<Node>;
  readonly lease: LifeSign<Lease>;
  health: NodeHealth | undefined;
}

/**
 * What the controller knows of each node's health, kept so that passes which would only see healthy nodes can be left out: the
 * record is what it would be if all had run.
 */
export class NodeHealthRecords {
  readonly #records = new Map<string, NodeRecord>();
  readonly #passes: Passes;

  constructor(passes: Passes) {
    this.#passes = passes;
  }

  of(name: string): NodeRecord {
    let record = this.#records.get(name);
    if (record === undefined) {
      const status = new LifeSign(HEARTBEAT, this.#passes);
      const lease = new LifeSign(RENEWAL, this.#passes);
      record = { name, entity: entityKey(name), status, lease, health: undefined };
      this.#records.set(name, record);
    }
    return record;
  }

  get(name: string): NodeRecord | undefined {
    return this.#records.get(name);
  }

  /** A look at the node, now, by the pass that began at `pass`, after whatever the passes before it would have seen. */
  observe(node: Node, lease: Lease | undefined, pass: Micros, now: Micros): NodeHealth {
    const record = this.of(node.metadata.name);
    const saved = record.health;
    const known = saved?.lease;
    const isRenewed = lease !== undefined && (known === undefined || isLater(lease, known));
    if (saved === undefined) {
      record.health = observeNodeHealth(node, lease, saved, { status: now, lease: now });
    } else {
      const status = record.status.firstSeen(node, pass, now);
      const renewed = isRenewed ? record.lease.firstSeen(lease, pass, now) : Number.NEGATIVE_INFINITY;
      record.health =
        isStatusNews(node, saved) && renewed < status
          ? this.#observeStatusAlone(node, lease, saved, status, pass)
          : observeNodeHealth(node, lease, saved, { status, lease: renewed });
    }
    record.status.seenAt = undefined;
    record.lease.seenAt = undefined;
    return record.health;
  }

  /** The pass that saw the status forgot the Lease; the one after that, if it has been, took the Lease for news. */
  #observeStatusAlone(
    node: Node,
    lease: Lease | undefined,
    saved: NodeHealth,
    status: Micros,
    pass: Micros,
  ): NodeHealth {
    const alone = observeNodeHealth(node, undefined, saved, { status, lease: status });
    const next = this.#passes.grid.after(status);
    return next <= pass ? observeNodeHealth(node, lease, alone, { status: next, lease: next }) : alone;
  }

  /** The Node or its Lease is gone: what the passes left out until now would have seen of them is made up for first. */
  lookBack(node: Node, last: Lease | undefined, now: Micros): void {
    const record = this.of(node.metadata.name);
    const { grid } = this.#passes;
    const pass = grid.before(grid.after(now));
    if (pass === undefined || record.health === undefined) {
      return;
    }
    const [statusSeenAt, leaseSeenAt] = [record.status.seenAt, record.lease.seenAt];
    const isStatusLater = statusSeenAt !== undefined && statusSeenAt > pass;
    const isLeaseLater = leaseSeenAt !== undefined && leaseSeenAt > pass;
    const { conditions } = record.health;
    const unchanged: Node = { ...node, status: { ...node.status, conditions } };
    const seenNode = isStatusLater ? unchanged : (record.status.before(node, pass) ?? node);
    const seenLease = isLeaseLater ? record.health.lease : last && (record.lease.before(last, pass) ?? last);
    this.observe(seenNode, seenLease, pass, pass);
    record.status.seenAt = isStatusLater ? statusSeenAt : undefined;
    record.lease.seenAt = isLeaseLater ? leaseSeenAt : undefined;
  }

  /** When the node turns stale if no other sign of life arrives; Infinity while its Lease is sure to be renewed. */
  staleAfter(record: NodeRecord, gracePeriod: Micros): Micros {
    if (record.lease.isForetold || record.health === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const seenAt = Math.max(record.status.seenAt ?? 0, record.lease.seenAt ?? 0);
    return Math.max(record.health.probeTimestamp, seenAt) + gracePeriod;
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
}

const isLater = (lease: Lease, other: Lease): boolean => (RENEWAL.of(lease) ?? 0) > (RENEWAL.of(other) ?? 0);

const isStatusNews = (node: Node, { conditions }: NodeHealth): boolean =>
  HEARTBEAT.of(node) !== HEARTBEAT.of({ ...node, status: { conditions } });
