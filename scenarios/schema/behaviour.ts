import * as z from 'zod';
import { type Distribution, type Micros, seconds } from '../../engine/index.js';
import { milliValueOf } from '../../models/api/index.js';
import type {
  ContainerBehaviour,
  ContainerExit,
  HookBehaviour,
  Need,
  ProbeBehaviour,
  UsageCurve,
} from '../../models/world/index.js';
import { type DistributionText, distributionOf, type ReadColumn, toDistribution } from './distribution.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { amount, duration, micros, objectName, type QuantityText, quantity, selector } from './values.js';

const time = distributionOf(duration, micros);

/** "1Mi/min": an amount per second, minute or hour. */
const growth = z
  .string()
  .superRefine((text, ctx) => {
    if (ratePerSecond(text, amount) === undefined) {
      mistake(
        ctx,
        'BAD_QUANTITY',
        `${JSON.stringify(text)} is no rate`,
        'Rates are written like 1Mi/min, 500Ki/s, 10m/h',
      );
    }
  })
  .meta({ description: 'An amount per time: "1Mi/min", "500Ki/s".' });

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

export function ratePerSecond(text: string, read: (text: QuantityText) => number): number | undefined {
  const [, quantityText, unit] = /^([^/]+)\/(s|m|min|h)$/.exec(text) ?? [];
  if (quantityText === undefined || unit === undefined || !quantity.safeParse(quantityText).success) {
    return undefined;
  }
  return read(quantityText) / (SECONDS_PER[unit] as number);
}

const notNegative = quantity.superRefine((text, ctx) => {
  if (quantity.safeParse(text).success && milliValueOf(text) < 0) {
    mistake(ctx, 'BAD_QUANTITY', `${JSON.stringify(text)} is below zero`);
  }
});

const usageCurve = strict({
  base: notNegative.optional(),
  growth: growth.optional(),
  limit: notNegative.optional(),
  points: z
    .array(strict({ at: duration, value: notNegative }))
    .min(1)
    .optional(),
}).superRefine(({ base, growth, limit }, ctx) => {
  const rate = growth === undefined ? 0 : (ratePerSecond(growth, milliValueOf) ?? 0);
  if (limit === undefined || rate === 0 || !quantity.safeParse(limit).success) {
    return;
  }
  const begin = base === undefined || !quantity.safeParse(base).success ? 0 : milliValueOf(base);
  if (rate > 0 ? milliValueOf(limit) < begin : milliValueOf(limit) > begin) {
    const message = `${JSON.stringify(limit)} is never reached: it begins at ${base ?? 0} and goes ${rate > 0 ? 'up' : 'down'}`;
    mistake(ctx, 'BAD_VALUE', message, undefined, ['limit']);
  }
});

/** A constant amount, or a line that grows, or points. */
export const usage = chosen([notNegative, usageCurve], (value) => (isRecord(value) ? usageCurve : notNegative));
export type UsageText = z.infer<typeof usage>;

const NEED_FIELDS = {
  resolves: z.string().min(1).optional().describe('A name, as DNS is asked for it in the pod: "myservice".'),
  reaches: z
    .string()
    .regex(/^[^:\s]+:\d{1,5}$/, 'a place to reach is written like db:5432')
    .optional()
    .describe('A name or address and a TCP port: "db:5432".'),
};
type NeedText = { readonly resolves?: string | undefined; readonly reaches?: string | undefined };

function refuseUnclearNeed({ resolves, reaches }: NeedText, ctx: z.RefinementCtx): void {
  if ((resolves === undefined) === (reaches === undefined)) {
    mistake(ctx, 'BAD_VALUE', 'a process needs either a name that `resolves`, or a place that it `reaches`');
  }
}

const need = strict(NEED_FIELDS).superRefine(refuseUnclearNeed);
const awaited = strict({
  ...NEED_FIELDS,
  every: duration.optional().describe('How often it looks. Left out: 1s.'),
}).superRefine(refuseUnclearNeed);

const exit = strict({
  after: time.optional(),
  until: awaited.optional().describe('It looks every so often from its start on, and exits when it finds this.'),
  unless: need.optional().describe('It looks when it would exit, and runs on if it finds this.'),
  code: z.int().min(0).max(255).optional().describe('Left out with `until`: 0.'),
  reason: z.string().optional(),
}).superRefine(({ after, until, unless, code }, ctx) => {
  if ((after === undefined) === (until === undefined)) {
    mistake(
      ctx,
      'BAD_VALUE',
      'an exit is either `after` a time, or when the process has found what it looks for: `until`',
    );
  } else if (until !== undefined && unless !== undefined) {
    mistake(ctx, 'BAD_VALUE', '`unless` belongs to an exit `after` a time', undefined, ['unless']);
  } else if (until === undefined && code === undefined) {
    mistake(ctx, 'MISSING_FIELD', 'an exit `after` a time needs a code', undefined, ['code']);
  }
});

