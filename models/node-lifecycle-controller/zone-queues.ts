import { type EventHandle, invariant, type Micros, type Simulation } from '../../engine/index.js';
import { LoopGrid } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import { RateLimitedTimedQueue, type Tried } from './rate-limited-timed-queue.js';

export interface ZoneQueuesOptions {
  readonly simulation: Simulation;
  readonly config: Pick<
    NodeLifecycleConfiguration,
    'nodeEvictionPeriod' | 'nodeEvictionRate' | 'evictionRateLimiterBurst'
  >;
  /** When the queues are looked at for the first time. */
  readonly firstTick: Micros;
  /** Whether looks at queues that have nothing to give are left out. */
  readonly elides: boolean;
  /** Deals with a node whose turn it is. */
  readonly process: (node: string, done: (outcome: Tried) => void) => void;
}

/**
 * One queue of unready nodes per zone, looked at every nodeEvictionPeriod: the one rate limit between dead nodes and the
 * deletion of their pods. As zoneNoExecuteTainter with doNoExecuteTaintingPass (and zonePodEvictor with doEvictionPass).
 */
export class ZoneQueues {
  readonly #options: ZoneQueuesOptions;
  readonly #ticks: LoopGrid;
  readonly #queues = new Map<string, RateLimitedTimedQueue>();
  #timer: EventHandle | undefined;
  #timerAt: Micros = Number.POSITIVE_INFINITY;
  #isTicking = false;

  constructor(options: ZoneQueuesOptions) {
    this.#options = options;
    this.#ticks = new LoopGrid(options.firstTick, options.config.nodeEvictionPeriod, 0);
    this.#armNext();
  }

  /** A queue with a full bucket at the normal rate; one that was there before is forgotten with what it held. */
  open(zone: string): void {
    const { config } = this.#options;
    const queue = new RateLimitedTimedQueue(config.nodeEvictionRate, config.evictionRateLimiterBurst);
    this.#queues.set(zone, queue);
  }

  /** Whether some node waits for its turn. */
  get isEmpty(): boolean {
    return [...this.#queues.values()].every((queue) => queue.size === 0);
  }

  /** False when the node waits already, or had its turn and was not removed since. */
  add(zone: string, node: string): boolean {
    const isAdded = this.#queueOf(zone).add(node, this.#options.simulation.now);
    this.#armNext();
    return isAdded;
  }

  remove(zone: string, node: string): void {
    this.#queues.get(zone)?.remove(node);
  }

  swapLimiter(zone: string, rate: number): void {
    this.#queueOf(zone).swapLimiter(rate, this.#options.simulation.now);
    this.#armNext();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#queues.clear();
  }

  #queueOf(zone: string): RateLimitedTimedQueue {
    const queue = this.#queues.get(zone);
    invariant(queue !== undefined, `zone "${zone}" has no queue`);
    return queue;
  }

  #armNext(): void {
    const at = this.#isTicking ? this.#timerAt : this.#nextTick();
    if (at === this.#timerAt) {
      return;
    }
    this.#timer?.cancel();
    this.#timerAt = at;
    if (at !== Number.POSITIVE_INFINITY) {
      this.#timer = this.#options.simulation.after(at - this.#options.simulation.now, () => this.#tick());
    }
  }

  #nextTick(): Micros {
    const { now } = this.#options.simulation;
    if (!this.#options.elides) {
      return this.#ticks.from(now);
    }
    const turn = Math.min(...[...this.#queues.values()].map((queue) => queue.nextTurnAt(now)));
    return turn === Number.POSITIVE_INFINITY ? turn : this.#ticks.from(Math.max(now, turn));
  }

  #tick(): void {
    this.#isTicking = true;
    // The order of the zones is that of a Go map there; nothing but the order of the writes depends on it.
    this.#tickZones([...this.#queues.keys()].sort(), () => {
      this.#ticks.ended(this.#options.simulation.now);
      this.#isTicking = false;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#armNext();
    });
  }

  #tickZones(zones: readonly string[], then: () => void): void {
    const [zone, ...rest] = zones;
    if (zone === undefined) {
      then();
      return;
    }
    const queue = this.#queues.get(zone);
    const { now } = this.#options.simulation;
    const node = queue?.take(now);
    if (queue === undefined || node === undefined) {
      this.#tickZones(rest, then);
      return;
    }
    this.#options.process(node, (outcome) => {
      queue.settle(node, outcome, now);
      this.#tickZones(zones, then);
    });
  }
}
