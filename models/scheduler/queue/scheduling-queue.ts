import type { Micros } from '../../../engine/index.js';
import { type KubeObject, keyOf, type Pod } from '../../api/index.js';
import { type ClusterEvent, WILDCARD } from '../framework/events.js';
import type { Plugin } from '../framework/plugin.js';
import { type PodInfo, podInfoOf } from '../framework/pod-info.js';
import type { Profile } from '../framework/profile.js';
import { podChanges } from './changes.js';
import { type BackoffSettings, backoffExpiry, isBackingOff } from './decisions.js';
import { InFlight } from './in-flight.js';
import { Interests } from './interests.js';
import { KeyedHeap } from './keyed-heap.js';
import type { Nominations } from './nominations.js';
import { QueuedPodInfo } from './queued-pod-info.js';

export interface QueueSettings extends BackoffSettings {
  /** After so long in the pool a pod is tried again whatever happened. */
  readonly podMaxInUnschedulablePodsDuration: Micros;
  /** An empty active queue takes from the back-off queue early. */
  readonly popsFromBackoff: boolean;
  /** Plugins are asked whether an event helps a pod; before, any event that a rejector waits for moved it. */
  readonly usesHints: boolean;
}

export interface QueueOptions {
  readonly settings: QueueSettings;
  readonly profiles: readonly Profile[];
  /** Whether pods may be refused by extenders. */
  readonly hasExtenders?: boolean;
  readonly nominations: Nominations;
  readonly now: () => Micros;
  /** Called when something may be poppable, or waits for a flush. */
  readonly onChange: () => void;
}

type Strategy = 'skip' | 'afterBackoff' | 'immediately';

/**
 * Pods that wait: active, backing off, and unschedulable until an event may help. As PriorityQueue
 * (pkg/scheduler/backend/queue/scheduling_queue.go).
 */
export class SchedulingQueue {
  readonly #settings: QueueSettings;
  readonly #now: () => Micros;
  readonly #onChange: () => void;
  readonly #nominations: Nominations;
  readonly #interests: Interests;
  readonly #preEnqueue: ReadonlyMap<string, readonly Plugin[]>;
  readonly #active: KeyedHeap<QueuedPodInfo>;
  readonly #backoff: KeyedHeap<QueuedPodInfo>;
  readonly #errorBackoff: KeyedHeap<QueuedPodInfo>;
  readonly #pool = new Map<string, QueuedPodInfo>();
  readonly #inFlight = new InFlight();
  #sequence = 0;
  #schedulingCycle = 0;
  #moveRequestCycle = -1;

