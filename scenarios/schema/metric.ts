import * as z from 'zod';
import { keyFor, type LabelSelector, milliValueOf } from '../../models/api/index.js';
import type { GivenMetric } from '../../models/metrics-adapter/index.js';
import { toUsage, usage } from './behaviour.js';
import { parseReference } from './reference.js';
import { isRecord, mistake, strict } from './shapes.js';
import { duration, labels, micros, objectName, type QuantityText, selector } from './values.js';

/** "ingress/main": an object that a metric describes; of any kind, since custom resources have metrics, too. */
const described = z
  .string()
  .regex(/^[^/]+\/[^/]+$/, 'an object is written like ingress/main')
  .describe('The object that the metric describes, as in "ingress/main".');

/** A series of the custom or external metrics API. Which of the fields external, pods and object stands there says which. */
export const metric = strict({
  external: z.string().min(1).optional().describe('Name of an external metric.'),
  pods: z
    .string()
    .min(1)
    .optional()
    .describe('Name of a metric that each pod of the selector, or of the service, has.'),
  object: described.optional(),
  metric: z.string().min(1).optional().describe('Name of the metric of that object.'),
  namespace: objectName.optional().describe('Left out: default.'),
  labels: labels.optional().describe('Of the series: what selectors of metrics choose by.'),
  selector: selector.optional().describe('Pods that have the metric.'),
  service: objectName.optional().describe("The value is the Service's; its ready endpoints share it."),
  value: usage.describe('A constant amount, or a line that grows, or points; over the time of the run.'),
  interval: duration.optional().describe('How often monitoring takes in a value. Left out: always.'),
})
  .superRefine((value, ctx) => {
    const { external, pods, object, metric: ofObject, selector: chosen, service } = value as Partial<MetricText>;
    if ([external, pods, object].filter((one) => one !== undefined).length !== 1) {
      mistake(ctx, 'MISSING_FIELD', 'a metric is one of external, pods, object');
    } else if ((object === undefined) !== (ofObject === undefined)) {
      mistake(ctx, 'MISSING_FIELD', 'object and metric go together: {object: ingress/main, metric: requests}');
    } else if (pods !== undefined && (chosen === undefined) === (service === undefined)) {
      mistake(ctx, 'MISSING_FIELD', 'a metric of pods needs a selector, or a service');
    }
  })
  .describe('A series of the custom or external metrics API, for HorizontalPodAutoscalers.');
export type MetricText = z.infer<typeof metric>;

const units = (text: QuantityText): number => milliValueOf(text) / 1000;

/** The form that the adapter serves. */
export function toMetric(text: MetricText): GivenMetric {
  const { namespace = 'default' } = text;
  const common = {
    namespace,
    labels: text.labels ?? {},
    value: toUsage(text.value, units),
    interval: text.interval === undefined ? 0 : micros(text.interval),
  };
  if (text.external !== undefined) {
    return { ...common, type: 'external', name: text.external };
  }
  if (text.object !== undefined) {
    const [word = '', object = ''] = text.object.split('/');
    return {
      ...common,
      type: 'object',
      name: text.metric ?? '',
      kind: parseReference(text.object)?.kind ?? word,
      object,
    };
  }
  return {
    ...common,
    type: 'pods',
    name: text.pods ?? '',
    selector: toLabelSelector(text.selector ?? {}),
    ...(text.service !== undefined && { service: keyFor(namespace, text.service) }),
  };
}

/** `{app: cart}` is short for `{matchLabels: {app: cart}}`. */
function toLabelSelector(text: NonNullable<MetricText['selector']>): LabelSelector {
  const isLong = isRecord(text) && (Array.isArray(text.matchExpressions) || isRecord(text.matchLabels));
  return (isLong ? text : { matchLabels: text }) as LabelSelector;
}
