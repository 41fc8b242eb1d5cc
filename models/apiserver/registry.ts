import { invariant, type ObjectKey, type Simulation, Store } from '../../engine/index.js';
import { isSameValue } from '../api/equality.js';
import {
  type AnyObject,
  type EphemeralContainer,
  type Kind,
  type Kinds,
  keyFor,
  keyOf,
  type Namespace,
  type Pod,
  type Service,
  splitKey,
} from '../api/index.js';
import type { ApplyOptions, ConstantLatency, DeleteOptions, Draft, Reply, Writer } from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import { bind } from './binding.js';
import { ComputedVersionTable } from './computed-version-table.js';
import { versioned, withParts } from './copies.js';
import { decideDeletion, isRemovedByUpdate } from './deletion.js';
import { addEphemeralContainer } from './ephemeral-containers.js';
import { alreadyExists, type Failure, failure, invalid, noSuchResource, notFound } from './errors.js';
import { Eviction } from './eviction.js';
import type { AdmissionReader, Hooks, KindHooks } from './hooks.js';
import { FieldManagers } from './managed-fields/index.js';
import { Names } from './names.js';
import { deleteNamespace, finalizeNamespace, isNamespaceHeld, withStandingFinalizers } from './namespaces.js';
import { unmetByCreate, unmetByDelete, unmetByPatch, unmetByPut } from './preconditions.js';
import { newFinalizers, prepareForCreate, prepareForUpdate } from './preparation.js';
import { ServiceAddresses } from './service-addresses.js';
import { withAddressList, withStandingAddresses } from './service-update.js';
import { type Stored, type Strategy, strategiesFor } from './strategy.js';
import { withTopologyLabels } from './topology-labels.js';

export interface RegistryOptions {
  readonly simulation: Simulation;
  readonly defaults: Defaults;
  readonly hooks: Hooks;
  /** Past versions kept of each object; see Store. */
  readonly versionsKept: number;
  /** --service-cluster-ip-range; left out, the version's default. */
  readonly serviceClusterIPRanges?: string;
  /** Given when quiet versions may be computed on read. */
  readonly constantLatency: ConstantLatency | undefined;
}

const NONE: readonly never[] = [];

/** The verbs of the API, done at once on the store: what the server does between a request's arrival and its answer. */
export class Registry implements AdmissionReader {
  readonly store: Store<Kinds>;
  readonly computed: ComputedVersionTable;
  readonly defaults: Defaults;
  readonly fieldManagers: FieldManagers;
  readonly #simulation: Simulation;
  readonly #hooks: Hooks;
  readonly #names: Names;
  readonly #addresses: ServiceAddresses;
  readonly #strategyOf: (kind: Kind) => Strategy;
  readonly #written = new Map<Kind, number>();
  /** The object that was read last, and its key: most writes begin with that read, and a key made anew must be hashed anew. */
  #lastRead: AnyObject | undefined;
  #lastKey: ObjectKey = '';
  /** An object that carries its resourceVersion already. */
  #stamped: AnyObject | undefined;

