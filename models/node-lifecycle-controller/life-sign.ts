import type { Micros } from '../../engine/index.js';
import { conditionOf, type Lease, type Node } from '../api/index.js';
import type { ComputedVersions } from '../client-go/index.js';
import type { PassTimes } from './pass-times.js';

/** What marks one version of an object as a later sign of life than another. */
export interface Stamp<T> {
  of(object: T): Micros | undefined;
  with(object: T, stamp: Micros): T;
}

export const RENEWAL: Stamp<Lease> = {
  of: (lease) => lease.spec.renewTime,
  with: (lease, renewTime) => ({ ...lease, spec: { ...lease.spec, renewTime } }),
};

export const HEARTBEAT: Stamp<Node> = {
  of: (node) => conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime,
  with: (node, lastHeartbeatTime) => {
    const conditions = (node.status?.conditions ?? []).map((condition) => ({ ...condition, lastHeartbeatTime }));
    return { ...node, status: { ...node.status, conditions } };
  },
};

/** What the signs of life of all nodes are judged by. */
export interface Sightings {
  readonly passes: PassTimes;
  /** How long a version that is computed takes from the server to the cache. */
  readonly watchDelay: Micros;
}

/**
 * One of a node's two signs of life, its Lease or its status: which pass was, or would have been, the first to see the version
 * that is there now. Versions come one by one, or are told in advance by the kubelet.
 */
export class LifeSign<T> {
  readonly #stamp: Stamp<T>;
  readonly #sightings: Sightings;
  #versions: ComputedVersions<T> | undefined;
  #isForetold = false;
  #arrivedAt: Micros = Number.NEGATIVE_INFINITY;

  constructor(stamp: Stamp<T>, sightings: Sightings) {
    this.#stamp = stamp;
    this.#sightings = sightings;
  }

  /** Whether further versions will come until further notice. */
  get isForetold(): boolean {
    return this.#isForetold;
  }

  /** When a version arrived last that was not foretold. */
  get arrivedAt(): Micros {
    return this.#arrivedAt;
  }

  /** The object began to be computed, by these rules, or ceases to be (undefined): the rules still tell what was before. */
  foretell(versions: ComputedVersions<T> | undefined): void {
    this.#isForetold = versions !== undefined;
    this.#versions = versions ?? this.#versions;
  }

  /** A version arrives. One that was foretold was in the cache before it was stored. */
  arrived(object: T, now: Micros): void {
    if (this.#foretoldSince(object, now) === undefined) {
      this.#arrivedAt = now;
    }
  }

  /** When this version was first seen: at this look, `now`, or by a pass before it. What arrives as a pass begins is too late. */
  firstSeen(object: T, now: Micros): Micros {
    const { passes } = this.#sightings;
    const since = this.#foretoldSince(object, now);
    return Math.min(now, since === undefined ? passes.from(this.#arrivedAt + 1) : passes.from(since));
  }

  /** The object as the cache had it at the time of an earlier pass; undefined when nothing of it had arrived by then. */
  asOf(object: T, pass: Micros): T | undefined {
    const version = this.#versions?.versionAt?.(pass - this.#sightings.watchDelay);
    const hadArrived = this.#arrivedAt < pass;
    if (version !== undefined && (version.stamp > (this.#stamp.of(object) ?? 0) || !hadArrived)) {
      return this.#stamp.with(object, version.stamp);
    }
    return hadArrived ? object : undefined;
  }

  /** Since when this version is in the cache, if it is the one that the rules give for `time`. */
  #foretoldSince(object: T, time: Micros): Micros | undefined {
    const { watchDelay } = this.#sightings;
    const version = this.#versions?.versionAt?.(time - watchDelay);
    return version !== undefined && version.stamp === this.#stamp.of(object) ? version.since + watchDelay : undefined;
  }
}
