import { type Micros, Simulation, seconds, toSeconds } from '../../../../engine/index.js';
import { type Kinds, type KubeObject, keyFor, keyOf, type Node, type Pod } from '../../../../models/api/index.js';
import { EventHandlers } from '../../../../models/scheduler/event-handlers.js';
import { Cache } from '../../../../models/scheduler/framework/cache.js';
import { LISTED_KINDS, type ListedKind } from '../../../../models/scheduler/framework/listers.js';
import { FlushTimers } from '../../../../models/scheduler/queue/flush-timers.js';
import { Nominations } from '../../../../models/scheduler/queue/nominations.js';
import type { QueuedPodInfo } from '../../../../models/scheduler/queue/queued-pod-info.js';
import { type QueueSettings, SchedulingQueue } from '../../../../models/scheduler/queue/scheduling-queue.js';
import type { Adapter, Outcome } from '../adapter.js';
import { compare } from '../compare.js';
import { defaultProfile, Tables } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

interface Step {
  readonly op: 'put' | 'delete' | 'pop' | 'fail' | 'bind' | 'advance';
  readonly t: number;
  readonly kind?: string;
  readonly name?: string;
  readonly object?: unknown;
  readonly popped?: string;
  readonly plugins?: readonly string[];
  readonly pending?: readonly string[];
  readonly error?: boolean;
  readonly nominate?: string;
  readonly seconds?: number;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Scripts against the queue: who is where after every step, and whom each pop returns. */
export const adapter: Adapter = function* (file) {
  for (const { id, steps } of file.cases) {
    yield new Script().run(id, steps as readonly Step[]);
  }
};

/** The queue's loops start a tenth of a second after a whole second. */
const START: Micros = 100_000;

const SETTINGS: QueueSettings = {
  podInitialBackoff: seconds(1),
  podMaxBackoff: seconds(10),
  podMaxInUnschedulablePodsDuration: seconds(300),
  alignsBackoff: true,
  popsFromBackoff: true,
  usesHints: true,
};

class Script {
  readonly #simulation = new Simulation({ seed: 1 });
  readonly #tables = new Tables();
  readonly #cache = new Cache();
  readonly #pods = new Map<string, Pod>();
  readonly #nodes = new Map<string, Node>();
  readonly #queue: SchedulingQueue;
  readonly #nominations: Nominations;
  readonly #handlers: EventHandlers;
  readonly #popped = new Map<string, QueuedPodInfo>();
  readonly #names = new Map<string, string>();
  #version = 0;

