import * as z from 'zod';
import { type Micros, parseDuration } from '../../engine/index.js';
import { amountOf, type LabelSelector, matchesLabelSelector, valueOf } from '../../models/api/index.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';

/** "30s", "1m30s": as Go writes durations. A bare 0 is a duration too. */
export const duration = z
  .union([z.string(), z.number()], { error: 'expected a duration such as "30s"' })
  .superRefine((text, ctx) => {
    try {
      if (parseDuration(String(text)) < 0) {
        mistake(ctx, 'BAD_DURATION', `${JSON.stringify(text)} is negative: expected a duration such as "30s"`);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      const days = /^(\d+)d$/.exec(String(text))?.[1];
      const hint = days
        ? `Did you mean "${Number(days) * 24}h"?`
        : typeof text === 'number'
          ? `Did you mean "${text}s"?`
          : undefined;
      mistake(ctx, 'BAD_DURATION', error.message, hint);
    }
  })
  .meta({
    title: 'duration',
    description: 'A duration as Go writes it: "300ms", "30s", "1m30s", "1.5h".',
    examples: ['30s', '1m30s'],
  });

export type DurationText = z.infer<typeof duration>;

export const micros = (text: DurationText): Micros => parseDuration(String(text));

/** "500m", "16Gi": as Kubernetes writes amounts. */
export const quantity = z
  .union([z.string(), z.number()], { error: 'expected a quantity such as "500m" or "16Gi"' })
  .superRefine((text, ctx) => {
    try {
      amountOf(text);
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      mistake(
        ctx,
        'BAD_QUANTITY',
        `${JSON.stringify(text)} is no quantity`,
        'Quantities are written like 500m, 2, 16Gi, 1e3',
      );
    }
  })
  .meta({
    title: 'quantity',
    description: 'A quantity as Kubernetes writes it: "500m", "2", "16Gi".',
    examples: ['500m', '16Gi'],
  });

export type QuantityText = z.infer<typeof quantity>;

/** Whole units (bytes, cores rounded up), as Quantity.Value. */
export const amount = (text: QuantityText): number => valueOf(text);

const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** k8s.io/apimachinery pkg/util/validation: IsQualifiedName. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0
    ? LABEL_PART.test(key)
    : LABEL_PART.test(key.slice(slash + 1)) && slash <= 253 && DNS_SUBDOMAIN.test(key.slice(0, slash));
}

/** k8s.io/apimachinery pkg/util/validation: IsValidLabelValue. */
export const isLabelValue = (value: string): boolean => value === '' || LABEL_PART.test(value);

/** k8s.io/apimachinery pkg/util/validation: IsDNS1123Subdomain. */
export const isObjectName = (name: string): boolean => name.length <= 253 && DNS_SUBDOMAIN.test(name);

export const objectName = z.string().superRefine((name, ctx) => {
  if (!isObjectName(name)) {
    mistake(ctx, 'BAD_VALUE', `${JSON.stringify(name)} is no object name: lower-case letters, digits, "-" and "."`);
  }
});

export const labels = z.record(z.string(), z.string()).superRefine((map, ctx) => {
  for (const [key, value] of Object.entries(map)) {
    if (!isLabelKey(key)) {
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(key)} is no label key`, undefined, [key]);
    } else if (!isLabelValue(value)) {
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(value)} is no label value`, undefined, [key]);
    }
  }
});

const expression = strict({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(z.string()).optional(),
}).superRefine(({ operator, values = [] }, ctx) => {
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues !== values.length > 0) {
    const message = wantsValues ? `${operator} needs values` : `${operator} takes no values`;
    mistake(ctx, 'BAD_SELECTOR', message, undefined, ['values']);
  }
});

const longSelector = strict({ matchLabels: labels.optional(), matchExpressions: z.array(expression).optional() });

const isLong = (value: unknown): boolean =>
  isRecord(value) && (Array.isArray(value.matchExpressions) || isRecord(value.matchLabels));

/** A LabelSelector; `{app: cart}` is short for `{matchLabels: {app: cart}}`. */
export const selector = chosen([longSelector, labels], (value) => (isLong(value) ? longSelector : labels)).meta({
  description: 'Labels that must be there, {app: cart}; or matchLabels and matchExpressions as in Kubernetes.',
});

export type SelectorText = z.infer<typeof selector>;

/** Whether these labels satisfy the selector. An empty selector takes everything. */
export const matches = (wanted: SelectorText, found: Readonly<Record<string, string>> | undefined): boolean =>
  matchesLabelSelector((isLong(wanted) ? wanted : { matchLabels: wanted }) as LabelSelector, found);
