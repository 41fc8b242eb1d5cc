import { type Micros, type Simulation, seconds, wholeSecond } from '../../../../engine/index.js';
import { type LabelSelector, matchesLabelSelector, matchesSet, type Pod } from '../../../../models/api/index.js';
import type { MetricsClient, MetricsThen, MetricValue, PodMetricsItem } from '../../../../models/client-go/index.js';

/** What the recorder said of the window of its samples: young pods counted from the second sync after they were ready. */
const WINDOW = seconds(15);
const ANSWERS_AFTER: Micros = 4_000;

/**
 * The stand-in for metrics-server with which the hpa recording was made: PodMetrics written every few seconds, a total of CPU spread
 * evenly over the running pods.
 */
export class PlayedMetrics implements MetricsClient {
  readonly #simulation: Simulation;
  readonly #pods: () => Iterable<Pod>;
  #items: readonly (PodMetricsItem & { readonly labels: Readonly<Record<string, string>> })[] = [];
  /** Counts the spreads: a later one ends those before. */
  #spreads = 0;

  constructor(simulation: Simulation, pods: () => Iterable<Pod>) {
    this.#simulation = simulation;
    this.#pods = pods;
  }

  /** From now on pods that have this label share so many milli-cores. */
  spread(label: string, totalMilli: number, everySeconds: number): void {
    const [key = '', value = ''] = label.split('=');
    const spread = ++this.#spreads;
    const write = (): void => {
      if (spread === this.#spreads) {
        this.#write({ [key]: value }, totalMilli);
        this.#simulation.after(seconds(everySeconds), write);
      }
    };
    write();
  }

  podMetrics(namespace: string, selector: LabelSelector, then: MetricsThen<PodMetricsItem>): void {
    this.#simulation.after(ANSWERS_AFTER, () =>
      then({
        ok: true,
        items: this.#items.filter(
          (item) => item.namespace === namespace && matchesLabelSelector(selector, item.labels),
        ),
      }),
    );
  }

  podsMetric(
    _metric: string,
    _namespace: string,
    _selector: LabelSelector,
    _: unknown,
    then: MetricsThen<MetricValue>,
  ) {
    this.#refuse(then);
  }

  objectMetric(
    _metric: string,
    _namespace: string,
    _object: unknown,
    _: unknown,
    then: MetricsThen<MetricValue>,
  ): void {
    this.#refuse(then);
  }

  externalMetric(_metric: string, _namespace: string, _: unknown, then: MetricsThen<MetricValue>): void {
    this.#refuse(then);
  }

  #write(wanted: Readonly<Record<string, string>>, totalMilli: number): void {
    const pods = [...this.#pods()].filter(
      ({ metadata, status }) => status?.phase === 'Running' && matchesSet(wanted, metadata.labels),
    );
    const nanocores = Math.floor(totalMilli / pods.length) * 1_000_000;
    this.#items = pods.map(({ metadata: { name, namespace = '', labels = {} } }) => ({
      name,
      namespace,
      labels,
      timestamp: wholeSecond(this.#simulation.now),
      window: WINDOW,
      containers: [{ name: 'c', nanocores, memory: 0 }],
    }));
  }

  #refuse(then: MetricsThen<MetricValue>): void {
    this.#simulation.after(ANSWERS_AFTER, () => then({ ok: false, message: 'not recorded' }));
  }
}
