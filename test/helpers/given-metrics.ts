import type { Simulation } from '../../engine/index.js';
import type { MetricsClient, MetricsReply, MetricValue, PodMetricsItem } from '../../models/client-go/index.js';

/** Answers of the metrics APIs that a test sets; each comes 4 ms after it was asked for. */
export class GivenMetrics implements MetricsClient {
  readonly #simulation: Simulation;
  resource: () => MetricsReply<PodMetricsItem> = () => ({ ok: true, items: [] });
  pods: () => MetricsReply<MetricValue> = () => ({ ok: false, message: 'not given' });
  object: () => MetricsReply<MetricValue> = () => ({ ok: false, message: 'not given' });
  external: () => MetricsReply<MetricValue> = () => ({ ok: false, message: 'not given' });

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  podMetrics(_namespace: string, _selector: unknown, then: (reply: MetricsReply<PodMetricsItem>) => void): void {
    this.#simulation.after(4000, () => then(this.resource()));
  }

  podsMetric(
    _metric: string,
    _namespace: string,
    _selector: unknown,
    _metricSelector: unknown,
    then: (reply: MetricsReply<MetricValue>) => void,
  ): void {
    this.#simulation.after(4000, () => then(this.pods()));
  }

  objectMetric(
    _metric: string,
    _namespace: string,
    _object: unknown,
    _metricSelector: unknown,
    then: (reply: MetricsReply<MetricValue>) => void,
  ): void {
    this.#simulation.after(4000, () => then(this.object()));
  }

  externalMetric(
    _metric: string,
    _namespace: string,
    _metricSelector: unknown,
    then: (reply: MetricsReply<MetricValue>) => void,
  ): void {
    this.#simulation.after(4000, () => then(this.external()));
  }
}
