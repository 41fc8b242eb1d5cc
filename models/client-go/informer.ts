import type { ObjectKey, Watcher } from '../../engine/index.js';
import type { Kind, Kinds } from '../api/index.js';

/**
 * A process's lagging copy of one kind. It sees a write when the watch event arrives, in order; while its process cannot reach
 * the server it sees nothing, and afterwards it catches up or lists again and tells the differences. Iteration is in order of
 * arrival.
 */
export interface Informer<T> {
  readonly hasSynced: boolean;
  get(key: ObjectKey): T | undefined;
  /** Whether it is there; costs less than to get it where versions are computed. */
  has(key: ObjectKey): boolean;
  list(): Iterable<T>;
  readonly size: number;
  /** Objects under a term of an index, in order of arrival under it; the index is kept from its first use on. */
  byIndex(index: IndexName, term: string): readonly T[];
  /** Handlers are called in order of registration and stay when the process dies; objects already there are told as added. */
  onChange(watcher: Watcher<T>): void;
}

/**
 * Terms: 'node' → spec.nodeName of pods; 'owner' → uid of the controlling owner ('' for none); 'namespace' → metadata.namespace;
 * 'label' → "namespace/key=value" of every label.
 */
export type IndexName = 'node' | 'owner' | 'namespace' | 'label';

export interface InformerFactory {
  /** The process's informer of this kind, made at the first call. A field selector narrows what the server sends. */
  informer<K extends Kind>(kind: K, selector?: FieldSelector): Informer<Kinds[K]>;
  /** Opens the watches: caches fill after one list latency. */
  start(): void;
  /** The process dies: caches are lost without a word, nothing arrives any more until start() lists anew. */
  stop(): void;
  /** Calls once all informers made so far hold their first list: cache.WaitForCacheSync. Forgotten when the process stops. */
  whenSynced(then: () => void): void;
}

/** Narrows a watch in the server: pods of one node, or the one object of this name. */
export interface FieldSelector {
  readonly nodeName?: string;
  readonly name?: string;
}
