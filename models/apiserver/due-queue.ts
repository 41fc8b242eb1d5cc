import { type Micros, type Simulation, SlotTable, type TimerBank } from '../../engine/index.js';

/** Something on its way. */
export interface Due {
  /** Filled in by the queue, as is its turn among what is due at that instant. */
  due: Micros;
  turn: number;
  readonly sentAt: Micros;
  readonly from: string;
}

/**
 * What travels between server and clients: handed out in order of due time, then of sending, as if each had a timer of its own that
 * was armed when it was sent: what else travels moves nothing. What machines send in the same microsecond comes in the order of their
 * names (docs/decisions/0006). What is due at one instant comes with one event as long as nothing
 * else has its turn in between. Latencies being alike, nearly everything is pushed in order and costs no sorting; the rest goes into
 * a heap.
 */
export class DueQueue<T extends Due> {
  readonly #simulation: Simulation;
  readonly #timer: TimerBank;
  readonly #onDue: (item: T) => void;
  #line: (T | undefined)[] = [];
  #head = 0;
  readonly #early: T[] = [];
  #isDelivering = false;

  constructor(simulation: Simulation, name: string, onDue: (item: T) => void) {
    this.#simulation = simulation;
    this.#onDue = onDue;
    const slots = new SlotTable();
    slots.claim(name);
    this.#timer = simulation.timers(name, slots, () => this.#deliver());
  }

  push(item: T, due: Micros): void {
    item.due = due;
    item.turn = this.#simulation.takeTurn();
    const last = this.#line[this.#line.length - 1];
    if (last === undefined || !isBefore(item, last)) {
      this.#line.push(item);
    } else {
      pushHeap(this.#early, item);
    }
    if (!this.#isDelivering && due < this.#timer.firesAt(0)) {
      this.#arm(item);
    }
  }

  #deliver(): void {
    const { now } = this.#simulation;
    this.#isDelivering = true;
    let next = this.#peek();
    do {
      this.#take(next as T);
      this.#onDue(next as T);
      next = this.#peek();
    } while (next !== undefined && next.due <= now && this.#simulation.isTurn(next.due, next.turn));
    this.#isDelivering = false;
    if (next !== undefined) {
      this.#arm(next);
    }
  }

  #arm({ due, turn }: T): void {
    this.#timer.arm(0, due - this.#simulation.now, turn);
  }

  #peek(): T | undefined {
    const inLine = this.#line[this.#head];
    const early = this.#early[0];
    return early === undefined || (inLine !== undefined && !isBefore(early, inLine)) ? inLine : early;
  }

  #take(item: T): void {
    if (item === this.#early[0]) {
      popHeap(this.#early);
      return;
    }
    this.#line[this.#head++] = undefined;
    if (this.#head === this.#line.length) {
      this.#line = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }
}

const isBefore = (a: Due, b: Due): boolean => a.due < b.due || (a.due === b.due && wasSentBefore(a, b));

function wasSentBefore(a: Due, b: Due): boolean {
  if (a.sentAt !== b.sentAt) {
    return a.sentAt < b.sentAt;
  }
  return a.from === b.from ? a.turn < b.turn : a.from < b.from;
}

function pushHeap<T extends Due>(heap: T[], item: T): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(item, heap[parent] as T)) {
      break;
    }
    heap[at] = heap[parent] as T;
    at = parent;
  }
  heap[at] = item;
}

function popHeap<T extends Due>(heap: T[]): void {
  const item = heap.pop() as T;
  const size = heap.length;
  if (size === 0) {
    return;
  }
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= size) {
      break;
    }
    if (child + 1 < size && isBefore(heap[child + 1] as T, heap[child] as T)) {
      child++;
    }
    if (!isBefore(heap[child] as T, item)) {
      break;
    }
    heap[at] = heap[child] as T;
    at = child;
  }
  heap[at] = item;
}
