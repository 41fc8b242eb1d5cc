import TinyQueue from 'tinyqueue';
import { invariant } from '../invariant.js';
import type { Micros } from '../time/micros.js';
import type { EventQueue } from './event-queue.js';

interface Entry {
  readonly at: Micros;
  readonly ordinal: number;
  readonly timer: number;
}

const earlier = (a: Entry, b: Entry): number => a.at - b.at || a.ordinal - b.ordinal;

/** The plain queue: tinyqueue over objects, removal by forgetting. The fast queue is compared with this one in tests. */
export class TinyEventQueue implements EventQueue {
  readonly #heap = new TinyQueue<Entry>([], earlier);
  readonly #live = new Map<number, Entry>();
  #ordinal = 0;

  get size(): number {
    return this.#live.size;
  }

  get nextAt(): Micros {
    this.#dropForgotten();
    return this.#heap.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  get nextTurn(): number {
    this.#dropForgotten();
    return this.#heap.peek()?.ordinal ?? Number.POSITIVE_INFINITY;
  }

  takeTurn(): number {
    return this.#ordinal++;
  }

  armedAt(timer: number): Micros {
    return this.#live.get(timer)?.at ?? Number.POSITIVE_INFINITY;
  }

  push(at: Micros, timer: number, turn = this.takeTurn()): void {
    invariant(!this.#live.has(timer), `timer ${timer} is in the queue already`);
    const entry: Entry = { at, ordinal: turn, timer };
    this.#live.set(timer, entry);
    this.#heap.push(entry);
  }

  pop(): number {
    this.#dropForgotten();
    const entry = this.#heap.pop();
    invariant(entry !== undefined, 'pop from an empty event queue');
    this.#live.delete(entry.timer);
    return entry.timer;
  }

  remove(timer: number): void {
    this.#live.delete(timer);
  }

  #dropForgotten(): void {
    for (let head = this.#heap.peek(); head && this.#live.get(head.timer) !== head; head = this.#heap.peek()) {
      this.#heap.pop();
    }
  }
}
