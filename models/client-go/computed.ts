import type { Micros, ObjectKey } from '../../engine/index.js';
import type { Kind, Kinds } from '../api/index.js';

/** What can be said of one computed version without making the object. */
export interface ComputedVersion {
  /** When it came into force in the server. */
  readonly since: Micros;
  /** The time that it carries: renewTime of a Lease, lastHeartbeatTime of a Node. */
  readonly stamp: Micros;
}

/** The versions that one object will have, told by a rule instead of a write each: the Lease of a healthy kubelet. */
export interface ComputedVersions<T> {
  /** The version in force in the server at that time, made from the stored one; the stored one itself if none is newer. */
  at(time: Micros, stored: T): T;
  /** About the version that is computed for that time; undefined before the first one. */
  versionAt?(time: Micros): ComputedVersion | undefined;
  /** When the version after the one of that time will be in force; for those who act on any change. */
  nextAfter?(time: Micros): Micros;
  /** Called when the object ceases to be computed: frozen, settled, or deleted by whomever. */
  ceased?(): void;
}

/** Latencies that are the same for every request and watch event. */
export interface ConstantLatency {
  /** From sending a request to the server's act, and from there to the answer. */
  readonly toServer: Micros;
  readonly toClient: Micros;
  /** From a write to its watch event. */
  readonly watch: Micros;
}

/**
 * Values computed on read instead of stored. Whoever writes an object again and again in a way that can be told in advance says so
 * here and stops writing: get and list (and an informer's, as late as its watch is) answer the version of their instant, but no
 * watch event is sent. When it can no longer be told in advance, the writer freezes it and writes again.
 */
export interface ComputedObjects {
  /** False when each write has to happen: latencies are drawn, somebody records these versions, or the run asks for all events. */
  readonly isAllowed: boolean;
  /** What a writer needs to tell when its renewals would arrive; undefined when versions must not be computed. */
  readonly latency: ConstantLatency | undefined;
  compute<K extends Kind>(kind: K, key: ObjectKey, versions: ComputedVersions<Kinds[K]>): void;
  /**
   * No later version than the one in force is computed any more. That one is still told, without having been sent, until it is
   * overwritten: whoever watches hears nothing of the change from computing to writing.
   */
  freeze(kind: Kind, key: ObjectKey): void;
  /** Stores the version in force, as if its write had just arrived (watchers are told), and computes no more. */
  settle(kind: Kind, key: ObjectKey): void;
  /** The rule of an object that goes on being computed. */
  versionsOf<K extends Kind>(kind: K, key: ObjectKey): ComputedVersions<Kinds[K]> | undefined;
  /** Called after an object began or ceased to be computed; it ceases when it is deleted, too. */
  onChange(listener: (kind: Kind, key: ObjectKey) => void): void;
}
