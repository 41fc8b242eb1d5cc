import { type Micros, type Simulation, seconds } from '../../engine/index.js';
import { type AnyObject, keyOf } from '../api/index.js';
import type { EventRecorder } from '../client-go/index.js';

/** karpenter pkg/events/recorder.go defaultDedupeTimeout */
const DEDUPE: Micros = seconds(120);

/** Tells what happens to objects, the same thing once in a while. As events.Recorder. */
export class Teller {
  readonly #events: EventRecorder;
  readonly #simulation: Simulation;
  readonly #silentUntil = new Map<string, Micros>();

  constructor(events: EventRecorder, simulation: Simulation) {
    this.#events = events;
    this.#simulation = simulation;
  }

  tell(
    objects: readonly (AnyObject | undefined)[],
    reason: string,
    message: string,
    { isWarning = false, dedupe = DEDUPE }: { readonly isWarning?: boolean; readonly dedupe?: Micros } = {},
  ): void {
    for (const object of objects) {
      const key = `${object?.kind} ${object && keyOf(object)} ${reason} ${message}`;
      if (object !== undefined && this.#simulation.now >= (this.#silentUntil.get(key) ?? this.#simulation.now)) {
        this.#silentUntil.set(key, this.#simulation.now + dedupe);
        this.#events.event(object, isWarning ? 'Warning' : 'Normal', reason, message);
      }
    }
  }

  forget(): void {
    this.#silentUntil.clear();
    this.#events.reset();
  }
}