const probe = strict({
  dependsOn: need.optional().describe('The probe fails while the process does not find this.'),
  failing: z.array(strict({ from: duration, until: duration.optional() })).optional(),
  failureProbability: z.number().min(0).max(1).optional(),
  latency: time.optional(),
});

const hook = strict({
  takes: time.optional().describe('Left out: what `sleep N` says, otherwise no time.'),
  fails: z
    .boolean()
    .optional()
    .describe('An exec that exits with 1, a server that answers 500. A `sleep` handler cannot fail.'),
});

const load = strict({
  service: objectName.describe('A Service in the namespace of the pod; its ready endpoints share the requests evenly.'),
  requestsPerSecond: usage.describe('To the whole Service: a constant, a line or points, over the time of the run.'),
  cpuPerRequest: notNegative.describe('Core-seconds that a request costs: 10m is ten milliseconds of one core.'),
});

const NEVER = z.literal('never');
const SIGTERM_IGNORED = z.literal('ignored');
const sigtermAnswer = strict({ exitsAfter: time, exitCode: z.int().min(0).max(255).optional() });
const exitList = z.array(exit).min(1);

/** What a container does; every field may also stand in an annotation `kubewhen/FIELD` or `kubewhen/FIELD.CONTAINER`. */
export const BEHAVIOUR_FIELDS = {
  start: time.optional().describe("From the runtime's start call until the process runs."),
  ready: chosen([NEVER, time], (value) => (value === 'never' ? NEVER : time))
    .optional()
    .describe('From running until the process serves: probes succeed. "never" too.'),
  exit: chosen([exit, exitList], (value) => (Array.isArray(value) ? exitList : exit))
    .optional()
    .describe('How each run ends; of a list, one entry a run, the last repeats.'),
  sigterm: chosen([SIGTERM_IGNORED, sigtermAnswer], (value) => (isRecord(value) ? sigtermAnswer : SIGTERM_IGNORED))
    .optional()
    .describe('Answer to SIGTERM: {exitsAfter, exitCode}, or "ignored".'),
  probes: strict({ liveness: probe.optional(), readiness: probe.optional(), startup: probe.optional() })
    .optional()
    .describe('Windows in which a probe fails, counted from the start of each run.'),
  postStart: hook.optional().describe('How the postStart hook of the manifest goes.'),
  preStop: hook.optional().describe('How the preStop hook of the manifest goes.'),
  memory: usage.optional().describe('Working set over the life of one run.'),
  cpu: usage.optional().describe('Cores used over the life of one run.'),
  load: load.optional().describe('Cores used besides, by its part of the requests to a Service.'),
  disk: usage
    .optional()
    .describe('Bytes in the writable layer over the life of one run; they go with the dead container.'),
  inodes: usage.optional().describe('Files in the writable layer.'),
  logs: usage.optional().describe('Bytes of logs over the life of one run; rotation keeps them small.'),
  volumes: z
    .record(z.string(), usage)
    .optional()
    .describe('Bytes written to emptyDir volumes of the pod, by name: {scratch: {growth: 10Mi/s}}.'),
  exitsOnFullDisk: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe(
      'Exit code with which it crashes when a disk it writes to is full. Left out: it goes on, and what it writes is lost.',
    ),
  processes: usage.optional().describe('Processes over the life of one run.'),
};

const behaviourFields = strict(BEHAVIOUR_FIELDS);
export type BehaviourText = z.infer<typeof behaviourFields>;

/** Behaviour of the containers that a selector, namespace, workload and container name take in; left out: all. */
export const behaviour = strict({
  selector: selector.optional(),
  namespace: z.string().optional(),
  workload: z.string().optional().describe('As in "deployment/cart": the pods that its selector takes in.'),
  container: z.string().optional(),
  ...BEHAVIOUR_FIELDS,
}).describe('What containers do. Later entries add to earlier ones that take in the same container.');
export type BehaviourRuleText = z.infer<typeof behaviour>;

/** Exact to a thousandth: cores, requests a second. */
const thousandths = (text: QuantityText): number => milliValueOf(text) / 1000;

