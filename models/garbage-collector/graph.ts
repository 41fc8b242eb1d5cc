import { type AnyObject, isBeingDeleted, type ObjectMeta, type OwnerReference, SERVED_KINDS } from '../api/index.js';

/** Where an object stands and which one it is. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined where there are no namespaces. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export const FOREGROUND_DELETION = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export const hasFinalizer = ({ finalizers }: ObjectMeta, name: string): boolean => finalizers?.includes(name) ?? false;

export const identityOf = ({ apiVersion, kind, metadata }: AnyObject): Identity => ({
  apiVersion,
  kind,
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid ?? '',
});

export const isNamespaced = (kind: string): boolean =>
  (SERVED_KINDS as Readonly<Record<string, { readonly namespaced: boolean } | undefined>>)[kind]?.namespaced ?? true;

/** What an owner reference of an object in this namespace points at. */
export const identityOfOwner = (owner: OwnerReference, namespace: string | undefined): Identity => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  namespace: isNamespaced(owner.kind) ? namespace : undefined,
  name: owner.name,
  uid: owner.uid,
});

const isSameIdentity = (a: Identity, b: Identity): boolean =>
  a.uid === b.uid &&
  a.name === b.name &&
  a.kind === b.kind &&
  a.apiVersion === b.apiVersion &&
  a.namespace === b.namespace;

const NO_OWNERS: readonly OwnerReference[] = [];
const NO_DEPENDENTS: ReadonlySet<GraphNode> = new Set();

/** An object as the collector sees it: who owns it and whom it owns. */
export class GraphNode {
  identity: Identity;
  owners: readonly OwnerReference[] = NO_OWNERS;
  /** False while it is only known as somebody's owner. */
  isObserved = false;
  isBeingDeleted = false;
  /** It waits, marked for deletion in the foreground, until its dependents are gone. */
  isDeletingDependents = false;
  /** Undefined until there is one: most objects own none. */
  #dependents: Set<GraphNode> | undefined;

  constructor(identity: Identity) {
    this.identity = identity;
  }

  get dependents(): ReadonlySet<GraphNode> {
    return this.#dependents ?? NO_DEPENDENTS;
  }

  addDependent(node: GraphNode): void {
    this.#dependents ??= new Set();
    this.#dependents.add(node);
  }

  deleteDependent(node: GraphNode): void {
    this.#dependents?.delete(node);
  }

  /** Dependents that hold up its deletion in the foreground. */
  blockingDependents(): GraphNode[] {
    const isBlocking = (owner: OwnerReference): boolean =>
      owner.uid === this.identity.uid && owner.blockOwnerDeletion === true;
    return [...this.dependents].filter((dependent) => dependent.owners.some(isBlocking));
  }
}

/** Whether two versions of an object say the same of who owns it and how it goes. */
const isSameInGraph = (a: ObjectMeta, b: ObjectMeta): boolean =>
  a.ownerReferences === b.ownerReferences &&
  a.deletionTimestamp === b.deletionTimestamp &&
  a.finalizers === b.finalizers;

/** What the graph asks for when it changes. */
export interface GraphListener {
  /** The node may have to go: its owners, or it, changed. */
  attemptToDelete(node: GraphNode): void;
  /** The node goes, but its dependents shall stay. */
  attemptToOrphan(node: GraphNode): void;
  /** The node names an owner in another namespace. */
  invalidOwner(node: GraphNode, ownerUid: string): void;
}

/**
 * Who owns whom among all objects, from watch events. Only objects that have owners or dependents are in it.
 * As GraphBuilder (pkg/controller/garbagecollector/graph_builder.go).
 */
export class DependencyGraph {
  readonly #nodes = new Map<string, GraphNode>();
  /** Uids of what was not as the references or the server said: any version of it may tell more. */
  readonly #doubtful = new Set<string>();
  readonly #listener: GraphListener;
  /** Finds an observed object by where a reference points, so that owners enter the graph when they get their first dependent. */
  readonly #find: (identity: Identity) => AnyObject | undefined;

  constructor(listener: GraphListener, find: (identity: Identity) => AnyObject | undefined) {
    this.#listener = listener;
    this.#find = find;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  clear(): void {
    this.#nodes.clear();
    this.#doubtful.clear();
  }

  /** An object was added or changed. As the first cases of processGraphChanges. */
  observe(object: AnyObject, before: AnyObject | undefined): void {
    const { metadata } = object;
    const uid = metadata.uid ?? '';
    if (before !== undefined && isSameInGraph(metadata, before.metadata) && !this.#doubtful.has(uid)) {
      return;
    }
    let node = this.#nodes.get(uid);
    if (node === undefined) {
      if (!metadata.ownerReferences?.length && !isBeingDeleted(object)) {
        return;
      }
      node = this.#insert(object);
    } else {
      this.#markObserved(node, object);
      this.#changeOwners(node, metadata.ownerReferences ?? NO_OWNERS);
      node.isBeingDeleted ||= isBeingDeleted(object);
    }
    this.#startWaiting(node, object, before);
  }

  /** An object is gone. As the last case of processGraphChanges; answers whether anything depended on it. */
  remove(uid: string): boolean {
    this.#doubtful.delete(uid);
    const node = this.#nodes.get(uid);
    if (node === undefined) {
      return false;
    }
    this.#nodes.delete(uid);
    for (const { uid: ownerUid } of node.owners) {
      this.#leave(node, ownerUid);
    }
    for (const dependent of node.dependents) {
      this.#listener.attemptToDelete(dependent);
    }
    for (const { uid: ownerUid } of node.owners) {
      const owner = this.#nodes.get(ownerUid);
      if (owner?.isDeletingDependents) {
        this.#listener.attemptToDelete(owner);
      }
    }
    return node.dependents.size > 0;
  }

