import type { Micros } from '../../../engine/index.js';
import type { ContainerRuntime, RuntimePod } from '../../world/index.js';
import type { ProcessClock, Ticker } from '../process-clock.js';
import { type PodLifecycleEvent, podLifecycleEvents } from './decisions.js';
import { type CachedPod, RuntimeCache } from './runtime-cache.js';

export interface PlegOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly relistPeriod: Micros;
  /** When the first relist runs; the others follow at the period. */
  readonly firstRelistAt: Micros;
  /** What else falls on the instant of a relist is done first. */
  beforeRelist(): void;
  /** Called for every pod of which something was found changed, after the cache knows it. */
  onEvents(uid: string, events: readonly PodLifecycleEvent[]): void;
}

/**
 * The pod lifecycle event generator: the kubelet learns what its containers do only by listing them all each second, or one
 * pod when it asked for that [37]. As GenericPLEG (k8s 1.37 pkg/kubelet/pleg/generic.go). A relist that would find nothing
 * new and that nobody waits for is not simulated.
 */
export class Pleg {
  readonly #options: PlegOptions;
  readonly #cache = new RuntimeCache();
  readonly #relists: Ticker;
  /** Pods of which something changed since they were last listed, and when it first did. */
  readonly #changed = new Map<string, Micros>();
  #firstListAt: Micros | undefined;

  constructor(options: PlegOptions) {
    this.#options = options;
    const { clock, relistPeriod, firstRelistAt } = options;
    this.#relists = clock.ticker(relistPeriod, firstRelistAt, () => this.#relist());
    // The first list is made at once; the others drift away from it, so that their phase is anybody's.
    clock.after(0, () => this.#relist());
  }

  /** When all pods were last listed; -Infinity before the first time. */
  get listedAt(): Micros {
    const { clock, runtime } = this.#options;
    return this.#firstListAt === undefined
      ? Number.NEGATIVE_INFINITY
      : Math.max(this.#firstListAt, this.#relists.lastUpTo(runtime.hangsSince ?? clock.now));
  }

  get(uid: string): CachedPod {
    return this.#cache.get(uid);
  }

  /** Every pod the runtime was seen to hold something of. */
  uids(): Iterable<string> {
    return this.#cache.uids();
  }

  /** Answers at once or after the next relist: never with something learned before `time`. */
  getNewerThan(uid: string, time: Micros, then: (cached: CachedPod) => void): void {
    const cached = this.#cache.getNewerThan(uid, time, this.listedAt);
    if (cached !== undefined) {
      then(cached);
      return;
    }
    this.#cache.subscribe(uid, time, then);
    this.#relists.wakeAfter(this.#options.clock.now);
  }

  /** The runtime did something to this pod: the next relist will find it. */
  podChanged(uid: string): void {
    const { now } = this.#options.clock;
    if (!this.#changed.has(uid)) {
      this.#changed.set(uid, now);
    }
    this.#relists.wakeAfter(now);
  }

  /** Lists this pod now, apart from the others (gate PLEGOnDemandRelist). */
  requestRelist(uid: string): void {
    const { clock, runtime } = this.#options;
    runtime.inspect(
      uid,
      clock.whileAlive((pod: RuntimePod | undefined) => {
        this.#changed.delete(uid);
        this.#reconcile(uid, pod);
        this.#cache.setObserved(uid, clock.now);
      }),
    );
  }

  #relist(): void {
    const { clock, runtime } = this.#options;
    this.#options.beforeRelist();
    if (!runtime.isResponding) {
      // The call hangs or fails: nothing is learned until it works again.
      this.#relists.wakeAfter(clock.now);
      return;
    }
    if (this.#firstListAt === undefined) {
      this.#firstListAt = clock.now;
      for (const { uid } of runtime.pods()) {
        this.#changed.set(uid, Number.NEGATIVE_INFINITY);
      }
    }
    for (const [uid, since] of [...this.#changed].sort(byUid)) {
      // What happens at the very instant of a relist is found by the next one.
      if (since < clock.now) {
        this.#changed.delete(uid);
        this.#reconcile(uid, runtime.pod(uid));
      } else {
        this.#relists.wakeAfter(clock.now);
      }
    }
    this.#cache.setListed(clock.now);
  }

  #reconcile(uid: string, pod: RuntimePod | undefined): void {
    const before = this.#cache.get(uid).pod;
    const events = pod === before ? [] : podLifecycleEvents(before, pod);
    if (events.length > 0) {
      this.#cache.set(uid, pod, this.#options.clock.now);
      this.#options.onEvents(uid, events);
    }
  }
}

/** The kubelet goes through a map, in any order (k8s 1.37 pkg/kubelet/pleg/generic.go Relist); here the order of uids. */
const byUid = ([a]: readonly [string, Micros], [b]: readonly [string, Micros]): number => (a < b ? -1 : 1);
