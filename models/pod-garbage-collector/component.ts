import type { EventHandle, Micros } from '../../engine/index.js';
import { keyOf, type Node, type Pod, type PodCondition } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  type ControllerContext,
  type Informer,
  inParallel,
} from '../client-go/index.js';
import type { PodGarbageCollectorConfiguration } from './config.js';
import {
  failed,
  isUnscheduledTerminating,
  orphaned,
  podsOutOfService,
  podsOverThreshold,
  Quarantine,
} from './decisions.js';
import { WatchedPods } from './watched-pods.js';

export interface PodGarbageCollectorOptions {
  readonly context: ControllerContext;
  readonly config: PodGarbageCollectorConfiguration;
  /** Default: a connection of its own. */
  readonly client?: ApiClient;
  /** Leaves out passes that would find nothing to do. */
  readonly elides?: boolean;
}

/** pkg/controller/podgc of kube-controller-manager: deletes, by force, the pods that nobody else will. */
export class PodGarbageCollector implements Component {
  readonly name = 'pod-garbage-collector-controller';
  readonly #options: PodGarbageCollectorOptions;
  readonly #client: ApiClient;
  readonly #nodes: Informer<Node>;
  readonly #pods: WatchedPods;
  #quarantine = new Quarantine();
  #next: EventHandle | undefined;
  /** The last pass, when it found nothing to do and those after it are left out. */
  #restsSince: Micros | undefined;
  #isRunning = false;
  #starts = 0;

  constructor(options: PodGarbageCollectorOptions) {
    const { context, config } = options;
    const { informers, api } = context;
    this.#options = options;
    this.#client = options.client ?? api.client({ name: this.name, from: 'control-plane', ...config.clientLimits });
    this.#nodes = informers.informer('Node');
    this.#pods = new WatchedPods(informers.informer('Pod'), this.#nodes, () => this.#wake());
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    const start = ++this.#starts;
    this.#options.context.informers.whenSynced(() => {
      if (start === this.#starts) {
        this.#pass();
      }
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#starts++;
    this.#next?.cancel();
    this.#restsSince = undefined;
    this.#quarantine = new Quarantine();
    this.#pods.clear();
    this.#client.abandon();
  }

  /** As gc. What each step looks at was in the cache when the pass began. */
  #pass(): void {
    const { config } = this.#options;
    const { terminated, terminating } = this.#pods;
    const outOfService = config.cleansOutOfServiceNodes
      ? podsOutOfService(terminating, (pod) => this.#nodes.get(pod.spec.nodeName ?? ''))
      : [];
    this.#forceDeleteAtOnce(podsOverThreshold(terminated, config), () =>
      this.#forceDeleteAtOnce(outOfService, () =>
        this.#collectOrphans(() =>
          this.#forceDeleteOneByOne(terminating.filter(isUnscheduledTerminating), undefined, () => {
            this.#rest();
          }),
        ),
      ),
    );
  }

  /** Until the next pass; where it and those after it would find nothing, until something comes. */
  #rest(): void {
    const { simulation } = this.#options.context;
    this.#restsSince = simulation.now;
    if (!this.#isQuiet()) {
      this.#wake();
    }
  }

  #isQuiet(): boolean {
    const { config, elides = false } = this.#options;
    return elides && this.#quarantine.isEmpty && this.#pods.isQuiet(config.terminatedPodGCThreshold);
  }

  /** The next of the passes that were left out happens, if there is something to do. */
  #wake(): void {
    if (this.#restsSince === undefined || this.#isQuiet()) {
      return;
    }
    const { config, context } = this.#options;
    const { gcCheckPeriod } = config;
    const since = context.simulation.now - this.#restsSince;
    this.#restsSince = undefined;
    this.#next = context.simulation.after(gcCheckPeriod - (since % gcCheckPeriod), () => this.#pass());
  }

  /** As gcOrphaned: a node must be missed for a while, and then be unknown to the server too. */
  #collectOrphans(then: () => void): void {
    const { context, config } = this.#options;
    const { now } = context.simulation;
    for (const node of this.#pods.missingNodes()) {
      this.#quarantine.miss(node, now + config.quarantineTime);
    }
    const due = this.#quarantine.release(now).filter((node) => this.#nodes.get(node) === undefined);
    const gone: string[] = [];
    const ask = (node: string, done: () => void): void =>
      this.#client.get('Node', node, (reply) => {
        if (!reply.ok && reply.error.reason === 'NotFound') {
          gone.push(node);
        }
        done();
      });
    inParallel(due, 1, ask, () => {
      const orphans = gone.flatMap((node) => this.#pods.podsOn(node));
      this.#forceDeleteOneByOne(orphans, (pod) => orphaned(pod, context.simulation.now), then);
    });
  }

  #forceDeleteAtOnce(pods: readonly Pod[], then: () => void): void {
    const remove = (pod: Pod, done: () => void): void => this.#markFailedAndDelete(pod, undefined, done);
    inParallel(pods, pods.length, remove, then);
  }

  #forceDeleteOneByOne(
    pods: readonly Pod[],
    condition: ((pod: Pod) => PodCondition) | undefined,
    then: () => void,
  ): void {
    const remove = (pod: Pod, done: () => void): void => this.#markFailedAndDelete(pod, condition?.(pod), done);
    inParallel(pods, 1, remove, then);
  }

  /** As markFailedAndDeletePodWithCondition. What fails is left to the next pass. */
  #markFailedAndDelete(pod: Pod, condition: PodCondition | undefined, done: () => void): void {
    const { config } = this.#options;
    const client = this.#client;
    const key = keyOf(pod);
    const { uid } = pod.metadata;
    if (!config.marksFailed || failed(pod, condition) === pod) {
      client.delete('Pod', key, { gracePeriodSeconds: 0 }, () => done());
      return;
    }
    // The patch names the uid there: a pod that has taken the place of this one is neither marked nor deleted.
    const options = { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }) };
    const mark = (current: Pod): Pod => (current.metadata.uid === uid ? failed(current, condition) : current);
    client.patchStatus('Pod', key, mark, (reply) => {
      if (reply.ok) {
        client.delete('Pod', key, options, () => done());
      } else {
        done();
      }
    });
  }
}
