import {
  type Distribution,
  draw,
  type EntityKey,
  entityKey,
  type Micros,
  milliseconds,
  type ObjectKey,
  type RandomStream,
  type Simulation,
  seconds,
} from '../../engine/index.js';
import type { EphemeralContainer, Kind, Kinds, Party } from '../api/index.js';
import {
  type ApiClient,
  type ApplyOptions,
  type ClientOptions,
  type DeleteOptions,
  type Draft,
  type Reply,
  type Then,
  TokenBucket,
  type Writer,
} from '../client-go/index.js';
import { DueQueue } from './due-queue.js';
import { unreachable } from './errors.js';
import type { Pause } from './eviction.js';
import type { LinkListener, Links } from './links.js';
import { type ReconnectionSettings, retransmittedAt } from './reconnection.js';
import type { Registry } from './registry.js';
import { writerOf } from './writers.js';

/** What all clients of a server share: the two ways between them and it. */
export interface ClientHost {
  readonly simulation: Simulation;
  readonly registry: Registry;
  readonly links: Links;
  readonly latency: Distribution;
  readonly latencies: RandomStream;
  readonly reconnection: ReconnectionSettings;
  readonly requests: DueQueue<Request>;
  readonly answers: DueQueue<Request>;
}

/** k8s.io/client-go rest/request.go maxRetries: how often a client obeys a Retry-After by itself. */
const MAX_RETRIES = 10;

/**
 * Pauses inside the server, each with how much longer it may be: k8s 1.37 pkg/registry/core/pod/storage/eviction.go EvictionsRetry;
 * plugin/pkg/admission/serviceaccount getServiceAccount.
 */
const PAUSES: Readonly<Record<Exclude<Pause['pauseFor'], 'write'>, readonly [base: Micros, jitter: number]>> = {
  conflict: [milliseconds(500), 0.1],
  'service account': [milliseconds(100), 1],
};

/** plugin/pkg/admission/serviceaccount getServiceAccount numAttempts. */
const SERVICE_ACCOUNT_LOOKS = 10;

/** What the server does: an answer, or that it goes on after a pause. */
type Act = () => Reply<unknown> | Pause;
type AnyThen = (reply: Reply<unknown>) => void;

/** One call on its way to the server and back. */
export class Request {
  due: Micros = 0;
  turn = 0;
  /** When it leaves the client, after the token bucket. */
  sentAt: Micros = 0;
  /** From leaving to being answered, when nothing goes wrong. */
  latency: Micros = 0;
  reply: Reply<unknown> | undefined;
  isOver = false;
  retries = 0;

  constructor(
    readonly from: Party,
    readonly client: Client,
    readonly life: number,
    readonly act: Act,
    readonly then: AnyThen,
    readonly isOfEvent: boolean,
  ) {}
}

/** The queues that carry every client's requests, given to all of them. */
export function clientQueues(simulation: Simulation): Pick<ClientHost, 'requests' | 'answers'> {
  return {
    requests: new DueQueue(simulation, 'API requests', (request) => request.client.arrive(request)),
    answers: new DueQueue(simulation, 'API answers', (request) => request.client.answer(request)),
  };
}

/** A component's connection. See ApiClient for its contract. */
export class Client implements ApiClient, LinkListener {
  readonly isLimited: boolean;
  readonly #host: ClientHost;
  readonly #options: ClientOptions;
  readonly #key: EntityKey;
  readonly #writer: Writer;
  readonly #lost = new Set<Request>();
  #bucket: TokenBucket;
  #calls = 0;
  /** When the requests made just now are said to have left; undefined for now. */
  #sendsAt: Micros | undefined;
  /** Counts the lives of the process: answers to an earlier one are not delivered. */
  #life = 0;
  #diedAt: Micros = Number.NEGATIVE_INFINITY;

  constructor(host: ClientHost, options: ClientOptions) {
    this.#host = host;
    this.#options = options;
    this.isLimited = options.qps > 0;
    this.#key = entityKey(`${options.from}/${options.name}`);
    this.#writer = writerOf(options);
    this.#bucket = new TokenBucket(options.qps, options.burst);
  }

