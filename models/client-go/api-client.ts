import type { Micros } from '../../engine/index.js';
import type { ObjectKey } from '../../engine/store/store.js';
import type { EphemeralContainer, Kind, Kinds, ObjectMeta, Party } from '../api/index.js';
import type { ComputedObjects } from './computed.js';
import type { EventRecorder, EventSource } from './event-recorder.js';
import type { InformerFactory } from './informer.js';

/** Reasons of metav1.Status (k8s.io/apimachinery pkg/apis/meta/v1/types.go), and one for a server nobody answers from. */
export type ErrorReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'InternalError'
  | 'Invalid'
  | 'NotFound'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unreachable';

export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** metav1.Status as far as clients look at it. */
export interface ApiError {
  readonly reason: ErrorReason;
  readonly code: number;
  readonly message: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export type Reply<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly error: ApiError };
export type Then<T> = (reply: Reply<T>) => void;

/** An object as it is posted: the server fills in the rest of its metadata, defaults and status. */
export type Draft<T extends { readonly metadata: ObjectMeta }> = Omit<T, 'metadata'> & {
  readonly metadata: Partial<T['metadata']>;
};

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Who writes, as metadata.managedFields has it. */
export interface Writer {
  readonly manager: string;
  readonly subresource?: string;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes over fields whose managers want another value: else they are a Conflict. */
  readonly force?: boolean;
}

/**
 * One component's connection to the API server. Every request waits for the client's token bucket, takes the latencies that
 * the world gives it and is answered through `then`; if either end dies or cannot be reached the answer is an error after the
 * client's time-out, or never when the asking process is dead. Objects handed over must not be changed afterwards.
 */
export interface ApiClient {
  /** Whether a request can make the ones after it wait: the client has a token bucket. */
  readonly isLimited: boolean;
  get<K extends Kind>(kind: K, key: ObjectKey, then: Then<Kinds[K]>): void;
  list<K extends Kind>(kind: K, namespace: string | undefined, then: (reply: Reply<readonly Kinds[K][]>) => void): void;
  /** Here and in other writes `writer` is left out by all but kubectl: it is the process. */
  create<K extends Kind>(kind: K, object: Draft<Kinds[K]>, then: Then<Kinds[K]>, writer?: Writer): void;
  /** PUT: refused with Conflict unless `changed` carries the resourceVersion in force. Keeps the stored status. */
  update<K extends Kind>(kind: K, changed: Kinds[K], then: Then<Kinds[K]>, writer?: Writer): void;
  /** PUT …/status: the same for the status alone. */
  updateStatus<K extends Kind>(kind: K, changed: Kinds[K], then: Then<Kinds[K]>): void;
  /**
   * PATCH: `change` runs in the server on the object in force and answers the object wanted; answering its argument means no
   * change. There is no Conflict, unless the answer carries the resourceVersion of another version; one that carries the uid of
   * another object is Invalid. `change` must be pure.
   */
  patch<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    then: Then<Kinds[K]>,
    writer?: Writer,
  ): void;
  /** PATCH with an apply patch: server-side apply. `object` says what its writer wants to own, and nothing else. */
  apply<K extends Kind>(kind: K, object: Kinds[K], options: ApplyOptions, then: Then<Kinds[K]>): void;
  patchStatus<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    then: Then<Kinds[K]>,
  ): void;
  delete<K extends Kind>(kind: K, key: ObjectKey, options: DeleteOptions, then: Then<Kinds[K]>): void;
  /** DELETE of all objects of a kind in a namespace: one request. Answers them as they were. */
  deleteCollection<K extends Kind>(
    kind: K,
    namespace: string,
    options: DeleteOptions,
    then: (reply: Reply<readonly Kinds[K][]>) => void,
  ): void;
  /** PUT namespaces/…/finalize: the only way to change spec.finalizers; the last one off ends a namespace that is being deleted. */
  finalize(namespace: Kinds['Namespace'], then: Then<Kinds['Namespace']>): void;
  /** POST pods/…/binding. Conflict when the pod has a node already, is being deleted, or has another uid. */
  bind(pod: ObjectKey, uid: string, node: string, then: Then<Kinds['Pod']>): void;
  /** PATCH pods/…/ephemeralcontainers: one more; no pod loses or changes one. */
  addEphemeralContainer(pod: ObjectKey, container: EphemeralContainer, then: Then<Kinds['Pod']>): void;
  /** POST pods/…/eviction: honours PodDisruptionBudgets; TooManyRequests when none may go now. */
  evict(pod: ObjectKey, options: DeleteOptions, then: Then<Kinds['Pod']>): void;
  /**
   * What `send` asks for counts as having left at `sentAt`, less than a latency ago: for a request that could be told in
   * advance until now, and from now on has to find its way.
   */
  backdated(sentAt: Micros, send: () => void): void;
  /** Forgets requests in flight: their answers never arrive. For a process that dies. */
  abandon(): void;
}

/** How a component wants to be known and limited. */
export interface ClientOptions {
  /** As in the User-Agent; also the name under which traffic is reported. */
  readonly name: string;
  /** Where the process runs: the control plane, or a node by name. */
  readonly from: Party;
  /** Token bucket of k8s.io/client-go util/flowcontrol; qps ≤ 0 means no limit. */
  readonly qps: number;
  readonly burst: number;
  /** 0 means none. */
  readonly timeout?: Micros;
}

/** The door of the API server that processes are built with. */
export interface ApiConnection {
  client(options: ClientOptions): ApiClient;
  /** One factory a process: its informers share caches and lag together. */
  informers(options: { readonly name: string; readonly from: Party }): InformerFactory;
  /** Tells what happens to objects, as this component; its writes go through that client. */
  eventRecorder(client: ApiClient, source: EventSource): EventRecorder;
  /** The same for components that write events.k8s.io/v1, as the scheduler does: repeats become series. */
  seriesEventRecorder(client: ApiClient, source: EventSource): EventRecorder;
  /** Calls whenever this party loses the server, or reaches it again. */
  onLinkChange(party: Party, listener: () => void): void;
  /** Objects whose versions are computed on read, so that their quiet renewals cost no event. */
  readonly computed: ComputedObjects;
}
