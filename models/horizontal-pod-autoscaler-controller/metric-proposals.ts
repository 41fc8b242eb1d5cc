import { type Micros, seconds } from '../../engine/index.js';
import {
  amountOf,
  approximateFloat,
  formatAmount,
  type HorizontalPodAutoscaler,
  type LabelSelector,
  type MetricSpec,
  type MetricStatus,
  type MetricValueStatus,
  milliValueOf,
  type Pod,
} from '../api/index.js';
import type { MetricsClient, MetricsReply, MetricValue, PodMetricsItem } from '../client-go/index.js';
import type { HorizontalPodAutoscalerControllerConfiguration } from './config.js';
import {
  averageValueReplicas,
  type Observed,
  type PodMetric,
  type PodMetrics,
  perPodReplicas,
  resourceReplicas,
  type Tolerances,
  usageRatioReplicas,
} from './replica-calculator.js';
import type { Scale } from './scale-target.js';
import { selectorAsGo } from './selector-text.js';

// k8s 1.37 pkg/controller/podautoscaler horizontal.go computeReplicasForMetric and the computeStatusFor… functions.

/** What one metric asks for, or why it asks for nothing. */
export type MetricProposal =
  | { readonly ok: true; readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  | {
      readonly ok: false;
      /** Of the event and the condition. */
      readonly reason: string;
      readonly message: string;
      /** The same for whoever puts it among those of other metrics. */
      readonly error: string;
    };

/** What a metric is looked at with. */
export interface MetricContext {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly scale: Scale;
  readonly selector: LabelSelector;
  readonly client: MetricsClient;
  readonly config: HorizontalPodAutoscalerControllerConfiguration;
  /** Pods of the target as the caches have them when the values have arrived. */
  readonly pods: () => readonly Pod[];
  readonly now: () => Micros;
}

type Then = (proposal: MetricProposal) => void;

/** Asks for the values of one metric and says how many replicas would meet its target. */
export function proposeReplicas(spec: MetricSpec, context: MetricContext, then: Then): void {
  if (spec.type === 'Resource' && spec.resource) {
    proposeByUsage({ ...spec.resource, container: '' }, context, then);
  } else if (spec.type === 'ContainerResource' && spec.containerResource) {
    proposeByUsage(spec.containerResource, context, then);
  } else if (spec.type === 'Pods' && spec.pods) {
    proposeByPods(spec.pods, context, then);
  } else if (spec.type === 'Object' && spec.object) {
    proposeByObject(spec.object, context, then);
  } else if (spec.type === 'External' && spec.external) {
    proposeByExternal(spec.external, context, then);
  } else {
    const error = `unknown metric source type ${JSON.stringify(spec.type)}`;
    then({ ok: false, reason: 'InvalidMetricSourceType', message: error, error });
  }
}

/** As getTolerances: what the direction's rules say, else the flag. */
function tolerancesOf({ spec }: HorizontalPodAutoscaler, config: MetricContext['config']): Tolerances {
  const own = config.HPAConfigurableTolerance ? spec.behavior : undefined;
  const of = (quantity: string | number | undefined): number =>
    quantity === undefined ? config.tolerance : approximateFloat(amountOf(quantity));
  return { scaleDown: of(own?.scaleDown?.tolerance), scaleUp: of(own?.scaleUp?.tolerance) };
}

const observedBy = ({ autoscaler, scale, config, pods, now }: MetricContext): Observed => ({
  currentReplicas: scale.specReplicas,
  pods: pods(),
  tolerances: tolerancesOf(autoscaler, config),
  now: now(),
});

// ----------------------------------------------------------------------------------- Resource and ContainerResource

type UsageSource = NonNullable<MetricSpec['containerResource']>;

function proposeByUsage(source: UsageSource, context: MetricContext, then: Then): void {
  const { autoscaler, config } = context;
  const { name, container, target } = source;
  const isOfContainer = container !== '';
  const wants = target.averageValue === undefined ? 'utilization' : 'usage';
  const fail = (problem: string): void => {
    const message = `failed to get ${name} ${wants}: ${problem}`;
    const about = isOfContainer ? `${container} container` : `${name} resource`;
    then({
      ok: false,
      reason: isOfContainer ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      message,
      error: config.errorsNamePods ? `failed to get ${about} metric value: ${message}` : message,
    });
  };
  context.client.podMetrics(autoscaler.metadata.namespace ?? '', context.selector, (reply) => {
    const metrics = usageByPod(reply, name, container);
    if ('error' in metrics) {
      fail(`unable to get metrics for resource ${name}: ${metrics.error}`);
      return;
    }
    const found = usageProposal(metrics.byPod, source, context);
    if ('error' in found) {
      fail(found.error);
      return;
    }
    const { replicas, title, current } = found;
    const status: MetricStatus = isOfContainer
      ? { type: 'ContainerResource', containerResource: { name, container, current } }
      : { type: 'Resource', resource: { name, current } };
    then({ ok: true, replicas, name: title, status });
  });
}

function usageProposal(
  metrics: PodMetrics,
  { name, container, target }: UsageSource,
  context: MetricContext,
):
  | { readonly replicas: number; readonly title: string; readonly current: MetricValueStatus }
  | { readonly error: string } {
  const { config } = context;
  const observed = observedBy(context);
  if (target.averageValue !== undefined) {
    const targetValue = milliValueOf(target.averageValue);
    const found = averageValueReplicas(metrics, { resource: name, targetValue }, observed, config);
    return 'error' in found
      ? found
      : { replicas: found.replicas, title: `${name} resource`, current: { averageValue: milliQuantity(found.usage) } };
  }
  const targetUtilization = target.averageUtilization ?? 0;
  const found = resourceReplicas(metrics, { resource: name, container, targetUtilization }, observed, config);
  if ('error' in found) {
    return found;
  }
  const of = container === '' ? 'resource' : 'container resource';
  return {
    replicas: found.replicas,
    title: `${name} ${of} utilization (percentage of request)`,
    current: { averageUtilization: found.utilization, averageValue: milliQuantity(found.rawUtilization) },
  };
}

/** As GetResourceMetric of metrics/client.go: the sum over a pod's containers, or one of them. */
function usageByPod(
  reply: MetricsReply<PodMetricsItem>,
  resource: string,
  container: string,
): { readonly byPod: PodMetrics } | { readonly error: string } {
  if (!reply.ok) {
    return { error: `unable to fetch metrics from resource metrics API: ${reply.message}` };
  }
  if (reply.items.length === 0) {
    return { error: 'no metrics returned from resource metrics API' };
  }
  const byPod = new Map<string, PodMetric>();
  for (const { name, namespace, timestamp, window, containers } of reply.items) {
    const counted = containers.filter((one) => container === '' || one.name === container);
    if (container !== '' && counted.length === 0) {
      const problem = `container ${container} not present in metrics for pod ${namespace}/${name}`;
      return { error: `failed to get container metrics: ${problem}` };
    }
    // What is not cpu or memory is not measured: such pods have no value.
    const isMeasured = resource === 'cpu' || resource === 'memory';
    if (counted.length > 0 && isMeasured) {
      const value = counted.reduce((sum, one) => sum + milliUsage(one, resource), 0);
      byPod.set(name, { timestamp, window, value });
    }
  }
  return { byPod };
}

/** Quantity.MilliValue rounds up. */
const milliUsage = (
  { nanocores, memory }: { readonly nanocores: number; readonly memory: number },
  resource: string,
): number => (resource === 'cpu' ? Math.ceil(nanocores / 1_000_000) : memory * 1000);

// -------------------------------------------------------------------------------------------- Pods, Object, External

/** metrics/client.go metricServerDefaultMetricWindow. */
const DEFAULT_WINDOW = seconds(60);

function proposeByPods({ metric, target }: NonNullable<MetricSpec['pods']>, context: MetricContext, then: Then): void {
  const fail = (problem: string): void =>
    then({
      ok: false,
      reason: 'FailedGetPodsMetric',
      message: problem,
      error: `failed to get pods metric value: ${problem}`,
    });
  const { client, autoscaler, selector, config } = context;
  client.podsMetric(metric.name, autoscaler.metadata.namespace ?? '', selector, metric.selector, (reply) => {
    const values = customValues(reply);
    if ('error' in values) {
      fail(`unable to get metric ${metric.name}: ${values.error}`);
      return;
    }
    const metrics = new Map(
      values.items.map(({ name, timestamp, milliValue }) => [
        name,
        { timestamp, window: DEFAULT_WINDOW, value: milliValue },
      ]),
    );
    const targetValue = milliValueOf(target.averageValue ?? '0');
    const found = averageValueReplicas(metrics, { resource: '', targetValue }, observedBy(context), config);
    if ('error' in found) {
      fail(found.error);
      return;
    }
    const current = { averageValue: milliQuantity(found.usage) };
    const status: MetricStatus = { type: 'Pods', pods: { metric, current } };
    then({ ok: true, replicas: found.replicas, name: `pods metric ${metric.name}`, status });
  });
}

function customValues(
  reply: MetricsReply<MetricValue>,
): { readonly items: readonly MetricValue[] } | { readonly error: string } {
  if (!reply.ok) {
    return { error: `unable to fetch metrics from custom metrics API: ${reply.message}` };
  }
  return reply.items.length === 0 ? { error: 'no metrics returned from custom metrics API' } : reply;
}

function proposeByObject(source: NonNullable<MetricSpec['object']>, context: MetricContext, then: Then): void {
  const { describedObject, metric, target } = source;
  const { metadata } = context.autoscaler;
  const isValue = target.type === 'Value' && target.value !== undefined;
  const fail = (problem: string): void =>
    then({
      ok: false,
      reason: 'FailedGetObjectMetric',
      message: problem,
      error: `failed to get object metric value: ${isValue ? '' : `failed to get ${metric.name} object metric: `}${problem}`,
    });
  context.client.objectMetric(metric.name, metadata.namespace ?? '', describedObject, metric.selector, (reply) => {
    const values = customValues(reply);
    if ('error' in values) {
      // The words of GetObjectMetricReplicas stand in the wrong order, and so they do here.
      const { kind, name } = describedObject;
      fail(`unable to get metric ${metric.name}: ${kind} on ${metadata.namespace} ${name}/${values.error}`);
      return;
    }
    const usage = values.items[0]?.milliValue ?? 0;
    if (isValue) {
      proposeByValue(usage, target.value ?? '0', context, fail, (replicas, current) =>
        then({
          ok: true,
          replicas,
          name: `${describedObject.kind} metric ${metric.name}`,
          status: { type: 'Object', object: { describedObject, metric, current } },
        }),
      );
      return;
    }
    const { replicas, current } = shared(usage, target.averageValue ?? '0', context);
    const name = `external metric ${metric.name}(${selectorAsGo(metric.selector)})`;
    // The status leaves the object out, as computeStatusForObjectMetric does for averages.
    const status = { type: 'Object', object: { describedObject: { kind: '', name: '' }, metric, current } };
    then({ ok: true, replicas, name, status });
  });
}

function proposeByExternal(
  { metric, target }: NonNullable<MetricSpec['external']>,
  context: MetricContext,
  then: Then,
): void {
  const { autoscaler, client, config } = context;
  const namespace = autoscaler.metadata.namespace ?? '';
  const isAverage = target.averageValue !== undefined;
  const fail = (problem: string): void => {
    const wrapped = `failed to get ${isAverage ? `${metric.name} external metric` : `external metric ${metric.name}`}: ${problem}`;
    then({
      ok: false,
      reason: 'FailedGetExternalMetric',
      message: problem,
      error: config.errorsNamePods ? `failed to get ${metric.name} external metric value: ${wrapped}` : wrapped,
    });
  };
  client.externalMetric(metric.name, namespace, metric.selector, (reply) => {
    const problem = reply.ok
      ? reply.items.length === 0
        ? 'no metrics returned from external metrics API'
        : undefined
      : `unable to fetch metrics from external metrics API: ${reply.message}`;
    if (problem !== undefined || !reply.ok) {
      fail(`unable to get external metric ${namespace}/${metric.name}/${selectorAsGo(metric.selector)}: ${problem}`);
      return;
    }
    const usage = reply.items.reduce((sum, { milliValue }) => sum + milliValue, 0);
    const tell = (replicas: number, current: MetricValueStatus): void =>
      then({
        ok: true,
        replicas,
        name: `external metric ${metric.name}(${selectorAsGo(metric.selector)})`,
        status: { type: 'External', external: { metric, current } },
      });
    if (isAverage) {
      const { replicas, current } = shared(usage, target.averageValue ?? '0', context);
      tell(replicas, current);
    } else {
      proposeByValue(usage, target.value ?? '0', context, fail, tell);
    }
  });
}

/** One value against one target: the pods that are ready now meet a part of it. */
function proposeByValue(
  usage: number,
  target: string | number,
  context: MetricContext,
  fail: (problem: string) => void,
  then: (replicas: number, current: MetricValueStatus) => void,
): void {
  const found = usageRatioReplicas(usage / milliValueOf(target), observedBy(context), context.config);
  if ('error' in found) {
    fail(found.error);
  } else {
    then(found.replicas, { value: milliQuantity(usage) });
  }
}

/** One value shared by all pods. */
function shared(
  usage: number,
  target: string | number,
  { autoscaler, scale, config }: MetricContext,
): { readonly replicas: number; readonly current: MetricValueStatus } {
  const tolerances = tolerancesOf(autoscaler, config);
  const found = perPodReplicas(usage, milliValueOf(target), scale.statusReplicas, tolerances, config);
  return { replicas: found.replicas, current: { averageValue: milliQuantity(found.usage) } };
}

/** As resource.NewMilliQuantity in decimal form. What no pod shares is told as nothing. */
const milliQuantity = (milliValue: number): string =>
  formatAmount({
    unscaled: Number.isFinite(milliValue) ? BigInt(milliValue) : 0n,
    scale: -3,
    format: 'DecimalSI',
    isInt64: true,
  });