  get<K extends Kind>(kind: K, key: ObjectKey, then: Then<Kinds[K]>): void {
    this.#send(() => this.#host.registry.read(kind, key), then);
  }

  list<K extends Kind>(
    kind: K,
    namespace: string | undefined,
    then: (reply: Reply<readonly Kinds[K][]>) => void,
  ): void {
    const isAskedFor = ({ metadata }: Kinds[K]): boolean => namespace === undefined || metadata.namespace === namespace;
    this.#send(() => ({ ok: true, object: this.#host.registry.listSorted(kind, isAskedFor) }), then);
  }

  create<K extends Kind>(kind: K, object: Draft<Kinds[K]>, then: Then<Kinds[K]>, writer = this.#writer): void {
    const { registry } = this.#host;
    let looks = 0;
    const act = (): Reply<Kinds[K]> | Pause => {
      const waits = ++looks < SERVICE_ACCOUNT_LOOKS && registry.isAwaiting(kind, object);
      return waits ? { pauseFor: 'service account' } : registry.create(kind, object, writer);
    };
    this.#send(act, then, kind === 'Event');
  }

  update<K extends Kind>(kind: K, changed: Kinds[K], then: Then<Kinds[K]>, writer = this.#writer): void {
    this.#send(() => this.#host.registry.update(kind, changed, writer), then);
  }

  updateStatus<K extends Kind>(kind: K, changed: Kinds[K], then: Then<Kinds[K]>): void {
    this.#send(() => this.#host.registry.updateStatus(kind, changed, this.#writer), then);
  }