/** The engine's form of a checked behaviour. */
export function toBehaviour(text: BehaviourText, readColumn: ReadColumn): ContainerBehaviour {
  const drawn = (law: DistributionText): Distribution => toDistribution(law, micros, readColumn);
  const exits = text.exit === undefined ? undefined : [text.exit].flat().map((one) => toExit(one, drawn));
  return {
    ...(text.start !== undefined && { start: drawn(text.start) }),
    ...(text.ready !== undefined && { ready: text.ready === 'never' ? 'never' : drawn(text.ready) }),
    ...(exits && { exits }),
    ...(text.sigterm !== undefined && { sigterm: toSigterm(text.sigterm, drawn) }),
    ...(text.probes && {
      probes: {
        ...(text.probes.liveness && { liveness: toProbe(text.probes.liveness, drawn) }),
        ...(text.probes.readiness && { readiness: toProbe(text.probes.readiness, drawn) }),
        ...(text.probes.startup && { startup: toProbe(text.probes.startup, drawn) }),
      },
    }),
    ...(text.postStart && { postStart: toHook(text.postStart, drawn) }),
    ...(text.preStop && { preStop: toHook(text.preStop, drawn) }),
    ...(text.memory !== undefined && { memory: toUsage(text.memory, amount) }),
    ...(text.cpu !== undefined && { cpu: toUsage(text.cpu, thousandths) }),
    ...(text.load && {
      cpuLoad: {
        service: text.load.service,
        requestsPerSecond: toUsage(text.load.requestsPerSecond, thousandths),
        cpuPerRequest: thousandths(text.load.cpuPerRequest),
      },
    }),
    ...(text.disk !== undefined && { disk: toUsage(text.disk, amount) }),
    ...(text.inodes !== undefined && { inodes: toUsage(text.inodes, amount) }),
    ...(text.logs !== undefined && { logs: toUsage(text.logs, amount) }),
    ...(text.volumes && { volumes: mapValues(text.volumes, (curve) => toUsage(curve, amount)) }),
    ...(text.exitsOnFullDisk !== undefined && { exitsOnFullDisk: text.exitsOnFullDisk }),
    ...(text.processes !== undefined && { processes: toUsage(text.processes, amount) }),
  };
}

type Drawn = (law: DistributionText) => Distribution;

const toExit = (text: z.infer<typeof exit>, drawn: Drawn): ContainerExit => ({
  ...(text.after !== undefined && { after: drawn(text.after) }),
  ...(text.until && {
    until: { need: toNeed(text.until), every: text.until.every === undefined ? seconds(1) : micros(text.until.every) },
  }),
  ...(text.unless && { unless: toNeed(text.unless) }),
  code: text.code ?? 0,
  ...(text.reason !== undefined && { reason: text.reason }),
});

const toSigterm = (
  text: z.infer<typeof sigtermAnswer> | 'ignored',
  drawn: Drawn,
): NonNullable<ContainerBehaviour['sigterm']> =>
  text === 'ignored'
    ? text
    : { exitsAfter: drawn(text.exitsAfter), ...(text.exitCode !== undefined && { exitCode: text.exitCode }) };

const toHook = ({ takes, fails }: z.infer<typeof hook>, drawn: Drawn): HookBehaviour => ({
  ...(takes !== undefined && { takes: drawn(takes) }),
  ...(fails !== undefined && { fails }),
});

/** Checked to be one of both. */
const toNeed = ({ resolves, reaches = '' }: NeedText): Need => (resolves === undefined ? { reaches } : { resolves });

const toProbe = (text: z.infer<typeof probe>, drawn: Drawn): ProbeBehaviour => ({
  ...(text.failing && {
    failing: text.failing.map(({ from, until }): { from: Micros; until?: Micros } => ({
      from: micros(from),
      ...(until !== undefined && { until: micros(until) }),
    })),
  }),
  ...(text.failureProbability !== undefined && { failureProbability: text.failureProbability }),
  ...(text.latency !== undefined && { latency: drawn(text.latency) }),
  ...(text.dependsOn && { dependsOn: toNeed(text.dependsOn) }),
});

const mapValues = <V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Readonly<Record<string, W>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

export function toUsage(text: UsageText, read: (text: QuantityText) => number): UsageCurve {
  if (typeof text !== 'object') {
    return { base: read(text) };
  }
  return {
    base: text.base === undefined ? 0 : read(text.base),
    ...(text.growth !== undefined && { growthPerSecond: ratePerSecond(text.growth, read) as number }),
    ...(text.limit !== undefined && { limit: read(text.limit) }),
    ...(text.points && { points: text.points.map(({ at, value }) => ({ at: micros(at), value: read(value) })) }),
  };
}
