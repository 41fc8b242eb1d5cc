import { type AnyObject, isKind, type Kind, keyFor, type ObjectReference, SERVED_KINDS } from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  allAtOnce,
  type Component,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  inTurn,
  KeyQueue,
  RecentMap,
  type SyncResult,
} from '../client-go/index.js';
import type { GarbageCollectorConfiguration } from './config.js';
import {
  type ClassifiedOwner,
  judge,
  ownerState,
  type Verdict,
  withoutBlocking,
  withoutFinalizer,
  withoutOwners,
} from './decisions.js';
import {
  DependencyGraph,
  FOREGROUND_DELETION,
  type GraphNode,
  hasFinalizer,
  type Identity,
  identityOfOwner,
  isNamespaced,
  ORPHAN,
} from './graph.js';

type Done = (result: SyncResult) => void;
type Ended = (error?: ApiError) => void;

/** Events have owners now and then, and nobody waits for them (pkg/controller/garbagecollector ignoredResources). */
const KINDS = (Object.keys(SERVED_KINDS) as Kind[]).filter((kind) => kind !== 'Event');

/** Attempts at taking a finalizer off an object that keeps changing (client-go util/retry DefaultBackoff). */
const FINALIZER_ATTEMPTS = 5;

/** Deletes what has no owner left. Mirrors pkg/controller/garbagecollector. */
export class GarbageCollector implements Component {
  readonly name = 'garbage-collector-controller';
  readonly #config: GarbageCollectorConfiguration;
  readonly #client: ApiClient;
  readonly #eventClient: ApiClient;
  readonly #events: EventRecorder;
  readonly #graph: DependencyGraph;
  readonly #deleter: KeyQueue;
  readonly #orphaner: KeyQueue;
  #absentOwners: RecentMap<true>;

