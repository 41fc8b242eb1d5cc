import type { Kinds, Node, Pod } from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { SchedulerConfiguration } from './config.js';
import type { QuietReports } from './framework/image-counts.js';
import { LISTED_KINDS, type ListedKind } from './framework/listers.js';
import { InformerListers } from './informer-listers.js';
import { PodClient } from './pod-client.js';
import { SchedulingRecords } from './records.js';
import { type SchedulerExtras, SchedulingLoop } from './scheduling-loop.js';

/**
 * kube-scheduler. Its informers are those of its process, which starts them; what it remembers dies with it.
 * Leaves out leader election.
 */
class Scheduler implements Component {
  readonly name = 'kube-scheduler';
  readonly #context: ControllerContext;
  readonly #configuration: SchedulerConfiguration;
  readonly #extras: SchedulerExtras;
  readonly #client: ApiClient;
  readonly #eventClient: ApiClient;
  readonly #events: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #listers: InformerListers;
  readonly #records: SchedulingRecords;
  #loop: SchedulingLoop | undefined;

  constructor(context: ControllerContext, configuration: SchedulerConfiguration, extras: SchedulerExtras) {
    const { api, informers } = context;
    this.#context = context;
    this.#configuration = configuration;
    this.#extras = extras;
    const clientOptions = { from: 'control-plane', ...configuration.client } as const;
    this.#client = api.client({ name: this.name, ...clientOptions });
    // cmd/kube-scheduler/app/options/options.go createClients: events have a client, and a token bucket, of their own.
    this.#eventClient = api.client({ name: `${this.name}-events`, ...clientOptions });
    const component = configuration.profiles[0]?.schedulerName ?? 'default-scheduler';
    this.#events = api.seriesEventRecorder(this.#eventClient, { component, hasOwnClient: true });
    this.#records = new SchedulingRecords(context.recorder);
    this.#listers = new InformerListers(informers);
    this.#pods = informers.informer('Pod');
    this.#watch(informers.informer('Node'));
    api.computed.onChange((kind, key) => {
      if (kind === 'Node') {
        this.#loop?.handlers.nodeReportsChanged(key);
      }
    });
  }

  start(): void {
    if (this.#loop !== undefined) {
      return;
    }
    const { simulation, informers } = this.#context;
    const loop: SchedulingLoop = new SchedulingLoop({
      simulation,
      configuration: this.#configuration,
      listers: this.#listers,
      pods: this.#pods,
      podClient: new PodClient(simulation, this.#client, this.#events, this.#configuration.bindTries),
      volumeClient: {
        update: (kind, object, done) =>
          this.#client.update(kind, object, (reply) => done(reply.ok ? undefined : reply.error.message)),
        after: (delay, action) =>
          simulation.after(delay, () => {
            if (this.#loop === loop) {
              action();
            }
          }),
      },
      records: this.#records,
      extras: this.#extras,
      reports: quietReports(this.#context),
    });
    this.#loop = loop;
    informers.whenSynced(() => {
      if (this.#loop === loop) {
        loop.onSynced();
      }
    });
  }

  stop(): void {
    this.#loop?.stop();
    this.#loop = undefined;
    this.#client.abandon();
    this.#eventClient.abandon();
    this.#events.reset();
  }

  #watch(nodes: Informer<Node>): void {
    nodes.onChange({
      added: (node) => this.#loop?.handlers.nodeAdded(node),
      modified: (node, before) => this.#loop?.handlers.nodeUpdated(before, node),
      deleted: (node) => this.#loop?.handlers.nodeDeleted(node),
    });
    this.#pods.onChange({
      added: (pod, key) => this.#loop?.handlers.podAdded(pod, key),
      modified: (pod, before, key) => this.#loop?.handlers.podUpdated(before, pod, key),
      deleted: (pod, key) => this.#loop?.handlers.podDeleted(pod, key),
    });
    for (const kind of LISTED_KINDS) {
      this.#watchListed(kind);
    }
  }

  #watchListed<K extends ListedKind>(kind: K): void {
    const tell = (before: Kinds[K] | undefined, after: Kinds[K] | undefined): void =>
      this.#loop?.handlers.objectChanged(kind, before, after);
    this.#listers.of(kind).onChange({
      added: (object) => tell(undefined, object),
      modified: (object, before) => tell(before, object),
      deleted: (object) => tell(object, undefined),
    });
  }
}

function quietReports({ api, simulation }: ControllerContext): QuietReports {
  return {
    get now() {
      return simulation.now;
    },
    nextArrival(node) {
      const delay = api.computed.latency?.watch ?? 0;
      const next = api.computed.versionsOf('Node', node)?.nextAfter?.(simulation.now - delay);
      return next === undefined ? Number.POSITIVE_INFINITY : next + delay;
    },
  };
}

/**
 * kube-scheduler as a component of its process: the process starts the informers of `context` before it.
 * @throws RangeError when the configuration names extenders and `extras` has no way to call them
 */
export const createScheduler = (
  context: ControllerContext,
  configuration: SchedulerConfiguration,
  extras: SchedulerExtras = {},
): Component => new Scheduler(context, configuration, extras);
