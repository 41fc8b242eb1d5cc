import type { Micros } from '../../engine/index.js';
import { conditionOf, type Lease, type Node } from '../api/index.js';
import type { ComputedVersions, LoopGrid } from '../client-go/index.js';

/** What marks one version of an object as a later sign of life than another. */
export interface Stamp<T> {
  of(object: T): Micros | undefined;
  /** The object as if it had been stamped before all time. */
  aged(object: T): T;
}

export const RENEWAL: Stamp<Lease> = {
  of: (lease) => lease.spec.renewTime,
  aged: (lease) => ({ ...lease, spec: { ...lease.spec, renewTime: Number.NEGATIVE_INFINITY } }),
};

export const HEARTBEAT: Stamp<Node> = {
  of: (node) => conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime,
  aged: (node) => ({
    ...node,
    status: {
      ...node.status,
      conditions: (node.status?.conditions ?? []).map((condition) => ({
        ...condition,
        lastHeartbeatTime: Number.NEGATIVE_INFINITY,
      })),
    },
  }),
};

/** The passes of the monitor, and how long a version takes from the server to its cache. */
export interface Passes {
  readonly grid: LoopGrid;
  readonly watchDelay: Micros;
}

/**
 * One of a node's two signs of life, its Lease or its status: which pass was, or would have been, the first to see the version
 * that is there now. Versions come one by one, or are told in advance by the kubelet.
 */
export class LifeSign<T> {
  readonly #stamp: Stamp<T>;
  readonly #passes: Passes;
  #versions: ComputedVersions<T> | undefined;
  #isForetold = false;
  /** The pass that sees what arrived last; undefined: the first one that was not left out. */
  seenAt: Micros | undefined;

  constructor(stamp: Stamp<T>, passes: Passes) {
    this.#stamp = stamp;
    this.#passes = passes;
  }

  /** Whether further versions will come until further notice. */
  get isForetold(): boolean {
    return this.#isForetold;
  }

  /** The object began to be computed, by these rules, or ceases to be (undefined): the rules still tell what was before. */
  foretell(versions: ComputedVersions<T> | undefined): void {
    this.#isForetold = versions !== undefined;
    this.#versions = versions ?? this.#versions;
  }

  /** A version arrives. One that was foretold may have been seen long before it was stored. */
  arrived(object: T, now: Micros, nextPass: Micros | undefined): void {
    if (!this.#wasForetold(object, now)) {
      this.seenAt = nextPass;
    }
  }

  /** The object as the cache had it at an earlier time; undefined when that is not known any more. */
  before(object: T, time: Micros): T | undefined {
    const version = this.#versions?.at(time - this.#passes.watchDelay, this.#stamp.aged(object));
    return version !== undefined && this.#stamp.of(version) !== Number.NEGATIVE_INFINITY ? version : undefined;
  }

  /** When this version was first seen by a pass: now, by the one that began at `pass`, or by one before it that was left out. */
  firstSeen(object: T, pass: Micros, now: Micros): Micros {
    const { grid } = this.#passes;
    if (!this.#wasForetold(object, now)) {
      return Math.min(this.seenAt ?? grid.after(Number.NEGATIVE_INFINITY), now);
    }
    let seenAt = now;
    for (let earlier: Micros | undefined = pass; earlier !== undefined; earlier = grid.before(earlier)) {
      if (!this.#wasForetold(object, earlier)) {
        break;
      }
      seenAt = earlier;
    }
    return seenAt;
  }

  /** Whether this is the version that, by the rules, the cache has at that time. */
  #wasForetold(object: T, time: Micros): boolean {
    const version = this.before(object, time);
    return version !== undefined && this.#stamp.of(version) === this.#stamp.of(object);
  }
}
