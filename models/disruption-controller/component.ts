import type { ObjectKey } from '../../engine/index.js';
import { keyOf, matchesLabelSelector, type Pod, type PodDisruptionBudget } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  KeyQueue,
  type SyncResult,
} from '../client-go/index.js';
import type { DisruptionControllerConfiguration } from './config.js';
import { type Assessment, assess, isSameStatus, staleDisruptionAt, withoutDisruption } from './decisions.js';
import { Scales } from './scales.js';

type Done = (result: SyncResult) => void;

/** Tells for each PodDisruptionBudget how many of its pods may be disrupted. Mirrors pkg/controller/disruption. */
export class DisruptionController extends Controller {
  readonly name = 'disruption-controller';
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #scales: Scales;
  readonly #staleDisruptions: KeyQueue;
  readonly #takesBackDisruptions: boolean;

  constructor(context: ControllerContext, config: DisruptionControllerConfiguration) {
    super(context, { workers: config.workers });
    this.#takesBackDisruptions = config.takesBackDisruptions;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: 'controllermanager' });
    this.#budgets = context.informers.informer('PodDisruptionBudget');
    this.#pods = context.informers.informer('Pod');
    this.#scales = new Scales(context.informers);
    this.#staleDisruptions = new KeyQueue('stale disruptions', context, { workers: 1 }, (key, done) =>
      this.#takeBack(key, done),
    );
    const wake = (budget: PodDisruptionBudget): void => this.enqueue(keyOf(budget));
    this.#budgets.onChange({ added: wake, modified: wake, deleted: wake });
    this.#pods.onChange({
      added: (pod) => this.#onPod(pod),
      modified: (pod) => this.#onPod(pod),
      deleted: (pod) => this.#wakeBudgetOf(pod),
    });
  }

  override start(): void {
    super.start();
    this.#staleDisruptions.start();
  }

  override stop(): void {
    super.stop();
    this.#staleDisruptions.stop();
    this.#client.abandon();
    this.#events.reset();
  }

  /** As sync. */
  protected sync(key: ObjectKey, done: Done): void {
    const budget = this.#budgets.get(key);
    if (budget === undefined) {
      done('done');
      return;
    }
    const { simulation } = this.context;
    const namespace = budget.metadata.namespace;
    const found = assess(budget, this.#podsOf(budget), (owner) => this.#scales.of(owner, namespace), simulation.now);
    for (const { about, type, reason, message } of found.events) {
      this.#events.event(about === 'budget' ? budget : about, type, reason, message);
    }
    this.#write(budget, found, (isWritten) => {
      const { recheckAt } = found;
      if (!isWritten) {
        done('retry');
      } else {
        done(recheckAt === undefined ? 'done' : { requeueAfter: recheckAt - simulation.now });
      }
    });
  }

  #write(budget: PodDisruptionBudget, { status, error }: Assessment, then: (ok: boolean) => void): void {
    if (error === undefined && isSameStatus(budget.status, status)) {
      then(true);
      return;
    }
    this.#client.updateStatus('PodDisruptionBudget', { ...budget, status }, (reply) => then(reply.ok));
  }

  #podsOf({ metadata, spec }: PodDisruptionBudget): readonly Pod[] {
    const { namespace = '' } = metadata;
    const first = Object.entries(spec.selector?.matchLabels ?? {})[0];
    const candidates = first
      ? this.#pods.byIndex('label', `${namespace}/${first[0]}=${first[1]}`)
      : this.#pods.byIndex('namespace', namespace);
    return [...candidates].filter((pod) => matchesLabelSelector(spec.selector, pod.metadata.labels));
  }

  #onPod(pod: Pod): void {
    this.#wakeBudgetOf(pod);
    const staleAt = this.#takesBackDisruptions ? staleDisruptionAt(pod) : undefined;
    if (staleAt !== undefined) {
      this.#staleDisruptions.addAfter(keyOf(pod), staleAt - this.context.simulation.now);
    }
  }

  /** As getPdbForPod: of several one is taken, and the pod is told. */
  #wakeBudgetOf(pod: Pod): void {
    if (this.#budgets.size === 0) {
      return;
    }
    const matching: PodDisruptionBudget[] = [];
    for (const budget of this.#budgets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (matchesLabelSelector(budget.spec.selector, pod.metadata.labels)) {
        matching.push(budget);
      }
    }
    const [chosen] = matching;
    if (chosen && matching.length > 1) {
      const [namespace, name] = [JSON.stringify(pod.metadata.namespace), JSON.stringify(pod.metadata.name)];
      const message = `Pod ${namespace}/${name} matches multiple PodDisruptionBudgets.  Chose ${JSON.stringify(chosen.metadata.name)} arbitrarily.`;
      this.#events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message);
    }
    if (chosen) {
      this.enqueue(keyOf(chosen));
    }
  }

  /** As syncStalePodDisruption: a disruption that was announced but did not come. */
  #takeBack(key: ObjectKey, done: Done): void {
    const { now } = this.context.simulation;
    const pod = this.#pods.get(key);
    const staleAt = pod && staleDisruptionAt(pod);
    if (staleAt === undefined) {
      done('done');
    } else if (staleAt > now) {
      done({ requeueAfter: staleAt - now });
    } else {
      this.#client.patchStatus('Pod', key, withoutDisruption(now), (reply) =>
        done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
      );
    }
  }
}

export const createDisruptionController = (
  context: ControllerContext,
  config: DisruptionControllerConfiguration,
): DisruptionController => new DisruptionController(context, config);
