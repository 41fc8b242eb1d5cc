import * as z from 'zod';
import { inlineObject } from '../actions/apply.js';
import { distributionOf } from './distribution.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { didYouMean } from './suggest.js';
import { traceSource, WORKLOAD_FIELDS } from './trace.js';
import { duration, micros } from './values.js';

const time = distributionOf(duration, micros);

const arrivals = strict({
  kind: z.literal('Arrivals').describe('Pods of one template that come one after the other and end after their time.'),
  ...WORKLOAD_FIELDS,
  every: time.describe('Time from one arrival to the next; {exponential: {mean: 10s}} makes a Poisson process.'),
  from: duration.optional().describe('When the first gap begins. Left out: the start of the run.'),
  until: duration.optional().describe('No pod arrives later. Left out: the end of the run.'),
  count: z.int().min(1).optional().describe('Pods at most. Left out: no limit.'),
  duration: time.optional().describe('How long each pod runs before it ends with 0. Left out: until it is deleted.'),
}).superRefine(({ template }, ctx) => {
  if (template === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'missing: a pod template must stand here', undefined, ['template']);
  }
});

const replicas = strict({
  kind: z.literal('Replicas').describe('Copies of one object, created at the same time.'),
  name: WORKLOAD_FIELDS.name,
  count: z.int().min(1).describe('How many copies.'),
  at: duration.optional().describe('When they are created. Left out: at the start of the run.'),
  object: inlineObject.describe(
    'The object. `$(INDEX)` in its texts becomes 0, 1, 2, …; a name without it gets "-0", "-1", … at its end.',
  ),
});

const KINDS = { Trace: traceSource, Arrivals: arrivals, Replicas: replicas } as const;

/** Forms of a generator of pods and load besides the formats of traces, for the reference. */
export const WORKLOAD_KINDS: Readonly<Record<string, z.ZodType>> = { Arrivals: arrivals, Replicas: replicas };

/** A generator of pods and load. */
export const workload = chosen([traceSource, arrivals, replicas], (value, ctx) => {
  const kind = isRecord(value) ? value.kind : undefined;
  if (typeof kind === 'string' && Object.hasOwn(KINDS, kind)) {
    return KINDS[kind as keyof typeof KINDS];
  }
  const path = isRecord(value) ? ['kind'] : undefined;
  if (kind === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'missing: expected "Trace" or "Arrivals" or "Replicas"', undefined, path);
  } else {
    const found = String(kind);
    mistake(
      ctx,
      'UNKNOWN_KIND',
      `no workload is called ${JSON.stringify(kind)}`,
      didYouMean(found, Object.keys(KINDS)),
      path,
    );
  }
  return undefined;
}).describe('Pods and load that come while the run goes.');

export type ArrivalsText = z.infer<typeof arrivals>;
export type ReplicasText = z.infer<typeof replicas>;
export type WorkloadText = z.infer<typeof workload>;
