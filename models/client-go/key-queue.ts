import type { Micros, ObjectKey } from '../../engine/index.js';
import type { ControllerContext } from './context.js';
import { Controller, type ControllerSettings, type SyncResult } from './controller.js';

/** A work queue with workers, for a controller that has more than one. */
export class KeyQueue extends Controller {
  readonly name: string;
  readonly #work: (key: ObjectKey, done: (result: SyncResult) => void) => void;

  constructor(
    name: string,
    context: ControllerContext,
    settings: ControllerSettings,
    work: (key: ObjectKey, done: (result: SyncResult) => void) => void,
  ) {
    super(context, settings);
    this.name = name;
    this.#work = work;
  }

  add(key: ObjectKey): void {
    this.enqueue(key);
  }

  addAfter(key: ObjectKey, delay: Micros): void {
    this.enqueueAfter(key, delay);
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    this.#work(key, done);
  }
}
