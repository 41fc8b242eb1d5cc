import type { KubeObject } from '../../api/index.js';
import type { ClusterEvent } from '../framework/events.js';

/** An event that came while pods were being placed. */
export interface SeenEvent {
  readonly event: ClusterEvent;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

interface Entry {
  /** Undefined for the entry that marks where a pod was taken out. */
  readonly seen: SeenEvent | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

/**
 * Pods taken out and not yet done, and the events since: what came while a pod was tried decides whether it is tried again.
 * As inFlightPods and inFlightEvents of activeQueue (pkg/scheduler/backend/queue/active_queue.go).
 */
export class InFlight {
  readonly #pods = new Map<string, Entry>();
  #head: Entry | undefined;
  #tail: Entry | undefined;
  #length = 0;

  /** Events remembered now. */
  get eventCount(): number {
    return this.#length - this.#pods.size;
  }

  get uids(): Iterable<string> {
    return this.#pods.keys();
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  takeOut(uid: string): void {
    this.#pods.set(uid, this.#push(undefined));
  }

  /** Nobody needs an event that came before anyone still in flight was taken out. */
  done(uid: string): void {
    const entry = this.#pods.get(uid);
    if (entry === undefined) {
      return;
    }
    this.#pods.delete(uid);
    this.#remove(entry);
    while (this.#head?.seen !== undefined) {
      this.#remove(this.#head);
    }
  }

  /** Remembers an event if anyone is in flight. */
  add(seen: SeenEvent): void {
    if (this.#pods.size > 0) {
      this.#push(seen);
    }
  }

  *eventsSince(uid: string): Iterable<SeenEvent> {
    for (let entry = this.#pods.get(uid)?.next; entry !== undefined; entry = entry.next) {
      if (entry.seen !== undefined) {
        yield entry.seen;
      }
    }
  }

  #push(seen: SeenEvent | undefined): Entry {
    const entry: Entry = { seen, previous: this.#tail, next: undefined };
    if (this.#tail === undefined) {
      this.#head = entry;
    } else {
      this.#tail.next = entry;
    }
    this.#tail = entry;
    this.#length++;
    return entry;
  }

  #remove(entry: Entry): void {
    if (entry.previous === undefined) {
      this.#head = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next === undefined) {
      this.#tail = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    this.#length--;
  }
}
