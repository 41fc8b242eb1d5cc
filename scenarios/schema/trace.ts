import * as z from 'zod';
import { distributionOf } from './distribution.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { didYouMean } from './suggest.js';
import { duration, isLabelKey, micros, objectName } from './values.js';

const time = distributionOf(duration, micros);

/** Units that a number of a trace may be in, with what they are worth in the columns of times: microseconds. */
export const TIME_UNITS = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, min: 60_000_000, h: 3_600_000_000 } as const;

const columnWithUnit = strict({
  column: z.string().min(1),
  unit: z
    .string()
    .optional()
    .describe('What its numbers count. Amounts: m, Ki, Mi, Gi, k, M, G …; times: us, ms, s, min, h.'),
});

/** A column of a CSV file: its name, or its name and what its numbers count. */
const column = chosen([z.string().min(1), columnWithUnit], (value) =>
  isRecord(value) ? columnWithUnit : z.string().min(1),
).meta({ title: 'column', description: 'A column of the CSV file: its name, or {column: memory_mib, unit: Mi}.' });
export type ColumnText = z.infer<typeof column>;

const resourceColumns = z.record(z.string(), column).superRefine((map, ctx) => {
  for (const name of Object.keys(map)) {
    const isPlain = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name === 'pods';
    if (!isPlain && !(isLabelKey(name) && name.includes('/'))) {
      const hint = didYouMean(name, ['cpu', 'memory', 'ephemeral-storage', 'nvidia.com/gpu']);
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(name)} is no resource`, hint, [name]);
    }
  }
});

const labelColumns = z.record(z.string(), z.string()).superRefine((map, ctx) => {
  for (const key of Object.keys(map).filter((name) => !isLabelKey(name))) {
    mistake(ctx, 'BAD_VALUE', `${JSON.stringify(key)} is no label key`, undefined, [key]);
  }
});

const podColumns = strict({
  name: z.string().optional().describe('Names of the pods. Left out: NAME-0, NAME-1, … after the workload.'),
  arrival: column.describe('When the pod is created: a number (of seconds, if no unit is given), or an RFC 3339 time.'),
  duration: column.optional().describe('How long it runs. Empty cells: until it is deleted.'),
  start: column.optional().describe('When it began to run; together with `end`, in place of `duration`.'),
  end: column.optional().describe('When it ended. Without `start`, or where that is empty: counted from its arrival.'),
  requests: resourceColumns
    .optional()
    .describe('Resource to column: {cpu: cores, memory: {column: mem_mib, unit: Mi}}.'),
  labels: labelColumns.optional().describe('Label to column.'),
});

const nodeColumns = strict({
  name: z.string().describe('Names of the nodes.'),
  capacity: resourceColumns.describe('Resource to column.'),
  labels: labelColumns.optional().describe('Label to column.'),
  pool: z.string().optional().describe('Names of their pools.'),
});
export type PodColumnsText = z.infer<typeof podColumns>;
export type NodeColumnsText = z.infer<typeof nodeColumns>;

const header = z
  .array(z.string())
  .min(1)
  .optional()
  .describe('Names of the columns, for a file without a header line.');

const podTemplate = z
  .looseObject({ metadata: z.looseObject({}).optional(), spec: z.looseObject({}).optional() })
  .describe('PodTemplateSpec: what all pods have besides.');

/** Fields of generators that make pods. */
export const WORKLOAD_FIELDS = {
  name: objectName.optional().describe('Label `kubewhen/workload` of its objects, and what their names begin with.'),
  namespace: objectName.optional().describe('Left out: default.'),
  template: podTemplate.optional(),
};

const TRACE_FIELDS = {
  kind: z.literal('Trace').describe('Pods of a recorded trace, each with its arrival, its requests and its duration.'),
  ...WORKLOAD_FIELDS,
  pods: z
    .string()
    .describe('The file of pods; read in pieces, and of a row only its name, its times and what it asks for are kept.'),
  zero: z
    .union([z.string(), z.number()])
    .optional()
    .describe('Time in the file that is the start of the run. Left out: 0 of numbers, the earliest of RFC 3339 times.'),
  speed: z.number().positive().optional().describe('How often faster than recorded time goes; arrivals and durations.'),
  every: time.optional().describe('Time from one arrival to the next, in place of the recorded times.'),
  order: z.enum(['recorded', 'shuffled']).optional().describe('`shuffled`: by the seed; needs `every`.'),
  ends: z.boolean().optional().describe('false: no pod ever ends.'),
};

const openb = strict({ ...TRACE_FIELDS, format: z.literal('openb').describe("Alibaba's cluster-trace-gpu-v2023.") });
const csv = strict({ ...TRACE_FIELDS, format: z.literal('csv'), columns: podColumns, header });
const kubernetes = strict({
  ...TRACE_FIELDS,
  format: z.literal('kubernetes').describe('What `kubectl get pods -A -o json` wrote.'),
});
/** Forms of pods, for the reference. */
export const TRACE_FORMATS = { openb, csv, kubernetes } as const;

const openbNodes = strict({ kind: z.literal('Trace'), format: z.literal('openb'), nodes: z.string() });
const csvNodes = strict({
  kind: z.literal('Trace'),
  format: z.literal('csv'),
  nodes: z.string(),
  columns: nodeColumns,
  header,
});
const kubernetesNodes = strict({ kind: z.literal('Trace'), format: z.literal('kubernetes'), nodes: z.string() });
/** Forms of nodes, for the reference. */
export const TRACE_NODE_FORMATS = { openb: openbNodes, csv: csvNodes, kubernetes: kubernetesNodes } as const;

function byFormat<Formats extends Readonly<Record<string, z.ZodType>>>(formats: Formats) {
  return (value: unknown, ctx: z.RefinementCtx): z.ZodType | undefined => {
    const format = isRecord(value) ? value.format : undefined;
    if (typeof format === 'string' && Object.hasOwn(formats, format)) {
      return formats[format];
    }
    const names = Object.keys(formats);
    if (format === undefined) {
      mistake(ctx, 'MISSING_FIELD', `missing: expected ${names.map((name) => `"${name}"`).join(' or ')}`, undefined, [
        'format',
      ]);
    } else {
      const hint = didYouMean(String(format), names);
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(format)} is no format of traces`, hint, ['format']);
    }
    return undefined;
  };
}

/** Pods of a trace. */
export const traceSource = chosen([openb, csv, kubernetes], byFormat(TRACE_FORMATS)).superRefine((found, ctx) => {
  if (isRecord(found) && found.order === 'shuffled' && found.every === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'missing: shuffled arrivals keep no recorded time', 'Say `every: 1s`', ['every']);
  }
});
/** Nodes of a trace. */
export const traceNodes = chosen([openbNodes, csvNodes, kubernetesNodes], byFormat(TRACE_NODE_FORMATS));

export type TraceText = z.infer<typeof traceSource>;
export type TraceNodesText = z.infer<typeof traceNodes>;
