import { type Micros, type ObjectKey, wholeSecond } from '../../../engine/index.js';
import { isSameValue } from '../../api/equality.js';
import {
  type AnyObject,
  ApiSchema,
  asWritten,
  decode,
  emptyObject,
  encode,
  type FieldType,
  type Kind,
  type Kinds,
  type KubeObject,
  keyFor,
  LAST_APPLIED,
  lastAppliedOf,
  lastAppliedText,
  type ManagedFieldsEntry,
  redecoded,
  typeOfObject,
  withLastApplied,
} from '../../api/index.js';
import type { ApplyOptions, Writer } from '../../client-go/index.js';
import type { Failure } from '../errors.js';
import { difference, EMPTY_SET, type FieldSet, union, withFieldsOnTheWay } from './field-set.js';
import {
  afterUpdate,
  applyConflict,
  conflictsWith,
  entriesOf,
  type Manager,
  managersOf,
  ownable,
  split,
  withoutLost,
} from './managers.js';
import { type Comparison, compare, fieldsOf, merge, without } from './typed.js';

/** What an object was before its first apply, if nobody kept its managers: skipNonAppliedManager of managedfields. */
const BEFORE_FIRST_APPLY: Writer = { manager: 'before-first-apply' };

/** The field manager that upgrades from client-side apply. */
const KUBECTL = 'kubectl';

/** Which part of an object a request writes: strategies reset the other (GetResetFields). */
type Part = 'main' | 'status';

/**
 * metadata.managedFields, and server-side apply by them: k8s.io/apimachinery util/managedfields over structured-merge-diff merge
 * (Updater). Only of objects that have such entries: no other costs anything.
 */
export class FieldManagers {
  readonly #schema: ApiSchema;
  readonly #kubernetesVersion: string;
  readonly #hasStatus: (kind: Kind) => boolean;
  readonly #kept = new Map<Kind, Set<ObjectKey>>();

  constructor(kubernetesVersion: string, hasStatus: (kind: Kind) => boolean) {
    this.#kubernetesVersion = kubernetesVersion;
    this.#schema = ApiSchema.of(kubernetesVersion);
    this.#hasStatus = hasStatus;
  }

  /** From when it is created, it is kept who owns what of this object: somebody means to apply it by the server. */
  keep(kind: Kind, key: ObjectKey): void {
    const keys = this.#kept.get(kind) ?? new Set();
    this.#kept.set(kind, keys.add(key));
  }

  /** The object as somebody creates it, whose fields are all theirs; itself if nobody wants to know. */
  created<K extends Kind>(kind: K, object: Kinds[K], writer: Writer | undefined, now: Micros): Kinds[K] {
    const { namespace, name } = object.metadata;
    return writer && this.#kept.get(kind)?.has(keyFor(namespace, name))
      ? this.#written(emptyObject(object, this.#schema), object, [], writer, 'main', now)
      : object;
  }

  /** The object with the managers that it has after this write. Entries that were sent with it replace those it had. */
  updated<K extends Kind>(
    before: Kinds[K],
    next: Kinds[K],
    part: Part,
    writer: Writer | undefined,
    now: Micros,
  ): Kinds[K] {
    if (writer === undefined || before.metadata.managedFields === undefined || next === before) {
      return next;
    }
    const isReplaced = part === 'main' && writer.subresource === undefined && next.metadata.managedFields?.length;
    const managers = managersOf(isReplaced ? next.metadata : before.metadata);
    const by = part === 'status' ? { ...writer, subresource: 'status' } : writer;
    return this.#written(before, next, managers, by, part, now);
  }

