import type { ObjectKey, Timeline } from '../../engine/index.js';
import {
  type HorizontalPodAutoscaler,
  keyOf,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
  requirementsOf,
} from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  type MetricsClient,
  type RateLimiter,
  type SyncResult,
} from '../client-go/index.js';
import type { HorizontalPodAutoscalerControllerConfiguration } from './config.js';
import { firstMemory, type Memory } from './normalization.js';
import { Reconciliation, type Workshop } from './reconciliation.js';
import { AUTOSCALING, type AutoscalingRow } from './timelines.js';

/** Scales workloads by what their pods use. Mirrors pkg/controller/podautoscaler. */
export class HorizontalPodAutoscalerController extends Controller implements Workshop {
  readonly name = 'horizontal-pod-autoscaler';
  readonly config: HorizontalPodAutoscalerControllerConfiguration;
  readonly client: ApiClient;
  readonly scaleClient: ApiClient;
  readonly metrics: MetricsClient;
  readonly events: EventRecorder;
  readonly #autoscalers: Informer<HorizontalPodAutoscaler>;
  readonly #pods: Informer<Pod>;
  readonly #memories = new Map<ObjectKey, Memory>();
  /** Which pods each autoscaler was last seen to scale. */
  readonly #selectors = new Map<ObjectKey, LabelSelector>();
  readonly #timeline: Timeline<AutoscalingRow> | undefined;
  readonly #lastRows = new Map<ObjectKey, string>();
  /** Counts the lives of the process: what an earlier one waited for is not carried on with. */
  #life = 0;

  constructor(
    context: ControllerContext,
    config: HorizontalPodAutoscalerControllerConfiguration,
    metrics: MetricsClient,
  ) {
    super(context, { workers: config.workers, rateLimiter: () => everyTime(config.syncPeriod) });
    this.config = config;
    this.metrics = metrics;
    this.client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    // The scale client is built from a configuration of its own, and so has a bucket of its own.
    this.scaleClient = context.api.client({ name: `${this.name}/scale`, from: 'control-plane', ...config.client });
    this.events = context.api.eventRecorder(this.client, { component: this.name });
    this.#timeline = context.recorder.open(AUTOSCALING);
    this.#pods = context.informers.informer('Pod');
    this.#autoscalers = context.informers.informer('HorizontalPodAutoscaler');
    this.#autoscalers.onChange({
      added: (autoscaler) => this.#onAdded(keyOf(autoscaler)),
      modified: (autoscaler, before) => this.#onModified(autoscaler, before),
      // A key that waits is looked at in its turn, found gone, and forgotten.
      deleted: (autoscaler) => this.#selectors.delete(keyOf(autoscaler)),
    });
  }

  override stop(): void {
    super.stop();
    this.#life++;
    this.client.abandon();
    this.scaleClient.abandon();
    this.events.reset();
    this.#memories.clear();
    this.#selectors.clear();
  }

  get now(): number {
    return this.context.simulation.now;
  }

  ifAlive<A>(then: (answer: A) => void): (answer: A) => void {
    const life = this.#life;
    return (answer) => {
      if (life === this.#life) {
        then(answer);
      }
    };
  }

  after(delay: number, action: () => void): void {
    this.context.simulation.after(delay, () => this.ifAlive(action)(undefined));
  }

  /** What is remembered of an autoscaler; the first time, what is found counts as a recommendation. */
  memoryOf(key: ObjectKey, currentReplicas: number): Memory {
    return this.#memories.get(key) ?? firstMemory(currentReplicas, this.now);
  }

  remember(key: ObjectKey, memory: Memory): void {
    this.#memories.set(key, memory);
  }

  /** As the pod lister, which answers from the process's cache. */
  podsOf(namespace: string, selector: LabelSelector): readonly Pod[] {
    const [first] = requirementsOf(selector);
    const candidates =
      first?.operator === 'In' && first.values.length === 1
        ? this.#pods.byIndex('label', `${namespace}/${first.key}=${first.values[0]}`)
        : this.#pods.byIndex('namespace', namespace);
    return [...candidates].filter(({ metadata }) => matchesLabelSelector(selector, metadata.labels));
  }

  /** Notes which pods this autoscaler scales; answers all whose pods are among them, by name. */
  autoscalersOf(
    key: ObjectKey,
    namespace: string,
    selector: LabelSelector,
    pods: readonly Pod[],
  ): readonly ObjectKey[] {
    this.#selectors.set(key, selector);
    const found = [...this.#selectors].filter(
      ([other, theirs]) =>
        other.startsWith(`${namespace}/`) && pods.some(({ metadata }) => matchesLabelSelector(theirs, metadata.labels)),
    );
    return found.map(([other]) => other).sort();
  }

  /** Records a decision, unless it is the same as the one before. */
  record(key: ObjectKey, row: AutoscalingRow): void {
    const text = this.#timeline && JSON.stringify(row);
    if (text !== undefined && this.#lastRows.get(key) !== text) {
      this.#lastRows.set(key, text);
      this.#timeline?.append(row);
    }
  }

  /** As reconcileKey. */
  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const autoscaler = this.#autoscalers.get(key);
    if (autoscaler === undefined) {
      this.#memories.delete(key);
      this.#lastRows.delete(key);
      done('done');
      return;
    }
    // Whatever comes of it: the next look is a whole period after this one.
    new Reconciliation(this, autoscaler).run(() => done({ requeueAfter: this.config.syncPeriod }));
  }

  #onAdded(key: ObjectKey): void {
    if (this.config.HPAGeneration) {
      this.enqueue(key);
    } else {
      this.enqueueRateLimited(key);
    }
  }

  /** The controller's own writes must not make it look again at once: metrics change all the time. */
  #onModified(autoscaler: HorizontalPodAutoscaler, before: HorizontalPodAutoscaler): void {
    const key = keyOf(autoscaler);
    if (this.config.HPAGeneration && autoscaler.metadata.generation !== before.metadata.generation) {
      this.enqueue(key);
    } else {
      this.enqueueRateLimited(key);
    }
  }
}

/** As FixedItemIntervalRateLimiter of pkg/controller/podautoscaler/rate_limiters.go. */
const everyTime = (interval: number): RateLimiter => ({ when: () => interval, forget: () => {}, failures: () => 0 });

export const createHorizontalPodAutoscalerController = (
  context: ControllerContext,
  config: HorizontalPodAutoscalerControllerConfiguration,
  metrics: MetricsClient,
): HorizontalPodAutoscalerController => new HorizontalPodAutoscalerController(context, config, metrics);
