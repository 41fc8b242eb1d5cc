import { type Micros, seconds } from '../../engine/index.js';
import { type Event, keyFor } from '../api/index.js';
import type { Reply } from './api-client.js';
import { type Correlated, type CorrelatorSettings, EventCorrelator, type Telling } from './event-correlator.js';
import {
  EventNames,
  type EventRecorder,
  type EventRecorderOptions,
  eventNamespace,
  MAX_QUEUED_EVENTS,
  MAX_TRIES_PER_EVENT,
  type Regarding,
  referenceTo,
} from './event-recorder.js';

/** k8s.io/client-go tools/record/event.go defaultSleepDuration. */
const RETRY_AFTER = seconds(10);

/**
 * k8s.io/client-go tools/record, which all but the scheduler use: one event after another goes through the correlator to the server,
 * each waiting for the answer to the one before. What finds the queue full is lost, as is what the server refuses.
 */
export class CorrelatingEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #settings: CorrelatorSettings;
  readonly #names: EventNames;
  readonly #source: Event['source'];
  #correlator: EventCorrelator;
  #queue: Telling[] = [];
  #isSending = false;
  #life = 0;

  constructor(options: EventRecorderOptions, settings: CorrelatorSettings) {
    const { component, host } = options;
    this.#options = options;
    this.#settings = settings;
    this.#names = new EventNames(options);
    this.#source = host === undefined ? { component } : { component, host };
    this.#correlator = this.#newCorrelator();
  }

  event(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#queue.length >= MAX_QUEUED_EVENTS) {
      return;
    }
    const involvedObject = referenceTo(regarding);
    const name = this.#names.next(involvedObject);
    const at = this.#options.simulation.now;
    this.#queue.push({ involvedObject, type, reason, message, source: this.#source, name, at });
    this.#sendNext();
  }

  reset(): void {
    this.#life++;
    this.#queue = [];
    this.#isSending = false;
    this.#correlator = this.#newCorrelator();
  }

  #newCorrelator(): EventCorrelator {
    return new EventCorrelator(this.#settings, ({ involvedObject }) => this.#names.next(involvedObject));
  }

  #sendNext(): void {
    while (!this.#isSending) {
      const next = this.#queue.shift();
      if (next === undefined) {
        return;
      }
      const correlated = this.#correlator.correlate(next, this.#options.simulation.now);
      if (correlated !== undefined) {
        this.#isSending = true;
        this.#send(next, correlated, 1);
      }
    }
  }

  #send(telling: Telling, correlated: Correlated, attempt: number): void {
    const then = this.#ifAlive((reply: Reply<Event>) => {
      if (!reply.ok && reply.error.reason === 'NotFound' && correlated.count > 1) {
        // The Event outlived its time to live, or never was: it is told anew, under the same name.
        const whenCreated = this.#ifAlive((created: Reply<Event>) =>
          this.#onAnswer(telling, correlated, attempt, created),
        );
        this.#options.client.create('Event', draft(telling, correlated), whenCreated);
      } else {
        this.#onAnswer(telling, correlated, attempt, reply);
      }
    });
    if (correlated.count === 1) {
      this.#options.client.create('Event', draft(telling, correlated), then);
      return;
    }
    const { name, ...counted } = correlated;
    const key = keyFor(eventNamespace(telling.involvedObject), name);
    this.#options.client.patch('Event', key, (event) => ({ ...event, ...counted }), then);
  }

  #onAnswer(telling: Telling, correlated: Correlated, attempt: number, reply: Reply<Event>): void {
    if (!reply.ok && reply.error.reason === 'Unreachable' && attempt < MAX_TRIES_PER_EVENT) {
      const retry = this.#ifAlive(() => this.#send(telling, correlated, attempt + 1));
      this.#options.simulation.after(this.#delay(telling.at, attempt), () => retry(undefined));
      return;
    }
    this.#isSending = false;
    this.#sendNext();
  }

  /** recordToSink: the first delay is random, so that components do not come back all at once. */
  #delay(at: Micros, attempt: number): Micros {
    return attempt === 1 ? Math.round(RETRY_AFTER * this.#names.share(at)) : RETRY_AFTER;
  }

  #ifAlive<A>(action: (argument: A) => void): (argument: A) => void {
    const life = this.#life;
    return (argument) => {
      if (life === this.#life) {
        action(argument);
      }
    };
  }
}

const draft = (telling: Telling, { name, ...counted }: Correlated): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: eventNamespace(telling.involvedObject) },
  involvedObject: telling.involvedObject,
  type: telling.type,
  reason: telling.reason,
  source: telling.source,
  reportingComponent: telling.source?.component,
  reportingInstance: telling.source?.host,
  ...counted,
});
