import type { Micros, ObjectKey } from '../../engine/index.js';
import type { Kind, Kinds } from '../api/index.js';

/** The versions that one object will have, told by a rule instead of a write each: the Lease of a healthy kubelet. */
export interface ComputedVersions<T> {
  /** The version in force in the server at that time, made from the stored one; the stored one itself if none is newer. */
  at(time: Micros, stored: T): T;
}

/**
 * Values computed on read instead of stored. Whoever writes an object again and again in a way that can be told in advance says so
 * here and stops writing: get and list (and an informer's, as late as its watch is) answer the version of their instant, but no
 * watch event is sent. When it can no longer be told in advance, the writer settles it and writes again.
 */
export interface ComputedObjects {
  /** False when each write has to happen: latencies are drawn, somebody records these versions, or the run asks for all events. */
  readonly isAllowed: boolean;
  /** The constant latencies of such a run: a whole request, half of it before the server acts; and a watch event. */
  readonly callLatency: Micros;
  readonly watchDelay: Micros;
  compute<K extends Kind>(kind: K, key: ObjectKey, versions: ComputedVersions<Kinds[K]>): void;
  /** Stores the version in force, as if its write had just arrived (watchers are told), and computes no more. */
  settle(kind: Kind, key: ObjectKey): void;
  versionsOf<K extends Kind>(kind: K, key: ObjectKey): ComputedVersions<Kinds[K]> | undefined;
  /** Called after an object began or ceased to be computed; it ceases when it is deleted, too. */
  onChange(listener: (kind: Kind, key: ObjectKey) => void): void;
}
