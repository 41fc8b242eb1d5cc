import type { Micros } from '../../engine/index.js';
import type { ObjectKey } from '../../engine/store/store.js';
import type { Component } from './component.js';

/** How a sync ended: forget the key's failures, retry it with the queue's rate limiter, or look again later. */
export type SyncResult = 'done' | 'retry' | { readonly requeueAfter: Micros };

/**
 * A level-triggered controller: a work queue of keys and a fixed number of workers. A worker is busy from the start of a sync
 * until its `done` is called, so requests inside a sync hold it as they do in the real controllers.
 */
export abstract class Controller implements Component {
  abstract readonly name: string;
  abstract start(): void;
  abstract stop(): void;
  /** Given a key, never an event. Compares wanted with found, writes the difference, then calls `done` once. */
  protected abstract sync(key: ObjectKey, done: (result: SyncResult) => void): void;
}
