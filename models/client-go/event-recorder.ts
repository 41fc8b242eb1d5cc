import {
  entityKey,
  type ObjectKey,
  type RandomStream,
  type Simulation,
  seconds,
  wholeSecond,
} from '../../engine/index.js';
import { type AnyObject, type Event, keyFor, type ObjectReference } from '../api/index.js';
import type { ApiClient, Reply } from './api-client.js';
import { type Correlated, type CorrelatorSettings, EventCorrelator, type Telling } from './event-correlator.js';

export interface EventRecorderOptions {
  readonly simulation: Simulation;
  /** Events share this client's token bucket with whatever else it sends. */
  readonly client: ApiClient;
  /** source.component: "kubelet", "default-scheduler", "deployment-controller". */
  readonly component: string;
  /** source.host, of a kubelet. */
  readonly host?: string;
  readonly settings: CorrelatorSettings;
}

/** An object, or a reference that may name a part of one (fieldPath). */
export type Regarding = AnyObject | ObjectReference;

interface Waiting {
  readonly event: Telling;
  readonly at: number;
}

// k8s.io/client-go tools/record/event.go maxQueuedEvents, maxTriesPerEvent, defaultSleepDuration
const MAX_QUEUED = 1000;
const MAX_TRIES = 12;
const RETRY_AFTER = seconds(10);

/**
 * k8s.io/client-go tools/record: tells what happened to an object as an Event. One after another goes through the correlator to the
 * server, each waiting for the answer to the one before; what finds the queue full is lost, as is what the server refuses.
 */
export class EventRecorder {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #source: { readonly component: string; readonly host?: string };
  readonly #settings: CorrelatorSettings;
  readonly #delays: RandomStream;
  #correlator: EventCorrelator;
  #queue: Waiting[] = [];
  #isSending = false;
  #life = 0;
  #names = 0;

  constructor({ simulation, client, component, host, settings }: EventRecorderOptions) {
    this.#simulation = simulation;
    this.#client = client;
    this.#source = host === undefined ? { component } : { component, host };
    this.#settings = settings;
    this.#delays = simulation.stream('event retry');
    this.#correlator = new EventCorrelator(settings);
    this.#names = entityKey(`${component}/${host ?? ''}`) % 1000;
  }

  event(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#queue.length >= MAX_QUEUED) {
      return;
    }
    const event = { involvedObject: referenceTo(regarding), type, reason, message, source: this.#source };
    this.#queue.push({ event, at: this.#simulation.now });
    this.#sendNext();
  }

  /** The process dies: what waits is lost, and what was told is forgotten. */
  reset(): void {
    this.#life++;
    this.#queue = [];
    this.#isSending = false;
    this.#correlator = new EventCorrelator(this.#settings);
  }

  #sendNext(): void {
    while (!this.#isSending) {
      const next = this.#queue.shift();
      if (next === undefined) {
        return;
      }
      const correlated = this.#correlator.correlate(next.event, this.#simulation.now);
      if (correlated.action !== 'drop') {
        this.#isSending = true;
        this.#send(next, correlated, 1);
      }
    }
  }

  #send(waiting: Waiting, correlated: Exclude<Correlated, { action: 'drop' }>, attempt: number): void {
    const life = this.#life;
    const namespace = waiting.event.involvedObject.namespace ?? 'default';
    const then = (reply: Reply<Event>): void => {
      if (life === this.#life) {
        this.#onAnswer(waiting, correlated, attempt, reply);
      }
    };
    if (correlated.action === 'patch') {
      const { name, count, message } = correlated;
      const lastTimestamp = wholeSecond(waiting.at);
      const change = (event: Event): Event => ({ ...event, count, message, lastTimestamp });
      this.#client.patch('Event', keyFor(namespace, name), change, then);
    } else {
      this.#client.create('Event', this.#draft(waiting, correlated.message, namespace), then);
    }
  }

  #onAnswer(
    waiting: Waiting,
    correlated: Exclude<Correlated, { action: 'drop' }>,
    attempt: number,
    reply: Reply<Event>,
  ): void {
    if (reply.ok) {
      this.#correlator.remember(correlated.key, reply.object.metadata.name, reply.object.count ?? 1);
    } else if (reply.error.reason === 'NotFound' && correlated.action === 'patch') {
      // The Event outlived its time to live: it is told anew.
      this.#send(waiting, { action: 'create', key: correlated.key, message: correlated.message }, attempt);
      return;
    } else if (reply.error.reason === 'Unreachable' && attempt < MAX_TRIES) {
      this.#retry(waiting, correlated, attempt);
      return;
    }
    this.#isSending = false;
    this.#sendNext();
  }

  #retry(waiting: Waiting, correlated: Exclude<Correlated, { action: 'drop' }>, attempt: number): void {
    const life = this.#life;
    const { component, host } = this.#source;
    // recordToSink: the first delay is random, so that components do not come back all at once.
    const share = attempt === 1 ? this.#delays.uniform(entityKey(`${component}/${host ?? ''}`), waiting.at) : 1;
    this.#simulation.after(Math.round(RETRY_AFTER * share), () => {
      if (life === this.#life) {
        this.#send(waiting, correlated, attempt + 1);
      }
    });
  }

  #draft({ event, at }: Waiting, message: string, namespace: string): Event {
    const time = wholeSecond(at);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#nameOf(event), namespace },
      ...event,
      message,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      reportingComponent: event.source?.component,
      reportingInstance: event.source?.host,
    };
  }

  // Real names end in nanoseconds since 1970. Ours count from the start of the run, and a serial number stands for what a clock of
  // microseconds cannot tell apart.
  #nameOf({ involvedObject }: Telling): ObjectKey {
    this.#names = (this.#names + 1) % 1000;
    return `${involvedObject.name}.${(this.#simulation.now * 1000 + this.#names).toString(16).padStart(16, '0')}`;
  }
}

function referenceTo(regarding: Regarding): ObjectReference {
  if (!('metadata' in regarding)) {
    return regarding;
  }
  const { apiVersion, kind, metadata } = regarding;
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}
