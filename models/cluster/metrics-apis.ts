import { type Distribution, draw, entityKey, type Micros, type Simulation } from '../../engine/index.js';
import {
  type CrossVersionObjectReference,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
  requirementsOf,
} from '../api/index.js';
import type {
  Informer,
  MetricsClient,
  MetricsReply,
  MetricsThen,
  MetricValue,
  PodMetricsItem,
} from '../client-go/index.js';
import type { MetricsAdapter } from '../metrics-adapter/index.js';
import type { MetricsServer } from '../metrics-server/index.js';

export interface MetricsApisOptions {
  readonly simulation: Simulation;
  /** Of a request through the API server. */
  readonly latency: Distribution;
  readonly pods: Informer<Pod>;
  /** Undefined: nobody serves metrics.k8s.io. */
  readonly server: MetricsServer | undefined;
  readonly adapter: MetricsAdapter;
}

const WITHOUT_SERVER = 'the server could not find the requested resource (get pods.metrics.k8s.io)';

/** The metrics APIs as the API server aggregates them: metrics-server behind one, an adapter behind the others. */
export class MetricsApis implements MetricsClient {
  readonly #options: MetricsApisOptions;
  #calls = 0;

  constructor(options: MetricsApisOptions) {
    this.#options = options;
  }

  podMetrics(namespace: string, selector: LabelSelector, then: MetricsThen<PodMetricsItem>): void {
    const { server } = this.#options;
    this.#answer(then, (now) =>
      server === undefined
        ? { ok: false, message: WITHOUT_SERVER }
        : { ok: true, items: this.#podsOf(namespace, selector).flatMap((pod) => server.usageOf(pod, now) ?? []) },
    );
  }

  podsMetric(
    metric: string,
    namespace: string,
    selector: LabelSelector,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void {
    this.#answer(then, (now) =>
      this.#options.adapter.pods(metric, this.#podsOf(namespace, selector), metricSelector, namespace, now),
    );
  }

  objectMetric(
    metric: string,
    namespace: string,
    object: CrossVersionObjectReference,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void {
    this.#answer(then, (now) => this.#options.adapter.object(metric, object, metricSelector, namespace, now));
  }

  externalMetric(
    metric: string,
    namespace: string,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void {
    this.#answer(then, (now) => this.#options.adapter.external(metric, metricSelector, namespace, now));
  }

  #answer<T>(then: MetricsThen<T>, answerAt: (now: Micros) => MetricsReply<T>): void {
    const { latency, simulation } = this.#options;
    const draws = simulation.stream('metrics API call');
    const delay = Math.max(0, Math.round(draw(draws, entityKey('metrics'), this.#calls++, latency)));
    simulation.after(delay, () => then(answerAt(simulation.now)));
  }

  #podsOf(namespace: string, selector: LabelSelector): readonly Pod[] {
    const [first] = requirementsOf(selector);
    const candidates =
      first?.operator === 'In' && first.values.length === 1
        ? this.#options.pods.byIndex('label', `${namespace}/${first.key}=${first.values[0]}`)
        : this.#options.pods.byIndex('namespace', namespace);
    return [...candidates].filter(({ metadata }) => matchesLabelSelector(selector, metadata.labels));
  }
}