  constructor() {
    this.#nominations = new Nominations(({ key }) => {
      const pod = this.#pods.get(key);
      return pod !== undefined && !pod.spec.nodeName;
    });
    const profile = defaultProfile(
      this.#tables,
      () => this.#cache.snapshot(),
      (node) => this.#nominations.nominatedPods(node),
    );
    const timers: { flush?: FlushTimers } = {};
    this.#queue = new SchedulingQueue({
      settings: SETTINGS,
      profiles: [profile],
      nominations: this.#nominations,
      now: () => this.#simulation.now,
      onChange: () => timers.flush?.arm(),
    });
    this.#simulation.runUntil(START);
    timers.flush = new FlushTimers(this.#simulation, this.#queue, SETTINGS);
    this.#handlers = new EventHandlers({
      cache: this.#cache,
      queue: this.#queue,
      profileOf: (pod) => (pod.spec.schedulerName === 'default-scheduler' ? profile : undefined),
      rejectWaitingPod: () => false,
      namespaceLabels: () => undefined,
      rules: { trustsHints: true },
    });
  }

  run(id: string, steps: readonly Step[]): Outcome {
    for (const [i, step] of steps.entries()) {
      const start = Math.round(step.t * 1_000_000);
      this.#simulation.runUntil(start);
      const popped = this.#perform(step);
      const end = start + 1000 + (step.op === 'advance' ? seconds(step.seconds ?? 0) : 0);
      this.#simulation.runUntil(end);
      const found = { popped, after: this.#contents() };
      const outcome = compare(id, { popped: step.popped, after: complete(step.after) }, found);
      if (!outcome.equal) {
        return { ...outcome, difference: `step ${i} (${step.op}): ${outcome.difference}` };
      }
    }
    return { id, equal: true };
  }

  #perform(step: Step): string | undefined {
    switch (step.op) {
      case 'put':
        this.#put(step.kind as string, asObject<KubeObject>(step.object));
        return undefined;
      case 'delete':
        this.#delete(step.kind as string, step.name as string);
        return undefined;
      case 'pop':
        return this.#pop();
      case 'fail':
        this.#fail(step);
        return undefined;
      case 'bind':
        this.#bind(step.name as string);
        return undefined;
      case 'advance':
        return undefined;
      default:
        throw new RangeError(`unknown op ${step.op satisfies never}`);
    }
  }

  #put(kind: string, object: KubeObject): void {
    if (kind === 'Pod') {
      this.#putPod(object as Pod);
    } else if (kind === 'Node') {
      const node = object as Node;
      const before = this.#nodes.get(node.metadata.name);
      this.#nodes.set(node.metadata.name, node);
      if (before === undefined) {
        this.#handlers.nodeAdded(node);
      } else {
        this.#handlers.nodeUpdated(before, node);
      }
    } else if (LISTED_KINDS.includes(kind as ListedKind)) {
      const before = this.#tables.get(kind as ListedKind, keyOf(object));
      this.#tables.put(kind as ListedKind, object as Kinds[ListedKind]);
      this.#handlers.objectChanged(kind as ListedKind, before, object as Kinds[ListedKind]);
    } else {
      throw new RangeError(`nobody in the scheduler looks at ${kind}`);
    }
  }

  #putPod(given: Pod): void {
    const key = keyOf(given);
    const before = this.#pods.get(key);
    const metadata = { ...given.metadata, resourceVersion: String(++this.#version) };
    const pod = { ...given, metadata };
    this.#pods.set(key, pod);
    if (before === undefined) {
      this.#handlers.podAdded(pod);
    } else {
      this.#handlers.podUpdated(before, pod);
    }
  }

  #delete(kind: string, name: string): void {
    const namespaced = keyFor('default', name);
    if (kind === 'Pod') {
      const pod = this.#pods.get(namespaced);
      if (pod !== undefined) {
        this.#pods.delete(namespaced);
        if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') {
          this.#handlers.podDeleted(pod);
        }
      }
    } else if (kind === 'Node') {
      const node = this.#nodes.get(name);
      if (node !== undefined) {
        this.#nodes.delete(name);
        this.#handlers.nodeDeleted(node);
      }
    } else if (LISTED_KINDS.includes(kind as ListedKind)) {
      const listed = kind as ListedKind;
      const key = this.#tables.get(listed, namespaced) === undefined ? name : namespaced;
      const before = this.#tables.get(listed, key);
      this.#tables.delete(listed, key);
      this.#handlers.objectChanged(listed, before, undefined);
    }
  }

  #pop(): string | undefined {
    const queued = this.#queue.pop();
    if (queued === undefined) {
      return undefined;
    }
    const { name } = queued.pod.pod.metadata;
    this.#popped.set(name, queued);
    this.#names.set(queued.pod.uid, name);
    return name;
  }

  #fail({ name = '', plugins, pending, nominate }: Step): void {
    const queued = this.#popped.get(name);
    if (queued === undefined) {
      return;
    }
    this.#popped.delete(name);
    const pod = this.#pods.get(queued.key);
    for (const plugin of plugins ?? []) {
      queued.unschedulablePlugins.add(plugin);
    }
    for (const plugin of pending ?? []) {
      queued.pendingPlugins.add(plugin);
    }
    if (pod === undefined || pod.spec.nodeName || pod.metadata.uid !== queued.pod.uid) {
      this.#queue.done(queued.pod.uid);
      return;
    }
    this.#queue.fail(queued, pod, nominate);
    const status = { ...pod.status, ...(nominate !== undefined && { nominatedNodeName: nominate }) };
    this.#putPod({ ...pod, status });
  }

  #bind(name: string): void {
    const queued = this.#popped.get(name);
    const pod = queued && this.#pods.get(queued.key);
    if (queued === undefined) {
      return;
    }
    this.#popped.delete(name);
    this.#queue.done(queued.pod.uid);
    if (pod !== undefined) {
      const node = [...this.#nodes.keys()][0] ?? 'n1';
      this.#putPod({ ...pod, spec: { ...pod.spec, nodeName: node } });
    }
  }

  #contents(): unknown {
    const { active, backoff, errorBackoff, pool, inFlight, inFlightEvents } = this.#queue.contents();
    const nameOf = ({ pod }: QueuedPodInfo): string => pod.pod.metadata.name;
    const withExpiry = (queued: QueuedPodInfo): unknown => [nameOf(queued), toSeconds(this.#queue.expiryOf(queued))];
    return {
      active: active.map(nameOf),
      backoff: backoff.map(withExpiry),
      errorBackoff: errorBackoff.map(withExpiry),
      pool: pool
        .filter(({ isGated }) => !isGated)
        .map(nameOf)
        .sort(),
      gated: pool
        .filter(({ isGated }) => isGated)
        .map((queued) => [nameOf(queued), queued.gatingPlugin])
        .sort(),
      inFlight: inFlight.map((uid) => this.#names.get(uid)).sort(),
      inFlightEvents,
    };
  }
}

/** Places with nobody in them are left out of the recording. */
const complete = (after: Readonly<Record<string, unknown>>): unknown => ({
  active: [],
  backoff: [],
  errorBackoff: [],
  pool: [],
  gated: [],
  inFlight: [],
  inFlightEvents: 0,
  ...after,
});