  /** What applying `config` makes of the object in force, or whose fields stand against it. */
  applied<K extends Kind>(
    live: Kinds[K] | undefined,
    config: Kinds[K],
    { fieldManager, force = false }: ApplyOptions,
    now: Micros,
  ): { readonly object: Kinds[K] } | { readonly refused: Failure } {
    const schema = this.#schema;
    const type = typeOfObject(config, schema) as FieldType;
    const { last, others } = split(this.#managersBefore(live, now), fieldManager, config.apiVersion);
    const fields = ownable(fieldsOf(type, config, schema), this.#hasStatus(config.kind), 'main');
    const merged = live === undefined ? config : merge(type, live, config, schema);
    const object = redecoded(
      without(type, merged, abandoned(last, [...others, { fields }]), schema) as Kinds[K],
      this.#kubernetesVersion,
    );
    const comparison = this.#compare(type, live ?? emptyObject(config, schema), object, 'main');
    const isKubectl = fieldManager === KUBECTL && live?.metadata.annotations?.[LAST_APPLIED] !== undefined;
    const allowed = isKubectl ? this.#unchangedSinceApplied(type, live as Kinds[K]) : EMPTY_SET;
    const conflicts = conflictsWith(others, comparison, allowed);
    if (!force && conflicts.length > 0) {
      return { refused: applyConflict(conflicts) };
    }
    const applier: Manager = {
      name: fieldManager,
      operation: 'Apply',
      apiVersion: config.apiVersion,
      subresource: undefined,
      time: wholeSecond(now),
      fields,
    };
    // lastAppliedUpdater: kubectl can go back to applying on the client's side
    const kept = isKubectl ? withLastApplied(object, lastAppliedText(encode(config, 0))) : object;
    return { object: withManagers(kept, live, [applier, ...withoutLost(others, comparison)]) };
  }

  /** lastAppliedManager: what kubectl applied on the client's side, and nobody changed since, is kubectl's to change. */
  #unchangedSinceApplied(type: FieldType, live: KubeObject): FieldSet {
    const applied = lastAppliedOf(live);
    const decoded = decode(applied, { kubernetesVersion: this.#kubernetesVersion, startTime: 0 });
    if (!decoded.ok) {
      return EMPTY_SET;
    }
    const written = asWritten(decoded.object, this.#schema);
    const { added, removed, modified } = compare(type, written, live, this.#schema);
    return difference(fieldsOf(type, written, this.#schema), union(added, union(removed, modified)));
  }

  #managersBefore(live: KubeObject | undefined, now: Micros): readonly Manager[] {
    if (live === undefined) {
      return [];
    }
    return live.metadata.managedFields?.length
      ? managersOf(live.metadata)
      : managersOf(this.#written(emptyObject(live, this.#schema), live, [], BEFORE_FIRST_APPLY, 'main', now).metadata);
  }

  #written<T extends KubeObject>(
    before: unknown,
    next: T,
    managers: readonly Manager[],
    writer: Writer,
    part: Part,
    now: Micros,
  ): T {
    const type = typeOfObject(next, this.#schema);
    if (type === undefined) {
      return next;
    }
    const comparison = this.#compare(type, before, next, part);
    return withManagers(next, before as AnyObject, afterUpdate(managers, comparison, writer, next.apiVersion, now));
  }

  #compare(type: FieldType, before: unknown, next: KubeObject, part: Part): Comparison {
    const hasStatus = this.#hasStatus(next.kind);
    const { added, removed, modified } = compare(type, before, next, this.#schema);
    const own = (fields: FieldSet): FieldSet => ownable(fields, hasStatus, part);
    return { added: own(added), removed: own(removed), modified: own(modified) };
  }
}

/** What the applier had and no longer has, and nobody else has: Updater.prune. */
function abandoned(last: Manager | undefined, owners: readonly { readonly fields: FieldSet }[]): FieldSet {
  if (last === undefined) {
    return EMPTY_SET;
  }
  const owned = owners.reduce((all, { fields }) => union(all, fields), EMPTY_SET);
  return difference(withFieldsOnTheWay(last.fields), withFieldsOnTheWay(owned));
}

/** With entries for these managers; those it had, if only times differ: such a write is none. */
function withManagers<T extends AnyObject>(object: T, before: AnyObject | undefined, managers: readonly Manager[]): T {
  const entries = entriesOf(managers);
  const standing = before?.metadata?.managedFields;
  const isSame = standing !== undefined && isSameValue(timeless(standing), timeless(entries));
  return { ...object, metadata: { ...object.metadata, managedFields: isSame ? standing : entries } };
}

const timeless = (entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] =>
  entries.map((entry) => ({ ...entry, time: undefined }));
