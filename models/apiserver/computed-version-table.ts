import { type Micros, type ObjectKey, type Simulation, type Store } from '../../engine/index.js';
import { type AnyObject, type Kind, type Kinds } from '../api/index.js';
import type { ComputedObjects, ComputedVersions, ConstantLatency } from '../client-go/index.js';

type AnyVersions = ComputedVersions<unknown>;

interface Rule {
  readonly versions: AnyVersions;
  /** Later versions than that of this time are not told, nor any in place of what was written afterwards. */
  frozenAt: Micros;
  frozenVersion: number;
}

/** Which objects are computed on read, and by what rule. */
export class ComputedVersionTable implements ComputedObjects {
  readonly latency: ConstantLatency | undefined;
  readonly #store: Store<Kinds>;
  readonly #simulation: Simulation;
  readonly #rules = new Map<Kind, Map<ObjectKey, Rule>>();
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
    const rules = this.#rules.get(kind) ?? new Map<ObjectKey, Rule>();
    this.#rules.set(kind, rules);
    const frozen = { frozenAt: Number.POSITIVE_INFINITY, frozenVersion: Number.POSITIVE_INFINITY };
    rules.set(key, { versions: versions as AnyVersions, ...frozen });
    this.#tell(kind, key);
  }

  freeze(kind: Kind, key: ObjectKey): void {
    const known = this.#rules.get(kind)?.get(key);
    if (known?.frozenAt === Number.POSITIVE_INFINITY) {
      known.frozenAt = this.#simulation.now;
      known.frozenVersion = this.#store.version;
      known.versions.ceased?.();
      this.#tell(kind, key);
    }
  }

  settle(kind: Kind, key: ObjectKey): void {
    const stored = this.#store.get(kind, key);
    const current = stored && this.asOf(kind, key, stored, this.#simulation.now);
    if (stored && current && current !== stored) {
      this.#store.update(kind, stored, restamped(current, this.#store.version + 1) as Kinds[Kind]);
    }
    this.forget(kind, key);
  }

  versionsOf<K extends Kind>(kind: K, key: ObjectKey): ComputedVersions<Kinds[K]> | undefined {
    const known = this.#rules.get(kind)?.get(key);
    const isFrozen = known === undefined || known.frozenAt !== Number.POSITIVE_INFINITY;
    return isFrozen ? undefined : (known.versions as ComputedVersions<Kinds[K]>);
  }

  onChange(listener: (kind: Kind, key: ObjectKey) => void): void {
    this.#listeners.push(listener);
  }

  hasAny(kind: Kind): boolean {
    return (this.#rules.get(kind)?.size ?? 0) > 0;
  }

  /** The version in force at that time, made from the stored one. */
  asOf<T extends AnyObject>(kind: Kind, key: ObjectKey, stored: T, at: Micros): T {
    const known = this.#rules.get(kind)?.get(key);
    return known === undefined || Number(stored.metadata.resourceVersion) > known.frozenVersion
      ? stored
      : (known.versions.at(Math.min(at, known.frozenAt), stored) as T);
  }

  /** The object is no longer computed; nothing is stored. */
  forget(kind: Kind, key: ObjectKey): void {
    const known = this.#rules.get(kind)?.get(key);
    this.#rules.get(kind)?.delete(key);
    if (known?.frozenAt === Number.POSITIVE_INFINITY) {
      known.versions.ceased?.();
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