  patch<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    then: Then<Kinds[K]>,
    writer = this.#writer,
  ): void {
    this.#send(() => this.#host.registry.patch(kind, key, change, writer), then, kind === 'Event');
  }

  apply<K extends Kind>(kind: K, object: Kinds[K], options: ApplyOptions, then: Then<Kinds[K]>): void {
    this.#send(() => this.#host.registry.apply(kind, object, options), then);
  }

  patchStatus<K extends Kind>(
    kind: K,
    key: ObjectKey,
    change: (current: Kinds[K]) => Kinds[K],
    then: Then<Kinds[K]>,
  ): void {
    this.#send(() => this.#host.registry.patchStatus(kind, key, change, this.#writer), then);
  }

  delete<K extends Kind>(kind: K, key: ObjectKey, options: DeleteOptions, then: Then<Kinds[K]>): void {
    this.#send(() => this.#host.registry.delete(kind, key, options), then);
  }

  deleteCollection<K extends Kind>(
    kind: K,
    namespace: string,
    options: DeleteOptions,
    then: (reply: Reply<readonly Kinds[K][]>) => void,
  ): void {
    this.#send(() => this.#host.registry.deleteCollection(kind, namespace, options), then);
  }

  finalize(namespace: Kinds['Namespace'], then: Then<Kinds['Namespace']>): void {
    this.#send(() => this.#host.registry.finalize(namespace), then);
  }

  bind(pod: ObjectKey, uid: string, node: string, then: Then<Kinds['Pod']>): void {
    this.#send(() => this.#host.registry.bind(pod, uid, node), then);
  }

  addEphemeralContainer(pod: ObjectKey, container: EphemeralContainer, then: Then<Kinds['Pod']>): void {
    this.#send(() => this.#host.registry.addEphemeralContainer(pod, container), then);
  }

  evict(pod: ObjectKey, options: DeleteOptions, then: Then<Kinds['Pod']>): void {
    const eviction = this.#host.registry.evict(pod, options);
    this.#send(() => eviction.step(), then);
  }

  backdated(sentAt: Micros, send: () => void): void {
    this.#sendsAt = sentAt;
    send();
    this.#sendsAt = undefined;
  }

  abandon(): void {
    this.#life++;
    this.#diedAt = this.#host.simulation.now;
    this.#bucket = new TokenBucket(this.#options.qps, this.#options.burst);
    this.#lost.clear();
    this.#host.links.unlisten(this.#options.from, this);
  }

  /** The request reaches the server, or would. What a process sent before it died is still carried out. */
  arrive(request: Request): void {
    if (request.isOver || (request.life !== this.#life && request.sentAt > this.#diedAt)) {
      return;
    }
    if (this.#host.links.cutAt(this.#options.from) !== undefined) {
      this.#lose(request);
      return;
    }
    this.#serve(request, request.latency - Math.floor(request.latency / 2));
  }

  #serve(request: Request, answersIn: Micros): void {
    const { simulation, answers, latencies } = this.#host;
    const outcome = request.act();
    if ('ok' in outcome) {
      request.reply = outcome;
      answers.push(request, simulation.now + answersIn);
      return;
    }
    // Reading an object and writing it are two of the calls of the storage, which take half of a request.
    const pause =
      outcome.pauseFor === 'write'
        ? Math.floor(request.latency / 4)
        : latencies.jitter(this.#key, this.#calls++, ...PAUSES[outcome.pauseFor]);
    simulation.after(pause, () => this.#serve(request, answersIn));
  }

  /** The answer reaches the client, or would. */
  answer(request: Request): void {
    const { reply } = request;
    if (request.isOver || request.life !== this.#life || reply === undefined) {
      return;
    }
    if (this.#host.links.cutAt(this.#options.from) !== undefined) {
      this.#lose(request);
      return;
    }
    if (!reply.ok && reply.error.retryAfterSeconds && request.retries < MAX_RETRIES) {
      request.retries++;
      this.#host.simulation.after(seconds(reply.error.retryAfterSeconds), () => this.#dispatch(request));
      return;
    }
    request.isOver = true;
    request.then(reply);
  }

  /** TCP sends again what was lost, unless the client has given up by then. */
  healed(): void {
    const { simulation, requests, answers } = this.#host;
    for (const request of this.#lost) {
      const at = retransmittedAt(request.due, simulation.now);
      (request.reply === undefined ? requests : answers).push(request, at);
    }
    this.#lost.clear();
    this.#host.links.unlisten(this.#options.from, this);
  }

  #send<T>(act: () => Reply<T> | Pause, then: (reply: Reply<T>) => void, isOfEvent = false): void {
    this.#dispatch(new Request(this.#options.from, this, this.#life, act, then as AnyThen, isOfEvent));
  }

  #dispatch(request: Request): void {
    if (request.life !== this.#life) {
      return;
    }
    const { simulation, latency, latencies, requests } = this.#host;
    request.reply = undefined;
    request.sentAt = this.#sendsAt ?? simulation.now + this.#bucket.reserve(simulation.now);
    // Events must not shift the luck of the other requests, because those that nobody reads may be left out.
    const isCounted = latency.kind !== 'constant' || !request.isOfEvent;
    const ordinal = isCounted ? this.#calls++ : this.#calls;
    request.latency = Math.max(0, Math.round(draw(latencies, this.#key, ordinal, latency)));
    const arrivesAt = request.sentAt + Math.floor(request.latency / 2);
    if (this.#sendsAt !== undefined && arrivesAt <= simulation.now) {
      this.#serve(request, request.sentAt + request.latency - simulation.now);
    } else {
      requests.push(request, arrivesAt);
    }
    const { timeout } = this.#options;
    if (timeout && request.latency > timeout) {
      this.#giveUpAt(request, request.sentAt + timeout);
    }
  }

  /** The network swallowed the request or its answer: the client will hear of it if the way heals, or give up. */
  #lose(request: Request): void {
    if (request.life !== this.#life) {
      return;
    }
    this.#host.links.listen(this.#options.from, this);
    this.#lost.add(request);
    const limit = Math.min(
      this.#options.timeout || Number.POSITIVE_INFINITY,
      this.#host.reconnection.connectionLostAfter,
    );
    this.#giveUpAt(request, request.sentAt + limit);
  }

  #giveUpAt(request: Request, at: Micros): void {
    this.#host.simulation.after(at - this.#host.simulation.now, () => {
      if (!request.isOver && request.life === this.#life) {
        request.isOver = true;
        this.#lost.delete(request);
        request.then(unreachable('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'));
      }
    });
  }
}
