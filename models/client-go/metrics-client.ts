import type { Micros } from '../../engine/index.js';
import type { CrossVersionObjectReference, LabelSelector } from '../api/index.js';

/** Usage of one container, as metrics.k8s.io tells it. */
export interface ContainerMetrics {
  readonly name: string;
  /** Cores × 10⁹, averaged over the window. */
  readonly nanocores: number;
  /** Working set, bytes. */
  readonly memory: number;
}

/** PodMetrics of metrics.k8s.io/v1beta1. */
export interface PodMetricsItem {
  readonly name: string;
  readonly namespace: string;
  /** End of the window, whole seconds as metav1.Time is sent. */
  readonly timestamp: Micros;
  readonly window: Micros;
  readonly containers: readonly ContainerMetrics[];
}

/** A value of custom.metrics.k8s.io or external.metrics.k8s.io. */
export interface MetricValue {
  /** The pod or object it belongs to; empty for external metrics. */
  readonly name: string;
  readonly timestamp: Micros;
  readonly milliValue: number;
}

export type MetricsReply<T> =
  | { readonly ok: true; readonly items: readonly T[] }
  | { readonly ok: false; readonly message: string };
export type MetricsThen<T> = (reply: MetricsReply<T>) => void;

/**
 * The three metrics APIs, as k8s.io/metrics clients give them: aggregated ones, answered by somebody else than the API server. An
 * error is told in the server's words. Answers arrive whether or not who asked still lives.
 */
export interface MetricsClient {
  /** Pods without a sample are absent. */
  podMetrics(namespace: string, selector: LabelSelector, then: MetricsThen<PodMetricsItem>): void;
  podsMetric(
    metric: string,
    namespace: string,
    selector: LabelSelector,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void;
  objectMetric(
    metric: string,
    namespace: string,
    object: CrossVersionObjectReference,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void;
  externalMetric(
    metric: string,
    namespace: string,
    metricSelector: LabelSelector | undefined,
    then: MetricsThen<MetricValue>,
  ): void;
}