  constructor({ settings, profiles, hasExtenders, nominations, now, onChange }: QueueOptions) {
    this.#settings = settings;
    this.#now = now;
    this.#onChange = onChange;
    this.#nominations = nominations;
    this.#interests = new Interests(profiles, hasExtenders);
    this.#preEnqueue = new Map(profiles.map((profile) => [profile.schedulerName, profile.at('preEnqueue')]));
    const sorter = profiles[0]?.at('queueSort')[0];
    const isBefore = (a: QueuedPodInfo, b: QueuedPodInfo): boolean => sorter?.isBefore?.(a, b) ?? false;
    const keyOfQueued = (queued: QueuedPodInfo): string => queued.key;
    this.#active = new KeyedHeap(keyOfQueued, isBefore);
    this.#backoff = new KeyedHeap(keyOfQueued, (a, b) => {
      const [expiryA, expiryB] = [this.expiryOf(a), this.expiryOf(b)];
      return expiryA !== expiryB ? expiryA < expiryB : settings.popsFromBackoff && isBefore(a, b);
    });
    this.#errorBackoff = new KeyedHeap(keyOfQueued, (a, b) => this.expiryOf(a) < this.expiryOf(b));
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** A pop now would find something. */
  get isPoppable(): boolean {
    return this.#active.size > 0 || (this.#settings.popsFromBackoff && this.#backoff.size > 0);
  }

  /** Back-off expiry of whoever is first to leave; Infinity when nobody backs off. */
  get firstExpiry(): Micros {
    const heads = [this.#backoff.peek(), this.#errorBackoff.peek()];
    return Math.min(
      ...heads.map((queued) => (queued === undefined ? Number.POSITIVE_INFINITY : this.expiryOf(queued))),
    );
  }

  get poolSize(): number {
    return this.#pool.size;
  }

  /** For inspection: who is where, in order. */
  contents(): {
    readonly active: readonly QueuedPodInfo[];
    readonly backoff: readonly QueuedPodInfo[];
    readonly errorBackoff: readonly QueuedPodInfo[];
    readonly pool: readonly QueuedPodInfo[];
    readonly inFlight: readonly string[];
    readonly inFlightEvents: number;
  } {
    return {
      active: this.#active.sorted(),
      backoff: this.#backoff.sorted(),
      errorBackoff: this.#errorBackoff.sorted(),
      pool: [...this.#pool.values()],
      inFlight: [...this.#inFlight.uids],
      inFlightEvents: this.#inFlight.eventCount,
    };
  }

  expiryOf(queued: QueuedPodInfo): Micros {
    return backoffExpiry(queued, this.#settings);
  }

  add(pod: Pod): void {
    this.#enter(podInfoOf(pod));
  }

  #enter(pod: PodInfo): void {
    const queued = new QueuedPodInfo(pod, this.#now(), ++this.#sequence);
    this.#moveToActive(queued, { asNew: true });
    this.#onChange();
  }

  /** The waiting pod itself was changed. */
  update(before: Pod | undefined, after: Pod): void {
    const pod = podInfoOf(after);
    const events = before === undefined ? [] : podChanges(before, after);
    if (this.#settings.usesHints && this.#inFlight.has(pod.uid)) {
      for (const action of events) {
        this.#inFlight.add({ event: { resource: 'TargetPod', action }, before, after });
      }
      return;
    }
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) {
      const queued = heap.get(pod.key);
      if (queued !== undefined) {
        queued.pod = pod;
        heap.put(queued);
        this.#nominations.update(before, pod);
        return;
      }
    }
    const queued = this.#pool.get(pod.key);
    if (queued === undefined) {
      this.#enter(pod);
      return;
    }
    queued.pod = pod;
    this.#nominations.update(before, pod);
    if (!this.#settings.usesHints) {
      this.#requeueUpdated(queued, before, after);
      return;
    }
    for (const action of events) {
      const strategy = this.#worth(queued, { resource: 'TargetPod', action }, before, after);
      if (this.#requeue(queued, strategy) !== 'pool') {
        break;
      }
    }
    this.#onChange();
  }

  /** Without hints any change of more than the status is worth a try. As isPodUpdated. */
  #requeueUpdated(queued: QueuedPodInfo, before: Pod | undefined, after: Pod): void {
    const essence = (pod: Pod | undefined): string =>
      JSON.stringify([pod?.spec, pod?.metadata.labels, pod?.metadata.annotations, pod?.metadata.deletionTimestamp]);
    if (essence(before) !== essence(after)) {
      this.#requeue(queued, 'afterBackoff');
      this.#onChange();
    }
  }

  delete(pod: Pod): void {
    const key = keyOf(pod);
    this.#nominations.delete(pod.metadata.uid ?? '');
    this.#active.delete(key);
    this.#backoff.delete(key);
    this.#errorBackoff.delete(key);
    this.#pool.delete(key);
  }

  /** Takes the next pod out; `done` or `addUnschedulable` must follow. */
  pop(): QueuedPodInfo | undefined {
    let queued = this.#active.pop();
    if (queued === undefined && this.#settings.popsFromBackoff) {
      queued = this.#backoff.pop();
    }
    if (queued === undefined) {
      return undefined;
    }
    queued.attempts++;
    queued.unschedulablePlugins.clear();
    queued.pendingPlugins.clear();
    queued.gatingPlugin = '';
    queued.schedulingCycle = ++this.#schedulingCycle;
    if (this.#settings.usesHints) {
      this.#inFlight.takeOut(queued.pod.uid);
    }
    return queued;
  }

  /** The pod is on its way to a node, or not wanted any more. */
  done(uid: string): void {
    this.#inFlight.done(uid);
  }

  /** A pod comes back without a node, its rejectors noted in it. As AddUnschedulablePodIfNotPresent. */
  addUnschedulable(queued: QueuedPodInfo): void {
    if (this.#has(queued.key)) {
      this.done(queued.pod.uid);
      return;
    }
    if (queued.hasRejectors) {
      queued.unschedulableCount++;
      queued.consecutiveErrorsCount = 0;
    } else {
      queued.consecutiveErrorsCount++;
    }
    queued.timestamp = this.#now();
    queued.sequence = ++this.#sequence;
    this.#requeue(queued, this.#settings.usesHints ? this.#strategyAfterFlight(queued) : this.#strategyByCycle(queued));
    this.done(queued.pod.uid);
    this.#onChange();
  }

  /**
   * The failure of an attempt, as handleSchedulingFailure (pkg/scheduler/schedule_one.go) tells it to the queue.
   * @param latest the pod as the informer has it now
   * @param nominatedNodeName what the attempt wants: undefined leaves the nomination, '' clears it
   */
  fail(queued: QueuedPodInfo, latest: Pod, nominatedNodeName: string | undefined): void {
    queued.pod = podInfoOf(latest);
    this.addUnschedulable(queued);
    this.#nominations.add(queued.pod, nominatedNodeName);
  }

  #has(key: string): boolean {
    return this.#active.has(key) || this.#backoff.has(key) || this.#errorBackoff.has(key) || this.#pool.has(key);
  }

  /** As determineSchedulingHintForInFlightPod: looks at what happened while the pod was tried. */
  #strategyAfterFlight(queued: QueuedPodInfo): Strategy {
    if (!queued.hasRejectors) {
      return 'afterBackoff';
    }
    let strategy: Strategy = 'skip';
    for (const { event, before, after } of this.#inFlight.eventsSince(queued.pod.uid)) {
      const worth = this.#worth(queued, event, before, after);
      if (worth === 'immediately') {
        return worth;
      }
      if (worth === 'afterBackoff') {
        strategy = worth;
      }
    }
    return strategy;
  }

  /** Until 1.26: any move request since the pod was taken out sends it to the back-off queue. */
  #strategyByCycle(queued: QueuedPodInfo): Strategy {
    return this.#moveRequestCycle >= queued.schedulingCycle ? 'afterBackoff' : 'skip';
  }

  /**
   * Something happened: pods whose rejectors wait for it leave the pool. As MoveAllToActiveOrBackoffQueue.
   * @param isConcerned narrows it to some pods of the pool
   */
  moveAll(
    event: ClusterEvent,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
    isConcerned: (pod: PodInfo) => boolean = () => true,
  ): void {
    if (event !== WILDCARD && !this.#interests.isAwaited(event)) {
      return;
    }
    this.#move(
      [...this.#pool.values()].filter(({ pod }) => isConcerned(pod)),
      event,
      before,
      after,
    );
  }

  #move(
    queuedPods: readonly QueuedPodInfo[],
    event: ClusterEvent,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
  ): void {
    let hasMoved = false;
    for (const queued of queuedPods) {
      if (queued.isGated && !this.#gateAwaits(queued, event)) {
        continue;
      }
      const strategy = this.#worth(queued, event, before, after);
      if (strategy !== 'skip') {
        hasMoved = true;
        this.#requeue(queued, strategy);
      }
    }
    this.#moveRequestCycle = this.#schedulingCycle;
    if (this.#settings.usesHints) {
      this.#inFlight.add({ event, before, after });
    }
    if (hasMoved) {
      this.#onChange();
    }
  }

  #gateAwaits({ pod, gatingPlugin }: QueuedPodInfo, event: ClusterEvent): boolean {
    return (
      event === WILDCARD ||
      this.#interests.of(schedulerNameOf(pod.pod), event).some(({ plugin }) => plugin === gatingPlugin)
    );
  }

  /** As isPodWorthRequeuing: asks the plugins that refused the pod. */
  #worth(
    queued: QueuedPodInfo,
    event: ClusterEvent,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
  ): Strategy {
    const { pod, unschedulablePlugins, pendingPlugins } = queued;
    if (event === WILDCARD || !queued.hasRejectors) {
      return 'afterBackoff';
    }
    let strategy: Strategy = 'skip';
    for (const { plugin, hint } of this.#interests.of(schedulerNameOf(pod.pod), event)) {
      const isPending = pendingPlugins.has(plugin);
      if (!isPending && !unschedulablePlugins.has(plugin)) {
        continue;
      }
      if (!this.#settings.usesHints || hint === undefined || hint(pod, before, after) === 'Queue') {
        if (isPending) {
          return 'immediately';
        }
        strategy = 'afterBackoff';
        if (pendingPlugins.size === 0) {
          return strategy;
        }
      }
    }
    return strategy;
  }

  /** Tries these pods again at once, whatever they wait for. As Activate. */
  activate(key: string, uid: string): void {
    const queued = this.#pool.get(key) ?? this.#backoff.get(key) ?? this.#errorBackoff.get(key);
    if (queued === undefined) {
      if (this.#inFlight.has(uid)) {
        this.#inFlight.add({ event: WILDCARD, before: undefined, after: undefined });
      }
      return;
    }
    this.#moveToActive(queued, { fromBackoff: !this.#pool.has(key) });
    this.#onChange();
  }

  /** Lets go whoever has backed off long enough. As flushBackoffQCompleted. */
  flushBackoff(): void {
    const now = this.#now();
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let head = heap.peek(); head !== undefined; head = heap.peek()) {
        if (isBackingOff(this.expiryOf(head), now, this.#settings)) {
          break;
        }
        heap.pop();
        this.#moveToActive(head, { fromBackoff: true });
      }
    }
    this.#onChange();
  }

  /** Sends on whoever has been in the pool for too long. As flushUnschedulableEntitiesLeftover. */
  flushPool(): void {
    const now = this.#now();
    const limit = this.#settings.podMaxInUnschedulablePodsDuration;
    const overdue = [...this.#pool.values()].filter(
      ({ timestamp, flushedAt }) => now - Math.max(timestamp, flushedAt) > limit,
    );
    if (overdue.length > 0) {
      for (const queued of overdue) {
        queued.flushedAt = now;
      }
      this.#move(overdue, WILDCARD, undefined, undefined);
    }
  }

  /** As requeueEntityWithQueueingStrategy. */
  #requeue(queued: QueuedPodInfo, strategy: Strategy): 'active' | 'backoff' | 'pool' {
    if (strategy === 'skip') {
      this.#pool.set(queued.key, queued);
      return 'pool';
    }
    const mustWait = isBackingOff(this.expiryOf(queued), this.#now(), this.#settings);
    if (strategy === 'afterBackoff' && mustWait) {
      return this.#moveToBackoff(queued) ? 'backoff' : 'pool';
    }
    return this.#moveToActive(queued, {}) ? 'active' : 'pool';
  }

  /** What enters the back-off queue may be taken from there, so it must pass the gates first. */
  #moveToBackoff(queued: QueuedPodInfo): boolean {
    if (this.#settings.popsFromBackoff && !this.#passesGates(queued)) {
      this.#pool.set(queued.key, queued);
      return false;
    }
    this.#pool.delete(queued.key);
    (queued.hasRejectors || !this.#settings.usesHints ? this.#backoff : this.#errorBackoff).put(queued);
    return true;
  }

  #moveToActive(
    queued: QueuedPodInfo,
    { asNew = false, fromBackoff = false }: { readonly asNew?: boolean; readonly fromBackoff?: boolean },
  ): boolean {
    const skipsGates = fromBackoff && this.#settings.popsFromBackoff;
    if (!skipsGates && !this.#passesGates(queued)) {
      this.#pool.set(queued.key, queued);
      return false;
    }
    this.#pool.delete(queued.key);
    this.#backoff.delete(queued.key);
    this.#errorBackoff.delete(queued.key);
    this.#active.put(queued);
    if (asNew) {
      this.#nominations.add(queued.pod);
    }
    return true;
  }

  /** As runPreEnqueuePlugins: the plugin that held the pod back goes first. */
  #passesGates(queued: QueuedPodInfo): boolean {
    const plugins = this.#preEnqueue.get(schedulerNameOf(queued.pod.pod)) ?? [];
    const first = plugins.filter(({ name }) => name === queued.gatingPlugin);
    for (const plugin of [...first, ...plugins.filter((other) => !first.includes(other))]) {
      const status = plugin.preEnqueue?.(queued.pod);
      if (status !== undefined) {
        queued.gatingPlugin = plugin.name;
        (status.code === 'Pending' ? queued.pendingPlugins : queued.unschedulablePlugins).add(plugin.name);
        return false;
      }
    }
    queued.gatingPlugin = '';
    return true;
  }
}

export const schedulerNameOf = ({ spec }: Pod): string => spec.schedulerName ?? 'default-scheduler';
