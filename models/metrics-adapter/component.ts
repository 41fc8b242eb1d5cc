import type { Micros, ObjectKey } from '../../engine/index.js';
import {
  type CrossVersionObjectReference,
  keyOf,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
} from '../api/index.js';
import type { MetricsReply, MetricValue } from '../client-go/index.js';
import { type LoadSharing, type UsageCurve, usageAt, usageFrom } from '../world/index.js';

/** What all values have in common. */
interface Given {
  readonly name: string;
  readonly namespace: string;
  /** Labels of the series, which metric selectors choose by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Over the time of the run. */
  readonly value: UsageCurve;
  /** How often the adapter takes in a new value; 0: always the value of the instant. */
  readonly interval: Micros;
}

/** A series of the custom or external metrics API, as somebody's monitoring would have it. */
export type GivenMetric =
  | (Given & { readonly type: 'external' })
  | (Given & { readonly type: 'object'; readonly kind: string; readonly object: string })
  | (Given & {
      readonly type: 'pods';
      readonly selector: LabelSelector;
      /** The value is one of a Service, which its ready endpoints share; left out: each pod has it. */
      readonly service?: ObjectKey;
    });

/** An adapter that serves custom.metrics.k8s.io and external.metrics.k8s.io. Either is served when it has a series. */
export class MetricsAdapter {
  readonly #metrics: readonly GivenMetric[];
  readonly #sharing: LoadSharing;

  constructor(metrics: readonly GivenMetric[], sharing: LoadSharing) {
    this.#metrics = metrics;
    this.#sharing = sharing;
    for (const metric of metrics) {
      if (metric.type === 'pods' && metric.service !== undefined) {
        sharing.follow(metric.service);
      }
    }
  }

  pods(
    name: string,
    pods: readonly Pod[],
    selector: LabelSelector | undefined,
    namespace: string,
    now: Micros,
  ): MetricsReply<MetricValue> {
    const series = this.#seriesOf('pods', name, namespace, selector);
    if (series.length === 0) {
      return this.#unknownCustom(name, 'pods');
    }
    const items = pods.flatMap((pod): readonly MetricValue[] => {
      const own = series.filter((one) => matchesLabelSelector(one.selector, pod.metadata.labels));
      const values = own.flatMap((one) => this.#valueOfPod(one, keyOf(pod), now) ?? []);
      const milliValue = values.reduce((sum, value) => sum + value, 0);
      return values.length === 0 ? [] : [{ name: pod.metadata.name, timestamp: now, milliValue }];
    });
    return { ok: true, items };
  }

  object(
    name: string,
    object: CrossVersionObjectReference,
    selector: LabelSelector | undefined,
    namespace: string,
    now: Micros,
  ): MetricsReply<MetricValue> {
    const series = this.#seriesOf('object', name, namespace, selector).filter(
      (one) => one.kind === object.kind && one.object === object.name,
    );
    return series.length === 0
      ? this.#unknownCustom(name, `${object.kind.toLowerCase()} ${object.name}`)
      : { ok: true, items: [{ name: object.name, timestamp: now, milliValue: milliValueOf(series[0] as Given, now) }] };
  }

  external(
    name: string,
    selector: LabelSelector | undefined,
    namespace: string,
    now: Micros,
  ): MetricsReply<MetricValue> {
    if (!this.#metrics.some(({ type }) => type === 'external')) {
      return {
        ok: false,
        message: `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`,
      };
    }
    const items = this.#seriesOf('external', name, namespace, selector).map((one) => ({
      name: '',
      timestamp: now,
      milliValue: milliValueOf(one, now),
    }));
    return { ok: true, items };
  }

  #seriesOf<T extends GivenMetric['type']>(
    type: T,
    name: string,
    namespace: string,
    selector: LabelSelector | undefined,
  ): readonly (GivenMetric & { readonly type: T })[] {
    return this.#metrics.filter(
      (one): one is GivenMetric & { readonly type: T } =>
        one.type === type &&
        one.name === name &&
        one.namespace === namespace &&
        (selector === undefined || matchesLabelSelector(selector, one.labels)),
    );
  }

  /** k8s.io/metrics pkg/client/custom_metrics; sigs.k8s.io/custom-metrics-apiserver pkg/provider/errors.go. */
  #unknownCustom(name: string, of: string): MetricsReply<MetricValue> {
    return this.#metrics.some(({ type }) => type !== 'external')
      ? { ok: false, message: `the server could not find the metric ${name} for ${of}` }
      : { ok: false, message: 'no custom metrics API (custom.metrics.k8s.io) registered' };
  }

  #valueOfPod(metric: GivenMetric & { readonly type: 'pods' }, pod: ObjectKey, now: Micros): number | undefined {
    const whole = milliValueOf(metric, now);
    if (metric.service === undefined) {
      return whole;
    }
    const [share] = this.#sharing.sharesOf(metric.service, pod, now - 1, now);
    return share && Math.ceil(whole / share.pods);
  }
}

const milliValueOf = ({ value, interval }: Given, now: Micros): number =>
  Math.round(usageAt([usageFrom(value, 0)], interval > 0 ? Math.floor(now / interval) * interval : now) * 1000);