  constructor(context: ControllerContext, config: GarbageCollectorConfiguration) {
    this.#config = config;
    const client = { name: this.name, from: 'control-plane' } as const;
    this.#client = context.api.client({ ...client, ...config.client });
    this.#eventClient = context.api.client({ ...client, ...config.eventClient });
    this.#events = context.api.eventRecorder(this.#eventClient, { component: this.name, hasOwnClient: true });
    this.#absentOwners = new RecentMap(config.absentOwnersRemembered);
    this.#deleter = new KeyQueue('attempt to delete', context, { workers: config.workers }, (uid, done) =>
      this.#attemptToDelete(uid, done),
    );
    this.#orphaner = new KeyQueue('attempt to orphan', context, { workers: config.workers }, (uid, done) =>
      this.#attemptToOrphan(uid, done),
    );
    const informers = new Map<string, Informer<AnyObject>>();
    this.#graph = new DependencyGraph(
      {
        attemptToDelete: (node) => this.#deleter.add(node.identity.uid),
        attemptToOrphan: (node) => this.#orphaner.add(node.identity.uid),
        invalidOwner: (node, ownerUid) => this.#tellInvalidOwner(node, ownerUid),
      },
      ({ kind, namespace, name, uid }) => {
        const found = informers.get(kind)?.get(keyFor(namespace, name));
        return found?.metadata.uid === uid ? found : undefined;
      },
    );
    for (const kind of config.enabled ? KINDS : []) {
      const informer = context.informers.informer(kind) as Informer<AnyObject>;
      informers.set(kind, informer);
      informer.onChange({
        added: (object) => this.#graph.observe(object, undefined),
        modified: (object, before) => this.#graph.observe(object, before),
        deleted: (object) => this.#onDeleted(object),
      });
    }
  }

  start(): void {
    this.#deleter.start();
    this.#orphaner.start();
  }

  stop(): void {
    this.#deleter.stop();
    this.#orphaner.stop();
    this.#client.abandon();
    this.#eventClient.abandon();
    this.#events.reset();
    this.#graph.clear();
    this.#absentOwners = new RecentMap(this.#config.absentOwnersRemembered);
  }

  #onDeleted(object: AnyObject): void {
    const uid = object.metadata.uid ?? '';
    const identity = this.#graph.get(uid)?.identity;
    if (this.#graph.remove(uid) && identity) {
      this.#rememberAbsent(identity);
    }
  }

  /** As attemptToDeleteItem. */
  #attemptToDelete(uid: string, done: Done): void {
    const node = this.#graph.get(uid);
    if (node === undefined || (node.isBeingDeleted && !node.isDeletingDependents)) {
      done('done');
      return;
    }
    this.#read(node.identity, (latest, error) => {
      // An owner that nobody has seen yet is asked for again, until its watch event or its absence is certain.
      const settled = (): SyncResult => (node.isObserved ? 'done' : 'retry');
      const then: Ended = (failure) => done(failure ? 'retry' : settled());
      if (error) {
        done('retry');
      } else if (latest === undefined) {
        this.#onAbsent(node.identity);
        done('done');
      } else if (node.isDeletingDependents) {
        this.#deleteDependentsFirst(node, then);
      } else {
        this.#judge(node, latest, then);
      }
    });
  }

  /** The server does not know it: as a virtual delete event. */
  #onAbsent(identity: Identity): void {
    if (this.#graph.removeVirtual(identity)) {
      this.#rememberAbsent(identity);
    }
  }

  /** As processDeletingDependentsItem. */
  #deleteDependentsFirst(node: GraphNode, then: Ended): void {
    const blocking = node.blockingDependents();
    if (blocking.length === 0) {
      this.#removeFinalizer(node.identity, FOREGROUND_DELETION, FINALIZER_ATTEMPTS, then);
      return;
    }
    for (const dependent of blocking) {
      if (!dependent.isDeletingDependents) {
        this.#deleter.add(dependent.identity.uid);
      }
    }
    then();
  }

  #judge(node: GraphNode, latest: AnyObject, then: Ended): void {
    const owners: ClassifiedOwner[] = [];
    const references = latest.metadata.ownerReferences ?? [];
    if (node.identity.namespace === undefined && references.some((owner) => isNamespaced(owner.kind))) {
      // Nothing that has no namespace can be owned by something in one; trying again would not help.
      then();
      return;
    }
    inTurn<(typeof references)[number], ApiError>(
      references,
      (reference, ended) => {
        if (!isKind(reference.kind)) {
          // A kind that is stored but not served here: as good as there, nothing of it is ever known to be gone.
          owners.push({ reference, state: 'solid' });
          ended();
          return;
        }
        this.#readOwner(identityOfOwner(reference, node.identity.namespace), (owner, error) => {
          owners.push({ reference, state: ownerState(owner) });
          ended(error);
        });
      },
      (error) => {
        if (error) {
          then(error);
          return;
        }
        const dependents = [...node.dependents];
        const hasDependentDeletingDependents = dependents.some((dependent) => dependent.isDeletingDependents);
        const item = { latest, hasDependents: dependents.length > 0, hasDependentDeletingDependents };
        this.#carryOut(node.identity, latest, judge(item, owners), then);
      },
    );
  }

  #carryOut(identity: Identity, latest: AnyObject, verdict: Verdict, then: Ended): void {
    switch (verdict.do) {
      case 'keep':
        then();
        break;
      case 'removeOwners':
        this.#patch(identity, withoutOwners(verdict.uids), then);
        break;
      case 'delete': {
        const remove = (): void => this.#delete(identity, latest, verdict.propagationPolicy, then);
        if (verdict.unblocksOwners) {
          this.#patch(identity, withoutBlocking, (error) => (error ? then(error) : remove()));
        } else {
          remove();
        }
      }
    }
  }

  /** As deleteObject: a change of anything but the owners does not save the object. */
  #delete(
    identity: Identity,
    latest: AnyObject,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
    then: Ended,
  ): void {
    const { resourceVersion, ownerReferences } = latest.metadata;
    const remove = (preconditions: { uid: string; resourceVersion?: string }, ended: Ended): void =>
      this.#client.delete(
        identity.kind as Kind,
        keyOfIdentity(identity),
        { propagationPolicy, preconditions },
        (reply) => ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error),
      );
    const { uid } = identity;
    if (!this.#config.deletesByResourceVersion || resourceVersion === undefined) {
      remove({ uid }, then);
      return;
    }
    remove({ uid, resourceVersion }, (error) => {
      if (error?.reason !== 'Conflict') {
        then(error);
        return;
      }
      this.#read(identity, (live) => {
        const isSameOwners = JSON.stringify(live?.metadata.ownerReferences) === JSON.stringify(ownerReferences);
        if (live === undefined) {
          then();
        } else if (live.metadata.resourceVersion === resourceVersion || !isSameOwners) {
          then(error);
        } else {
          remove({ uid }, then);
        }
      });
    });
  }

  /** As attemptToOrphanWorker: dependents are let go all at once, then the owner. */
  #attemptToOrphan(uid: string, done: Done): void {
    const node = this.#graph.get(uid);
    if (node === undefined) {
      done('done');
      return;
    }
    const then: Ended = (error) => done(error ? 'retry' : 'done');
    allAtOnce<GraphNode, ApiError>(
      [...node.dependents],
      (dependent, ended) => this.#patch(dependent.identity, withoutOwners([uid]), ended),
      (error) => (error ? then(error) : this.#removeFinalizer(node.identity, ORPHAN, FINALIZER_ATTEMPTS, then)),
    );
  }

  #removeFinalizer(identity: Identity, finalizer: string, attempts: number, then: Ended): void {
    this.#read(identity, (latest, error) => {
      if (error || latest === undefined || !hasFinalizer(latest.metadata, finalizer)) {
        then(error);
        return;
      }
      const changed = withoutFinalizer(finalizer)(latest);
      this.#client.update(identity.kind as Kind, changed as never, (reply) => {
        if (reply.ok || reply.error.reason === 'NotFound') {
          then();
        } else if (reply.error.reason === 'Conflict' && attempts > 1) {
          this.#removeFinalizer(identity, finalizer, attempts - 1, then);
        } else {
          then(reply.error);
        }
      });
    });
  }

  #patch(identity: Identity, change: <T extends AnyObject>(object: T) => T, then: Ended): void {
    this.#client.patch(
      identity.kind as Kind,
      keyOfIdentity(identity),
      (object) => (object.metadata.uid === identity.uid ? change(object) : object),
      (reply) => then(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error),
    );
  }

  #readOwner(identity: Identity, then: (owner: AnyObject | undefined, error?: ApiError) => void): void {
    if (this.#absentOwners.get(textOf(identity))) {
      then(undefined);
      return;
    }
    this.#read(identity, (owner, error) => {
      if (owner === undefined && error === undefined) {
        this.#rememberAbsent(identity);
      }
      then(owner, error);
    });
  }

  /** A live read; undefined when there is nothing of that name and uid. */
  #read(identity: Identity, then: (object: AnyObject | undefined, error?: ApiError) => void): void {
    if (!isKind(identity.kind)) {
      then(undefined);
      return;
    }
    this.#client.get(identity.kind, keyOfIdentity(identity), (reply) => {
      if (reply.ok) {
        then(reply.object.metadata.uid === identity.uid ? reply.object : undefined);
      } else {
        then(undefined, reply.error.reason === 'NotFound' ? undefined : reply.error);
      }
    });
  }

  #rememberAbsent(identity: Identity): void {
    this.#absentOwners.set(textOf(identity), true);
  }

  #tellInvalidOwner(node: GraphNode, ownerUid: string): void {
    const { namespace, apiVersion, kind, name, uid } = node.identity;
    const owner = node.owners.find((one) => one.uid === ownerUid);
    if (owner) {
      const reference = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${ownerUid}]`;
      const regarding: ObjectReference = { apiVersion, kind, name, uid, namespace };
      const message = `ownerRef ${reference} does not exist in namespace "${namespace}"`;
      this.#events.event(regarding, 'Warning', 'OwnerRefInvalidNamespace', message);
    }
  }
}

const keyOfIdentity = ({ namespace, name }: Identity): string => keyFor(namespace, name);
const textOf = ({ kind, namespace, name, uid }: Identity): string => `${kind}/${namespace ?? ''}/${name}/${uid}`;

export const createGarbageCollector = (
  context: ControllerContext,
  config: GarbageCollectorConfiguration,
): GarbageCollector => new GarbageCollector(context, config);
