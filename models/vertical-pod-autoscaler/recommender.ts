import { type Micros, type Timeline, wholeSecond } from '../../engine/index.js';
import {
  containerStatusOf,
  keyOf,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
  semanticallyEqual,
  type VerticalPodAutoscaler,
  valueOf,
} from '../api/index.js';
import type {
  ApiClient,
  Component,
  ControllerContext,
  Informer,
  MetricsClient,
  PodMetricsItem,
} from '../client-go/index.js';
import { AggregateContainerState, ContainerState } from './aggregate-container-state.js';
import type { VerticalPodAutoscalerConfiguration } from './config.js';
import { estimate } from './estimator.js';
import { Periodic } from './periodic.js';
import { type ContainerRecommendation, policyOf, recommend } from './recommendation.js';
import { Targets } from './targets.js';
import { RECOMMENDATIONS, type RecommendationRow } from './timelines.js';

type Status = NonNullable<VerticalPodAutoscaler['status']>;

/** What is aggregated together: containers of one name, of pods with the same labels. */
interface Aggregation {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly container: string;
  readonly state: AggregateContainerState;
}

/** Learns what containers use, and tells each VerticalPodAutoscaler what they should request. As pkg/recommender. */
export class Recommender implements Component {
  readonly name = 'vpa-recommender';
  readonly #context: ControllerContext;
  readonly #config: VerticalPodAutoscalerConfiguration;
  readonly #metrics: MetricsClient;
  readonly #client: ApiClient;
  readonly #autoscalers: Informer<VerticalPodAutoscaler>;
  readonly #targets: Targets;
  readonly #loop: Periodic;
  readonly #timeline: Timeline<RecommendationRow> | undefined;
  /** Kept over restarts, as checkpoints do. */
  readonly #aggregations = new Map<string, Aggregation>();
  readonly #containers = new Map<string, ContainerState>();
  #life = 0;