  /**
   * The server says there is no such object. A node known only as an owner goes, unless other dependents say that it stands
   * elsewhere; then those look there. Answers whether some dependents believed in it.
   */
  removeVirtual(absent: Identity): boolean {
    const node = this.#nodes.get(absent.uid);
    if (node === undefined) {
      return false;
    }
    const [matching, others] = this.#partition(node, absent);
    if (node.isObserved ? isSameIdentity(node.identity, absent) : others.length === 0) {
      const hadDependents = this.remove(absent.uid);
      this.#doubtful.add(absent.uid);
      return hadDependents;
    }
    for (const dependent of matching) {
      this.#listener.attemptToDelete(dependent);
    }
    const next = others[0];
    if (!node.isObserved && next) {
      const owner = next.owners.find((one) => one.uid === absent.uid) as OwnerReference;
      node.identity = identityOfOwner(owner, next.identity.namespace);
      this.#listener.attemptToDelete(node);
    }
    return matching.length > 0;
  }

  #insert(object: AnyObject): GraphNode {
    const node = new GraphNode(identityOf(object));
    node.isObserved = true;
    node.owners = object.metadata.ownerReferences ?? NO_OWNERS;
    node.isBeingDeleted = isBeingDeleted(object);
    node.isDeletingDependents = node.isBeingDeleted && hasFinalizer(object.metadata, FOREGROUND_DELETION);
    this.#nodes.set(node.identity.uid, node);
    this.#join(node, node.owners);
    return node;
  }

  /** Somebody's owner shows up at last; dependents that expected it elsewhere are looked at again. */
  #markObserved(node: GraphNode, object: AnyObject): void {
    if (node.isObserved) {
      return;
    }
    const identity = identityOf(object);
    const [, others] = this.#partition(node, identity);
    node.identity = identity;
    node.isObserved = true;
    for (const dependent of others) {
      if (identity.namespace !== undefined && dependent.identity.namespace !== identity.namespace) {
        this.#listener.invalidOwner(dependent, identity.uid);
      }
      this.#listener.attemptToDelete(dependent);
    }
  }

  /** Dependents whose reference means this identity, and those whose does not. As partitionDependents. */
  #partition(node: GraphNode, identity: Identity): [GraphNode[], GraphNode[]] {
    const matching: GraphNode[] = [];
    const others: GraphNode[] = [];
    for (const dependent of node.dependents) {
      const owner = dependent.owners.find((one) => one.uid === identity.uid);
      const meant = owner && identityOfOwner(owner, dependent.identity.namespace);
      (meant && isSameIdentity(meant, identity) ? matching : others).push(dependent);
    }
    return [matching, others];
  }

  #changeOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    if (owners === node.owners) {
      return;
    }
    const before = node.owners;
    const added = owners.filter((owner) => !before.some((one) => one.uid === owner.uid));
    const removed = before.filter((owner) => !owners.some((one) => one.uid === owner.uid));
    const unblocked = before.filter(
      (owner) =>
        owner.blockOwnerDeletion && !owners.some((one) => one.uid === owner.uid && one.blockOwnerDeletion === true),
    );
    node.owners = owners;
    for (const { uid } of unblocked) {
      const owner = this.#nodes.get(uid);
      if (owner) {
        this.#listener.attemptToDelete(owner);
      }
    }
    this.#join(node, added);
    for (const { uid } of removed) {
      this.#leave(node, uid);
    }
  }

  /** As addDependentToOwners. */
  #join(node: GraphNode, owners: readonly OwnerReference[]): void {
    let mayBeInvalid = false;
    for (const reference of owners) {
      const meant = identityOfOwner(reference, node.identity.namespace);
      const known = this.#nodes.get(reference.uid) ?? this.#enterOwner(meant);
      const owner = known ?? new GraphNode(meant);
      this.#nodes.set(reference.uid, owner);
      owner.addDependent(node);
      if (known === undefined) {
        this.#doubtful.add(reference.uid);
        this.#listener.attemptToDelete(owner);
      } else if (!mayBeInvalid && !isSameIdentity(meant, owner.identity)) {
        mayBeInvalid = true;
        const { namespace } = owner.identity;
        if (owner.isObserved && namespace !== undefined && namespace !== node.identity.namespace) {
          this.#listener.invalidOwner(node, reference.uid);
        }
      }
    }
    if (mayBeInvalid) {
      this.#listener.attemptToDelete(node);
    }
  }

  #leave(node: GraphNode, ownerUid: string): void {
    this.#nodes.get(ownerUid)?.deleteDependent(node);
  }

  #enterOwner(identity: Identity): GraphNode | undefined {
    const object = this.#find(identity);
    return object && this.#insert(object);
  }

  /** As processTransitions: the deletion with a finalizer of ours has just begun. */
  #startWaiting(node: GraphNode, { metadata }: AnyObject, before: AnyObject | undefined): void {
    const begins = (finalizer: string): boolean =>
      metadata.deletionTimestamp !== undefined &&
      hasFinalizer(metadata, finalizer) &&
      !(before && isBeingDeleted(before) && hasFinalizer(before.metadata, finalizer));
    if (begins(ORPHAN)) {
      this.#listener.attemptToOrphan(node);
    } else if (begins(FOREGROUND_DELETION)) {
      node.isDeletingDependents = true;
      for (const dependent of node.dependents) {
        this.#listener.attemptToDelete(dependent);
      }
      this.#listener.attemptToDelete(node);
    }
  }
}
