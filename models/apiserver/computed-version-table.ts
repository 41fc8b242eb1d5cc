import { type Micros, type ObjectKey, type Simulation, type Store } from '../../engine/index.js';
import { type AnyObject, type Kind, type Kinds } from '../api/index.js';
import type { ComputedObjects, ComputedVersions, ConstantLatency } from '../client-go/index.js';

type AnyVersions = ComputedVersions<unknown>;

/** Which objects are computed on read, and by what rule. */
export class ComputedVersionTable implements ComputedObjects {
  readonly latency: ConstantLatency | undefined;
  readonly #store: Store<Kinds>;
  readonly #simulation: Simulation;
  readonly #versions = new Map<Kind, Map<ObjectKey, AnyVersions>>();
  readonly #listeners: ((kind: Kind, key: ObjectKey) => void)[] = [];

  constructor(store: Store<Kinds>, simulation: Simulation, latency: ConstantLatency | undefined) {
    this.#store = store;
    this.#simulation = simulation;
    this.latency = latency;
  }

  get isAllowed(): boolean {
    return this.latency !== undefined;
  }

  compute<K extends Kind>(kind: K, key: ObjectKey, versions: ComputedVersions<Kinds[K]>): void {
    const known = this.#versions.get(kind) ?? new Map<ObjectKey, AnyVersions>();
    this.#versions.set(kind, known);
    known.set(key, versions as AnyVersions);
    this.#tell(kind, key);
  }

  settle<K extends Kind>(kind: K, key: ObjectKey): Kinds[K] | undefined {
    const stored = this.#store.get(kind, key);
    const current = stored && this.asOf(kind, key, stored, this.#simulation.now);
    if (stored && current && current !== stored) {
      this.#store.update(kind, stored, restamped(current, this.#store.version + 1) as Kinds[K]);
    }
    this.forget(kind, key);
    return this.#store.get(kind, key);
  }

  versionsOf<K extends Kind>(kind: K, key: ObjectKey): ComputedVersions<Kinds[K]> | undefined {
    return this.#versions.get(kind)?.get(key) as ComputedVersions<Kinds[K]> | undefined;
  }

  onChange(listener: (kind: Kind, key: ObjectKey) => void): void {
    this.#listeners.push(listener);
  }

  hasAny(kind: Kind): boolean {
    return (this.#versions.get(kind)?.size ?? 0) > 0;
  }

  /** The version in force at that time, made from the stored one. */
  asOf<T>(kind: Kind, key: ObjectKey, stored: T, at: Micros): T {
    return (this.#versions.get(kind)?.get(key)?.at(at, stored) as T | undefined) ?? stored;
  }

  /** The object is no longer computed; nothing is stored. */
  forget(kind: Kind, key: ObjectKey): void {
    const versions = this.#versions.get(kind)?.get(key);
    if (versions !== undefined) {
      this.#versions.get(kind)?.delete(key);
      versions.ceased?.();
      this.#tell(kind, key);
    }
  }

  #tell(kind: Kind, key: ObjectKey): void {
    for (const listener of this.#listeners) {
      listener(kind, key);
    }
  }
}

const restamped = (object: AnyObject, version: number): AnyObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(version) },
});