  constructor(context: ControllerContext, config: VerticalPodAutoscalerConfiguration, metrics: MetricsClient) {
    this.#context = context;
    this.#config = config;
    this.#metrics = metrics;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#timeline = context.recorder.open(RECOMMENDATIONS);
    this.#targets = new Targets(context.informers);
    this.#autoscalers = context.informers.informer('VerticalPodAutoscaler');
    this.#loop = new Periodic(context.simulation, config.recommender.interval, () => this.#runOnce());
    this.#autoscalers.onChange({ added: () => this.#loop.wake(), modified: () => {}, deleted: () => {} });
    this.#targets.pods.onChange({
      added: () => {},
      modified: (pod, before) => this.#observeOOM(pod, before),
      deleted: (pod) => this.#forget(pod),
    });
  }

  start(): void {
    this.#loop.start();
    if (this.#autoscalers.size > 0) {
      this.#loop.wake();
    }
  }

  stop(): void {
    this.#life++;
    this.#loop.stop();
    this.#client.abandon();
  }

  /** Asks for the usage of all targets, and recommends when it has it. */
  #runOnce(): void {
    const autoscalers = [...this.#autoscalers.list()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    if (autoscalers.length === 0) {
      return;
    }
    this.#loop.wake();
    const life = this.#life;
    for (const autoscaler of autoscalers) {
      const selector = this.#targets.selectorOf(autoscaler);
      if (selector === undefined) {
        this.#tell(autoscaler, undefined, false);
        continue;
      }
      this.#metrics.podMetrics(autoscaler.metadata.namespace ?? '', selector, (reply) => {
        if (life === this.#life) {
          this.#takeIn(reply.ok ? reply.items : [], autoscaler, selector);
        }
      });
    }
  }

  #takeIn(items: readonly PodMetricsItem[], autoscaler: VerticalPodAutoscaler, selector: LabelSelector): void {
    const pods = this.#targets.podsOf(autoscaler, selector);
    const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
    for (const { name, timestamp, containers } of items) {
      const pod = byName.get(name);
      for (const { name: container, nanocores, memory } of pod ? containers : []) {
        const state = this.#containerOf(pod as Pod, container);
        state.addCPUSample(Math.ceil(nanocores / 1_000_000) / 1000, timestamp);
        state.addMemorySample(memory, timestamp);
      }
    }
    this.#tell(autoscaler, this.#recommendationFor(autoscaler, selector), pods.length > 0);
  }

  #recommendationFor(
    { metadata, spec }: VerticalPodAutoscaler,
    selector: LabelSelector,
  ): readonly ContainerRecommendation[] | undefined {
    const { recommender } = this.#config;
    const { now } = this.#context.simulation;
    const merged = new Map<string, AggregateContainerState>();
    for (const [key, { namespace, labels, container, state }] of this.#aggregations) {
      if (now - (state.lastSampleStart ?? now) >= recommender.memoryAggregationWindow) {
        this.#aggregations.delete(key);
      } else if (namespace === metadata.namespace && matchesLabelSelector(selector, labels)) {
        const whole = merged.get(container) ?? new AggregateContainerState(recommender);
        whole.merge(state);
        merged.set(container, whole);
      }
    }
    const known = [...merged]
      .filter(([name, { totalSamplesCount }]) => totalSamplesCount > 0 && policyOf(spec, name)?.mode !== 'Off')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return known.length === 0
      ? undefined
      : known.map(([name, state]) => recommend(name, estimate(state, known.length, recommender), policyOf(spec, name)));
  }

  /** As UpdateVpaStatusIfNeeded. */
  #tell(
    autoscaler: VerticalPodAutoscaler,
    containerRecommendations: readonly ContainerRecommendation[] | undefined,
    hasPods: boolean,
  ): void {
    const { now } = this.#context.simulation;
    const recommendation = containerRecommendations ? { containerRecommendations } : autoscaler.status?.recommendation;
    const status: Status = {
      conditions: conditionsOf(autoscaler, hasPods, recommendation !== undefined, now),
      ...(recommendation && { recommendation }),
    };
    if (semanticallyEqual(status, autoscaler.status)) {
      return;
    }
    this.#record(autoscaler, containerRecommendations ?? []);
    this.#client.patchStatus(
      'VerticalPodAutoscaler',
      keyOf(autoscaler),
      (current) => ({ ...current, status }),
      () => {},
    );
  }

  #record({ metadata, status }: VerticalPodAutoscaler, recommendations: readonly ContainerRecommendation[]): void {
    const before = status?.recommendation?.containerRecommendations ?? [];
    for (const { containerName, target, lowerBound, upperBound } of this.#timeline ? recommendations : []) {
      const known = before.find((one) => one.containerName === containerName);
      if (!semanticallyEqual(known?.target, target)) {
        this.#timeline?.append({
          namespace: metadata.namespace ?? '',
          autoscaler: metadata.name,
          container: containerName ?? '',
          target_cpu: String(target?.['cpu'] ?? ''),
          target_memory: String(target?.['memory'] ?? ''),
          lower_cpu: String(lowerBound?.['cpu'] ?? ''),
          upper_cpu: String(upperBound?.['cpu'] ?? ''),
          lower_memory: String(lowerBound?.['memory'] ?? ''),
          upper_memory: String(upperBound?.['memory'] ?? ''),
        });
      }
    }
  }

  #containerOf({ metadata }: Pod, container: string): ContainerState {
    const key = `${metadata.uid}/${container}`;
    let state = this.#containers.get(key);
    if (state === undefined) {
      state = new ContainerState(this.#aggregationOf(metadata, container).state, this.#config.recommender);
      this.#containers.set(key, state);
    }
    return state;
  }

  #aggregationOf({ namespace = '', labels = {} }: Pod['metadata'], container: string): Aggregation {
    const key = JSON.stringify([namespace, container, Object.entries(labels).sort()]);
    let found = this.#aggregations.get(key);
    if (found === undefined) {
      found = { namespace, labels, container, state: new AggregateContainerState(this.#config.recommender) };
      this.#aggregations.set(key, found);
    }
    return found;
  }

  /** As oom/observer.go OnUpdate: a restart more, and the last run was killed for memory. Only of pods that somebody asks about. */
  #observeOOM(pod: Pod, before: Pod): void {
    if (this.#autoscalers.size === 0) {
      return;
    }
    for (const { name, restartCount, lastState } of pod.status?.containerStatuses ?? []) {
      const was = containerStatusOf(before, name)?.restartCount;
      const ended = lastState?.terminated;
      if (was !== undefined && restartCount > was && ended?.reason === 'OOMKilled') {
        const container = pod.spec.containers.find((one) => one.name === name);
        const requested = valueOf(container?.resources?.requests?.['memory'] ?? '0');
        this.#containerOf(pod, name).recordOOM(requested, ended.finishedAt ?? this.#context.simulation.now);
      }
    }
  }

  #forget({ metadata, spec }: Pod): void {
    for (const { name } of spec.containers) {
      this.#containers.delete(`${metadata.uid}/${name}`);
    }
  }
}

/** As UpdateConditions. */
function conditionsOf(
  { status }: VerticalPodAutoscaler,
  hasPods: boolean,
  hasRecommendation: boolean,
  now: Micros,
): NonNullable<Status['conditions']> {
  const noPods = { reason: 'NoPodsMatched', message: 'No pods match this VPA object' };
  const wanted = [
    ...(hasPods ? [] : [{ type: 'NoPodsMatched', status: 'True', ...noPods }]),
    {
      type: 'RecommendationProvided',
      status: hasRecommendation ? 'True' : 'False',
      ...(!hasRecommendation && !hasPods ? noPods : {}),
    },
  ];
  return wanted.map((condition) => {
    const before = status?.conditions?.find(({ type }) => type === condition.type);
    const isSame = before?.status === condition.status;
    return { ...condition, lastTransitionTime: isSame ? before?.lastTransitionTime : wholeSecond(now) };
  });
}