  constructor(options: RegistryOptions) {
    const { simulation, defaults, hooks, versionsKept, constantLatency, serviceClusterIPRanges } = options;
    this.#simulation = simulation;
    this.defaults = defaults;
    this.#hooks = hooks;
    this.#names = new Names(simulation);
    const { serviceClusterIPRange, serviceNodePortRange } = defaults.apiServer;
    const [low = 0, high = 0] = serviceNodePortRange.split('-').map(Number);
    this.#addresses = new ServiceAddresses(
      {
        clusterIpRanges: (serviceClusterIPRanges ?? serviceClusterIPRange).split(','),
        nodePortRange: [low, high],
        keepsAddresses: defaults.features.ServiceIPStaticSubrange,
        keepsPorts: defaults.features.ServiceNodePortStaticSubrange,
      },
      simulation.stream('service addresses'),
      () => this.store.list('Service'),
    );
    this.#strategyOf = strategiesFor(defaults);
    this.fieldManagers = new FieldManagers(defaults.kubernetesVersion, (kind) => this.#strategyOf(kind).hasStatus);
    this.store = new Store<Kinds>(
      {
        keyOf: (object) => (object === this.#lastRead ? this.#lastKey : keyOf(object)),
        versionOf: (object) => Number(object.metadata.resourceVersion),
        // The registry stamps what it writes itself, to save a copy; only an object that is deleted comes unstamped.
        withVersion: (object, version) =>
          object === this.#stamped ? object : (stamped(object, version) as Kinds[Kind]),
      },
      versionsKept,
    );
    this.computed = new ComputedVersionTable(this.store, simulation, constantLatency);
  }

  get now(): number {
    return this.#simulation.now;
  }

  versionOf(kind: Kind): number {
    return this.#written.get(kind) ?? 0;
  }

  /** The object in force; undefined when there is none. */
  get<K extends Kind>(kind: K, key: ObjectKey): Kinds[K] | undefined {
    const stored = this.store.get(kind, key);
    this.#lastRead = stored;
    this.#lastKey = key;
    return stored && this.computed.hasAny(kind) ? this.computed.asOf(kind, key, stored, this.now) : stored;
  }

  /** In order of creation. */
  list<K extends Kind>(kind: K): Iterable<Kinds[K]> {
    if (this.store.count(kind) === 0) {
      return NONE;
    }
    return this.computed.hasAny(kind) ? this.#listComputed(kind) : this.store.list(kind);
  }

  /** As a LIST answers: in order of keys. */
  listSorted<K extends Kind>(kind: K, isAskedFor: (object: Kinds[K]) => boolean): Kinds[K][] {
    const keyed: { readonly key: ObjectKey; readonly object: Kinds[K] }[] = [];
    // Asked of the stored versions: what is asked for by (names, nodes) is the same in a computed one, which costs more to make.
    for (const stored of this.store.list(kind)) {
      if (isAskedFor(stored)) {
        const key = keyOf(stored);
        keyed.push({ key, object: this.get(kind, key) as Kinds[K] });
      }
    }
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ object }) => object);
  }

  read<K extends Kind>(kind: K, key: ObjectKey): Reply<Kinds[K]> {
    const object = this.get(kind, key);
    return object ? { ok: true, object } : notFound(kind, splitKey(key).name);
  }

  create<K extends Kind>(kind: K, draft: Draft<Kinds[K]>, writer?: Writer): Reply<Kinds[K]> {
    const sent = draft as unknown as Kinds[K];
    const refused = unmetByCreate(kind, sent, (name) => this.store.get('Namespace', name));
    if (refused) {
      return refused;
    }
    const hooks = this.#hooksOf(kind);
    const defaulted = hooks?.applyDefaults?.(sent) ?? sent;
    const managed = this.fieldManagers.created(kind, defaulted, writer, this.now);
    const admitted = hooks?.admit?.(managed, this) ?? { ok: true, object: managed };
    if (!admitted.ok) {
      return admitted;
    }
    const object = this.#withTopologyLabels(admitted.object);
    const name = this.#nameFor(kind, object);
    const allocated = this.#prepare(kind, object, name, hooks);
    const prepared = allocated.object;
    const causes = hooks?.validate?.(prepared) ?? [];
    if (causes.length > 0) {
      return invalid(kind, name, causes);
    }
    if (allocated.refused) {
      return allocated.refused;
    }
    const review = hooks?.review?.(prepared, this);
    if (review && 'error' in review) {
      return failure(review.error);
    }
    for (const { before, after } of review?.charges ?? []) {
      this.replace('ResourceQuota', before, after);
    }
    this.#stamped = prepared;
    const written = this.store.create(kind, prepared);
    this.#noteWrite(kind);
    return written.ok ? written : this.#nameTaken(kind, prepared, !sent.metadata.name);
  }

  /** Whether a create would be refused for lack of something that is about to be made. */
  isAwaiting<K extends Kind>(kind: K, draft: Draft<Kinds[K]>): boolean {
    return this.#hooksOf(kind)?.awaits?.(draft as unknown as Kinds[K], this) ?? false;
  }

  update<K extends Kind>(kind: K, changed: Kinds[K], writer?: Writer): Reply<Kinds[K]> {
    return this.#put(kind, changed, 'main', writer);
  }

  updateStatus<K extends Kind>(kind: K, changed: Kinds[K], writer?: Writer): Reply<Kinds[K]> {
    return this.#put(kind, changed, 'status', writer);
  }

  patch<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    writer?: Writer,
  ): Reply<Kinds[K]> {
    return this.#change(kind, key, change, 'main', writer);
  }

  patchStatus<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    writer?: Writer,
  ): Reply<Kinds[K]> {
    return this.#change(kind, key, change, 'status', writer);
  }

  /** PATCH with an apply patch; creates what is not there. */
  apply<K extends Kind>(kind: K, config: Kinds[K], options: ApplyOptions): Reply<Kinds[K]> {
    const before = this.get(kind, keyOf(config));
    const applied = this.fieldManagers.applied(before, config, options, this.now);
    if ('refused' in applied) {
      return applied.refused;
    }
    return before === undefined
      ? this.create(kind, applied.object)
      : (unmetByPatch(kind, before, applied.object) ?? this.#write(kind, before, applied.object, 'main'));
  }

  delete<K extends Kind>(kind: K, key: ObjectKey, options: DeleteOptions): Reply<Kinds[K]> {
    const object = this.get(kind, key);
    if (object === undefined) {
      return notFound(kind, splitKey(key).name);
    }
    const unmet = unmetByDelete(kind, object, options);
    if (unmet) {
      return unmet;
    }
    if (kind === 'Namespace') {
      return deleteNamespace(this, object as Namespace) as Reply<Kinds[K]>;
    }
    const { marked, isRemoved } = decideDeletion(object, this.#strategyOf(kind), options, this.now);
    let last = object;
    if (marked && !isSameValue(object.metadata, marked)) {
      last = this.replace(kind, object, { ...object, metadata: marked });
    }
    return isRemoved ? this.remove(kind, key, last) : { ok: true, object: last };
  }

  /** In order of keys, and no further than the first that cannot be deleted. As DeleteCollection. */
  deleteCollection<K extends Kind>(kind: K, namespace: string, options: DeleteOptions): Reply<readonly Kinds[K][]> {
    const objects = this.listSorted(kind, ({ metadata }) => metadata.namespace === namespace);
    for (const object of objects) {
      const reply = this.delete(kind, keyOf(object), options);
      if (!reply.ok && reply.error.reason !== 'NotFound') {
        return reply;
      }
    }
    return { ok: true, object: objects };
  }

  /** PUT namespaces/…/finalize. */
  finalize(changed: Namespace): Reply<Namespace> {
    const before = this.get('Namespace', keyOf(changed));
    if (before === undefined) {
      return notFound('Namespace', changed.metadata.name);
    }
    return (
      unmetByPut('Namespace', before, changed, this.#strategyOf('Namespace')) ??
      finalizeNamespace(this, before, changed)
    );
  }

  bind(key: ObjectKey, uid: string, node: string): Reply<Pod> {
    const pod = this.get('Pod', key);
    return pod ? bind(this, pod, uid, node) : notFound('Pod', splitKey(key).name);
  }

  addEphemeralContainer(key: ObjectKey, container: EphemeralContainer): Reply<Pod> {
    const pod = this.get('Pod', key);
    return pod
      ? addEphemeralContainer(this, pod, container, this.#hooksOf('Pod'))
      : notFound('Pod', splitKey(key).name);
  }

  /** POST pods/…/eviction, begun: it takes several steps. */
  evict(key: ObjectKey, options: DeleteOptions): Eviction {
    return new Eviction(this, key, options);
  }

  /** Writes an object whose content is decided; for subresources. */
  replace<K extends Kind>(kind: K, before: Kinds[K], next: Kinds[K]): Kinds[K] {
    const version = String(this.store.version + 1);
    const { spec, status, metadata } = next as Stored;
    const isWhole = this.#strategyOf(kind).hasStatus;
    const versionedMetadata = versioned(metadata, metadata.generation, version);
    const object = isWhole
      ? withParts(next, versionedMetadata, spec, status)
      : { ...next, metadata: versionedMetadata };
    return this.#store(kind, before, object as Kinds[K]);
  }

  #put<K extends Kind>(
    kind: K,
    changed: Kinds[K],
    part: 'main' | 'status',
    writer: Writer | undefined,
  ): Reply<Kinds[K]> {
    const before = this.get(kind, keyOf(changed));
    if (before === undefined) {
      return notFound(kind, changed.metadata.name);
    }
    const unmet = unmetByPut(kind, before, changed, this.#strategyOf(kind));
    return unmet ?? this.#write(kind, before, changed, part, writer);
  }

  #change<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    part: 'main' | 'status',
    writer: Writer | undefined,
  ): Reply<Kinds[K]> {
    const before = this.get(kind, key);
    if (before === undefined) {
      return notFound(kind, splitKey(key).name);
    }
    const wanted = change(before);
    return unmetByPatch(kind, before, wanted) ?? this.#write(kind, before, wanted, part, writer);
  }

  #write<K extends Kind>(
    kind: K,
    before: Kinds[K],
    wanted: Kinds[K],
    part: 'main' | 'status',
    writer?: Writer,
  ): Reply<Kinds[K]> {
    const strategy = this.#strategyOf(kind);
    if (part === 'status' && !strategy.hasStatus) {
      return noSuchResource();
    }
    const old = before as Stored;
    const hooks = part === 'main' ? this.#hooksOf(kind) : undefined;
    const isSpecNew = (wanted as Stored).spec !== old.spec;
    const sent = withStandingParts(kind, wanted, before);
    const defaulted = isSpecNew ? (hooks?.applyDefaults?.(sent) ?? sent) : sent;
    const managed = this.fieldManagers.updated(before, defaulted, part, writer, this.now);
    const version = String(this.store.version + 1);
    const merged = prepareForUpdate(old, managed as Stored, strategy, part, version);
    if (merged === old) {
      return { ok: true, object: before };
    }
    const next = (hooks?.prepareForUpdate?.(merged as unknown as Kinds[K], before, this) ?? merged) as Stored;
    const refused = this.#refuseUpdate(kind, old, next, hooks);
    if (refused) {
      return refused;
    }
    if (isRemovedByUpdate(old.metadata, next.metadata) && !isNamespaceHeld(next)) {
      return this.remove(kind, keyOf(before), before);
    }
    const allocated = this.#allocate(kind, next as unknown as Kinds[K], before);
    return allocated.ok ? { ok: true, object: this.#store(kind, before, allocated.object) } : allocated;
  }

  #refuseUpdate<K extends Kind>(
    kind: K,
    before: Stored,
    next: Stored,
    hooks: KindHooks<Kinds[K]> | undefined,
  ): Failure | undefined {
    const finalizers = newFinalizers(before, next.metadata);
    const causes = hooks?.validateUpdate?.(next as unknown as Kinds[K], before as unknown as Kinds[K]) ?? [];
    return finalizers.length + causes.length > 0
      ? invalid(kind, before.metadata.name, [...finalizers, ...causes])
      : undefined;
  }

  /** The last of the mutating plugins; pods that come with a node, such as mirror pods, are labelled here, the others when bound. */
  #withTopologyLabels<T extends AnyObject>(object: T): T {
    const nodeName = object.kind === 'Pod' ? (object as unknown as Pod).spec.nodeName : undefined;
    return nodeName ? { ...object, metadata: withTopologyLabels(this, object.metadata, nodeName) } : object;
  }

  #nameFor(kind: Kind, { metadata }: AnyObject): string {
    if (metadata.name || !metadata.generateName) {
      return metadata.name;
    }
    let name = '';
    for (let attempt = 0; attempt < this.defaults.apiServer.nameGenerationAttempts; attempt++) {
      name = this.#names.generate(metadata.generateName);
      if (this.store.get(kind, keyFor(metadata.namespace, name)) === undefined) {
        break;
      }
    }
    return name;
  }

  #nameTaken(kind: Kind, { metadata }: AnyObject, isGenerated: boolean): Failure {
    const standing = this.store.get(kind, keyFor(metadata.namespace, metadata.name));
    return alreadyExists(kind, metadata.name, {
      isGenerated,
      isBeingDeleted: standing?.metadata.deletionTimestamp !== undefined,
    });
  }

  /** Answers with the object as sent, and why, when what it asks for cannot be allocated: its other mistakes are told first. */
  #prepare<K extends Kind>(
    kind: K,
    sent: Kinds[K],
    name: string,
    hooks: KindHooks<Kinds[K]> | undefined,
  ): { readonly object: Kinds[K]; readonly refused?: Failure } {
    const identity = {
      name,
      uid: this.#names.uid(kind, keyFor(sent.metadata.namespace, name)),
      now: this.now,
      resourceVersion: String(this.store.version + 1),
    };
    const created = prepareForCreate(sent as Stored, this.#strategyOf(kind), identity) as unknown as Kinds[K];
    const object = kind === 'Service' ? (withAddressList(created as Service) as Kinds[K]) : created;
    const addressed = this.#allocate(kind, object);
    const allocated = addressed.ok ? addressed.object : object;
    const prepared = hooks?.prepareForCreate?.(allocated, this) ?? allocated;
    return addressed.ok ? { object: prepared } : { object: prepared, refused: addressed };
  }

  /** BeginCreate and BeginUpdate of the registry's store: only Services are given what no other may have. */
  #allocate<K extends Kind>(kind: K, object: Kinds[K], before?: Kinds[K]): Reply<Kinds[K]> {
    return kind === 'Service'
      ? (this.#addresses.assign(object as Service, before as Service | undefined) as Reply<Kinds[K]>)
      : { ok: true, object };
  }

  #store<K extends Kind>(kind: K, before: Kinds[K], next: Kinds[K]): Kinds[K] {
    const stored = this.computed.hasAny(kind) ? (this.store.get(kind, keyOf(before)) as Kinds[K]) : before;
    this.#stamped = next;
    const written = this.store.update(kind, stored, next);
    invariant(written.ok, 'the object changed inside the write');
    this.#noteWrite(kind);
    return written.object;
  }

  /** Takes an object out of the store. Answers `last`. */
  remove<K extends Kind>(kind: K, key: ObjectKey, last: Kinds[K]): Reply<Kinds[K]> {
    this.#stamped = undefined;
    this.store.delete(kind, key);
    this.#noteWrite(kind);
    this.#names.release(kind, key);
    this.computed.forget(kind, key);
    return { ok: true, object: last };
  }

  /** An object of a name that never comes again ends by itself. */
  expire(kind: Kind, key: ObjectKey): void {
    this.#stamped = undefined;
    this.store.delete(kind, key);
    this.#noteWrite(kind);
  }

  #noteWrite(kind: Kind): void {
    this.#written.set(kind, this.store.version);
  }

  #hooksOf<K extends Kind>(kind: K): KindHooks<Kinds[K]> | undefined {
    return this.#hooks[kind] as KindHooks<Kinds[K]> | undefined;
  }

  *#listComputed<K extends Kind>(kind: K): Iterable<Kinds[K]> {
    for (const stored of this.store.list(kind)) {
      yield this.computed.asOf(kind, keyOf(stored), stored, this.now);
    }
  }
}

/** What a PUT of the whole object cannot change, by kind. */
function withStandingParts<K extends Kind>(kind: K, wanted: Kinds[K], before: Kinds[K]): Kinds[K] {
  switch (kind) {
    case 'Namespace':
      return withStandingFinalizers(wanted as Namespace, before as Namespace) as Kinds[K];
    case 'Service':
      return withStandingAddresses(wanted as Service, before as Service) as Kinds[K];
    default:
      return wanted;
  }
}

function stamped(object: AnyObject, version: number): AnyObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
