import { type EventHandle, type Micros, seconds } from '../../engine/index.js';
import { type Event, keyOf, type ObjectReference } from '../api/index.js';
import type { Reply } from './api-client.js';
import {
  EventNames,
  type EventRecorder,
  type EventRecorderOptions,
  eventNamespace,
  MAX_TRIES_PER_EVENT,
  type Regarding,
  referenceTo,
} from './event-recorder.js';

export interface SeriesSettings {
  /** What the count of a series starts with when its second event comes. */
  readonly firstCount: number;
}

/** An event that was told, and how often and when last since. */
interface Told {
  readonly event: Event;
  count: number;
  last: Micros;
}

// k8s.io/client-go tools/events/event_broadcaster.go finishTime, refreshTime, defaultSleepDuration, attemptRecording
const FINISH_TIME = seconds(6 * 60);
const REFRESH_TIME = seconds(30 * 60);
const RETRY_AFTER = seconds(10);
const RETRY_JITTER = 0.25;

/**
 * k8s.io/client-go tools/events, which the scheduler uses (events.k8s.io/v1): the second event of the same object, reason and action
 * makes a series of the first; further ones are only counted, and the count is written every 30 minutes and when the series ends,
 * at the first six-minute tick that has not heard of it for six minutes. Messages of later events are not written.
 */
export class SeriesEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #settings: SeriesSettings;
  readonly #names: EventNames;
  readonly #told = new Map<string, Told>();
  readonly #startedAt: Micros;
  #tick: EventHandle | undefined;
  #life = 0;

  constructor(options: EventRecorderOptions, settings: SeriesSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#names = new EventNames(options);
    this.#startedAt = options.simulation.now;
  }

  event(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, message: string, action = ''): void {
    const involvedObject = referenceTo(regarding);
    const key = keyOfSeries(involvedObject, type, reason, action);
    const told = this.#told.get(key);
    const { now } = this.#options.simulation;
    if (told === undefined) {
      const event = this.#draft(involvedObject, type, reason, message, action);
      this.#told.set(key, { event, count: 0, last: now });
      this.#create(event, 1);
      this.#armTick();
      return;
    }
    told.last = now;
    told.count = told.count === 0 ? this.#settings.firstCount : told.count + 1;
    if (told.count === this.#settings.firstCount) {
      this.#patch(told.event, told.count, told.last, 1);
    }
  }

  reset(): void {
    this.#life++;
    this.#told.clear();
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  /** Ticks are six minutes apart from the start of the process; none happens while nothing is remembered. */
  #armTick(): void {
    if (this.#tick === undefined && this.#told.size > 0) {
      const { simulation } = this.#options;
      const rest = FINISH_TIME - ((simulation.now - this.#startedAt) % FINISH_TIME);
      this.#tick = simulation.after(rest, () => this.#onTick());
    }
  }

  #onTick(): void {
    const { now } = this.#options.simulation;
    const isRefresh = (now - this.#startedAt) % REFRESH_TIME === 0;
    for (const [key, told] of this.#told) {
      const isOver = told.last < now - FINISH_TIME;
      if (told.count > 0 && (isOver || isRefresh)) {
        this.#patch(told.event, told.count, told.last, MAX_TRIES_PER_EVENT);
      }
      if (isOver) {
        this.#told.delete(key);
      }
    }
    this.#tick = undefined;
    this.#armTick();
  }

  #create(event: Event, attempt: number): void {
    this.#options.client.create(
      'Event',
      event,
      this.#orRetry(attempt, () => this.#create(event, attempt + 1)),
    );
  }

  #patch(event: Event, count: number, lastObservedTime: Micros, attempt: number): void {
    const series = { count, lastObservedTime };
    const orRetry = this.#orRetry(attempt, () => this.#patch(event, count, lastObservedTime, attempt + 1));
    const change = (current: Event): Event => ({ ...current, series });
    this.#options.client.patch('Event', keyOf(event), change, (reply) => {
      if (!reply.ok && reply.error.reason === 'NotFound') {
        this.#options.client.create('Event', { ...event, series }, orRetry);
      } else {
        orRetry(reply);
      }
    });
  }

  /** Tries again when the server could not be reached. */
  #orRetry(attempt: number, retry: () => void): (reply: Reply<Event>) => void {
    const life = this.#life;
    return (reply) => {
      const isLost = !reply.ok && reply.error.reason === 'Unreachable';
      if (isLost && life === this.#life && attempt < MAX_TRIES_PER_EVENT) {
        const { simulation } = this.#options;
        const delay = RETRY_AFTER * (1 + RETRY_JITTER * this.#names.share(simulation.now));
        simulation.after(Math.round(delay), () => {
          if (life === this.#life) {
            retry();
          }
        });
      }
    };
  }

  #draft(involvedObject: ObjectReference, type: string, reason: string, message: string, action: string): Event {
    const { component, host, simulation } = this.#options;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#names.next(involvedObject), namespace: eventNamespace(involvedObject) },
      involvedObject,
      type,
      reason,
      message,
      action,
      eventTime: simulation.now,
      reportingComponent: component,
      reportingInstance: `${component}-${host ?? 'control-plane'}`,
    };
  }
}

function keyOfSeries(object: ObjectReference, type: string, reason: string, action: string): string {
  const { kind, namespace, name, uid, resourceVersion, fieldPath } = object;
  return [kind, namespace, name, uid, resourceVersion, fieldPath, type, reason, action].join('|');
}
