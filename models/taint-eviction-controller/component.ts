import type { EventHandle, Micros, ObjectKey, Timeline } from '../../engine/index.js';
import { keyOf, type Node, type Pod, splitKey, type Taint } from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { TaintEvictionConfiguration } from './config.js';
import { changesStay, changesTaints, evictionAction, noExecuteTaints, stayOf } from './decisions.js';
import { PodDeleter } from './pod-deleter.js';
import { EVICTIONS, type TaintEviction } from './timelines.js';

export interface TaintEvictionControllerOptions {
  readonly context: ControllerContext;
  readonly config: TaintEvictionConfiguration;
  /** Default: a connection of its own. Where config.sharesNodeLifecycleClient, give it that of that controller. */
  readonly client?: ApiClient;
}

/** What is going on for a pod: a countdown, a deletion that followed one, or a deletion without (no `since`). */
interface Work {
  readonly since: Micros | undefined;
  readonly countdown: EventHandle | undefined;
  readonly node: string;
  readonly taint: Taint;
  readonly tolerationSeconds: number;
}

/** pkg/controller/tainteviction; until 1.29 the taint manager inside the node lifecycle controller. */
export class TaintEvictionController implements Component {
  readonly name = 'taint-eviction-controller';
  readonly #options: TaintEvictionControllerOptions;
  readonly #client: ApiClient;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #events: EventRecorder;
  readonly #deleter: PodDeleter;
  readonly #evictions: Timeline<TaintEviction> | undefined;
  readonly #tainted = new Map<string, readonly Taint[]>();
  readonly #work = new Map<ObjectKey, Work | 'deleted'>();
  #isRunning = false;

  constructor(options: TaintEvictionControllerOptions) {
    const { context, config } = options;
    const { api } = context;
    const client = options.client ?? api.client({ name: this.name, from: 'control-plane', ...config.clientLimits });
    this.#options = options;
    this.#client = client;
    this.#nodes = context.informers.informer('Node');
    this.#pods = context.informers.informer('Pod');
    this.#events = api.eventRecorder(client, { component: config.eventComponent });
    this.#deleter = new PodDeleter(context.simulation, client, config);
    this.#evictions = context.recorder.open(EVICTIONS);
    this.#listen();
  }

  start(): void {
    this.#isRunning = this.#options.config.isEnabled;
  }

  stop(): void {
    this.#isRunning = false;
    for (const work of this.#work.values()) {
      if (work !== 'deleted') {
        work.countdown?.cancel();
      }
    }
    this.#work.clear();
    this.#tainted.clear();
    this.#deleter.stop();
    this.#events.reset();
    this.#client.abandon();
  }

  #listen(): void {
    this.#nodes.onChange({
      added: (node) => this.#onNode(node),
      modified: (node, before) => {
        if (changesTaints(before, node)) {
          this.#onNode(node);
        }
      },
      // The countdowns of its pods go on: nobody calls them off.
      deleted: (node) => this.#tainted.delete(node.metadata.name),
    });
    this.#pods.onChange({
      added: (pod) => this.#onPod(pod),
      modified: (pod, before) => {
        if (changesStay(before, pod)) {
          this.#onPod(pod);
        }
      },
      deleted: (_, key) => this.#cancel(key, true),
    });
  }

  /** As handleNodeUpdate. */
  #onNode(node: Node): void {
    const { name } = node.metadata;
    const taints = noExecuteTaints(node);
    if (!this.#isRunning) {
      return;
    }
    if (taints.length === 0) {
      if (this.#tainted.delete(name) || this.#work.size > 0) {
        for (const pod of this.#pods.byIndex('node', name)) {
          this.#cancel(keyOf(pod), false);
        }
      }
      return;
    }
    this.#tainted.set(name, taints);
    for (const pod of [...this.#pods.byIndex('node', name)]) {
      this.#process(pod, taints);
    }
  }

  /** As handlePodUpdate. */
  #onPod(pod: Pod): void {
    const taints = this.#tainted.get(pod.spec.nodeName ?? '');
    if (this.#isRunning && taints !== undefined) {
      this.#process(pod, taints);
    }
  }

  /** As processPodOnNode. */
  #process(pod: Pod, taints: readonly Taint[]): void {
    const key = keyOf(pod);
    const { now } = this.#options.context.simulation;
    const work = this.#work.get(key);
    const since = work === 'deleted' ? undefined : work?.since;
    const action = evictionAction(stayOf(pod.spec.tolerations, taints), since, now);
    if (action.kind === 'keep') {
      return;
    }
    if (action.kind === 'cancel' || action.kind === 'evict' || since !== undefined) {
      this.#cancel(key, false);
    }
    if (action.kind !== 'cancel' && !this.#work.has(key)) {
      const { taint } = action;
      const tolerationSeconds = action.kind === 'evict' ? 0 : action.tolerationSeconds;
      this.#begin(key, pod.spec.nodeName ?? '', taint, tolerationSeconds, action.kind === 'evict' ? 0 : action.delay);
    }
  }

  /** As TimedWorkerQueue.AddWork. */
  #begin(key: ObjectKey, node: string, taint: Taint, tolerationSeconds: number, delay: Micros): void {
    const { simulation } = this.#options.context;
    const isTimed = delay > 0;
    const work: Work = {
      since: isTimed ? simulation.now : undefined,
      countdown: isTimed ? simulation.after(delay, () => this.#evict(key, work)) : undefined,
      node,
      taint,
      tolerationSeconds,
    };
    this.#work.set(key, work);
    if (!isTimed) {
      this.#evict(key, work);
    }
  }

  /** As deletePodHandler. */
  #evict(key: ObjectKey, work: Work): void {
    this.#tell(key, `Marking for deletion Pod ${key}`);
    this.#record(key, work, 'evicted');
    this.#deleter.delete(key, (ok) => {
      if (ok && this.#options.config.remembersDeleted) {
        this.#work.set(key, 'deleted');
      } else {
        this.#work.delete(key);
      }
    });
  }

  /** As cancelWorkWithEvent: only what had a countdown is told of. A deletion under way goes on. */
  #cancel(key: ObjectKey, isGone: boolean): void {
    const work = this.#work.get(key);
    this.#work.delete(key);
    if (work === undefined || work === 'deleted' || work.since === undefined) {
      return;
    }
    if (work.countdown?.isPending && !isGone) {
      this.#record(key, work, 'cancelled');
    }
    work.countdown?.cancel();
    this.#tell(key, `Cancelling deletion of Pod ${key}`);
  }

  #tell(key: ObjectKey, message: string): void {
    const { namespace, name } = splitKey(key);
    this.#events.event({ apiVersion: 'v1', kind: 'Pod', namespace, name }, 'Normal', 'TaintManagerEviction', message);
  }

  #record(key: ObjectKey, { node, taint, tolerationSeconds, since }: Work, outcome: TaintEviction['outcome']): void {
    const { namespace = '', name } = splitKey(key);
    this.#evictions?.append({
      namespace,
      pod: name,
      node,
      outcome,
      taint: `${taint.key}:${taint.effect}`,
      toleration_seconds: tolerationSeconds,
      countdown_from: since ?? this.#options.context.simulation.now,
    });
  }
}
