import type { EntityKey, Micros, RandomStream, Simulation } from '../../engine/index.js';
import { entityKey } from '../../engine/index.js';
import type { AnyObject, ObjectReference } from '../api/index.js';
import type { ApiClient } from './api-client.js';

/** An object, or a reference that may name a part of one (fieldPath). */
export type Regarding = AnyObject | ObjectReference;

/** Tells what happens to objects, as Events. What cannot be told is lost without a word. */
export interface EventRecorder {
  /** `action` is what was done or failed; only Events of events.k8s.io carry it. */
  event(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, message: string, action?: string): void;
  /** The process dies: what waits is lost, what was told is forgotten. */
  reset(): void;
}

/** Who tells. */
export interface EventSource {
  /** "kubelet", "default-scheduler", "deployment-controller". */
  readonly component: string;
  /** Node of a kubelet. */
  readonly host?: string;
  /** Nothing but its Events goes through its client: nobody waits longer or shorter because of them. */
  readonly hasOwnClient?: boolean;
}

/** Tells nobody. */
export const SILENT_EVENT_RECORDER: EventRecorder = { event: () => undefined, reset: () => undefined };

export interface EventRecorderOptions extends EventSource {
  readonly simulation: Simulation;
  /** Events share this client's token bucket with whatever else it sends. */
  readonly client: ApiClient;
}

// k8s.io/client-go tools/record/event.go and tools/events/event_broadcaster.go
export const MAX_QUEUED_EVENTS = 1000;
export const MAX_TRIES_PER_EVENT = 12;

/** The identity of a recorder in draws, and the names of its Events. */
export class EventNames {
  readonly #simulation: Simulation;
  readonly key: EntityKey;
  readonly delays: RandomStream;
  #ordinal: number;

  constructor({ simulation, component, host }: EventRecorderOptions) {
    this.#simulation = simulation;
    this.key = entityKey(`${component}/${host ?? ''}`);
    this.delays = simulation.stream('event retry');
    this.#ordinal = this.key % 1000;
  }

  /**
   * "<object>.<nanoseconds in hexadecimal>", as util.GenerateEventName. Ours count from the start of the run, and a serial number
   * stands for what a clock of microseconds cannot tell apart.
   */
  next({ name }: ObjectReference): string {
    this.#ordinal = (this.#ordinal + 1) % 1000;
    return `${name}.${(this.#simulation.now * 1000 + this.#ordinal).toString(16).padStart(16, '0')}`;
  }

  /** Uniform in [0, 1), for the delay before another try. */
  share(at: Micros): number {
    return this.delays.uniform(this.key, at);
  }
}

export function referenceTo(regarding: Regarding): ObjectReference {
  if (!('metadata' in regarding)) {
    return regarding;
  }
  const { apiVersion, kind, metadata } = regarding;
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}

/** Events of cluster-scoped objects stand in this namespace. */
export const eventNamespace = ({ namespace }: ObjectReference): string => namespace ?? 'default';
