import * as z from 'zod';
import { constant, type Distribution, lognormalFromQuantiles } from '../../engine/index.js';
import { chosen, isRecord, mistake, strict } from './shapes.js';
import { didYouMean } from './suggest.js';

/** Numbers of a CSV file's column, in place of a list. */
const csvColumn = strict({ csv: z.string(), column: z.string() });

/** What reads a column when the scenario is resolved. */
export type ReadColumn = (csv: string, column: string) => readonly string[];

function laws(value: z.ZodType): Readonly<Record<string, z.ZodType>> {
  return {
    constant: strict({ constant: value }),
    uniform: strict({ uniform: strict({ min: value, max: value }) }),
    exponential: strict({ exponential: strict({ mean: value }) }),
    lognormal: strict({ lognormal: strict({ median: value, p95: value }) }),
    weibull: strict({ weibull: strict({ shape: z.number().positive(), scale: value }) }),
    pareto: strict({ pareto: strict({ minimum: value, shape: z.number().positive() }) }),
    normal: strict({ normal: strict({ mean: value, deviation: value }) }),
    empirical: strict({
      empirical: chosen([z.array(value).min(1), csvColumn], (v) => (isRecord(v) ? csvColumn : z.array(value).min(1))),
    }),
  };
}

/** A plain value, or a law to draw it from: {lognormal: {median: 8s, p95: 20s}}. */
export function distributionOf(
  value: z.ZodType<ValueText, ValueText>,
  read: (text: ValueText) => number,
): z.ZodType<DistributionText, DistributionText> {
  const known = laws(value);
  const names = Object.keys(known);
  return chosen([value, ...Object.values(known)], (found, ctx) => {
    if (!isRecord(found)) {
      return value;
    }
    const law = Object.keys(found).find((name) => Object.hasOwn(known, name));
    if (law !== undefined) {
      return known[law];
    }
    const [name = 'nothing'] = Object.keys(found);
    mistake(ctx, 'BAD_DISTRIBUTION', `${JSON.stringify(name)} is no distribution`, didYouMean(name, names));
    return undefined;
  }).superRefine((found, ctx) => refuseNonsense(found as DistributionText, read, ctx)) as z.ZodType<
    DistributionText,
    DistributionText
  >;
}

export type ValueText = string | number;

export type DistributionText =
  | ValueText
  | { readonly constant: ValueText }
  | { readonly uniform: { readonly min: ValueText; readonly max: ValueText } }
  | { readonly exponential: { readonly mean: ValueText } }
  | { readonly lognormal: { readonly median: ValueText; readonly p95: ValueText } }
  | { readonly weibull: { readonly shape: number; readonly scale: ValueText } }
  | { readonly pareto: { readonly minimum: ValueText; readonly shape: number } }
  | { readonly normal: { readonly mean: ValueText; readonly deviation: ValueText } }
  | { readonly empirical: readonly ValueText[] | { readonly csv: string; readonly column: string } };

function refuseNonsense(text: DistributionText, read: (text: ValueText) => number, ctx: z.RefinementCtx): void {
  const bad = (message: string, ...path: string[]): void => mistake(ctx, 'BAD_DISTRIBUTION', message, undefined, path);
  try {
    if (typeof text !== 'object' || text === null) {
      return;
    }
    if ('uniform' in text && read(text.uniform.min) > read(text.uniform.max)) {
      bad(`min ${text.uniform.min} is above max ${text.uniform.max}`, 'uniform', 'min');
    } else if ('lognormal' in text && !(read(text.lognormal.median) > 0)) {
      bad('the median must be above 0', 'lognormal', 'median');
    } else if ('lognormal' in text && !(read(text.lognormal.p95) > read(text.lognormal.median))) {
      bad(`p95 ${text.lognormal.p95} is not above the median ${text.lognormal.median}`, 'lognormal', 'p95');
    } else if ('exponential' in text && !(read(text.exponential.mean) > 0)) {
      bad('the mean must be above 0', 'exponential', 'mean');
    }
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) {
      throw error; // a value that does not read has been told already, where it stands
    }
  }
}

/** The engine's form of a checked distribution. */
export function toDistribution(
  text: DistributionText,
  read: (text: ValueText) => number,
  readColumn: ReadColumn,
): Distribution {
  if (typeof text !== 'object') {
    return constant(read(text));
  }
  if ('constant' in text) {
    return constant(read(text.constant));
  }
  if ('uniform' in text) {
    return { kind: 'uniform', min: read(text.uniform.min), max: read(text.uniform.max) };
  }
  if ('exponential' in text) {
    return { kind: 'exponential', mean: read(text.exponential.mean) };
  }
  if ('lognormal' in text) {
    return lognormalFromQuantiles(read(text.lognormal.median), read(text.lognormal.p95));
  }
  if ('weibull' in text) {
    return { kind: 'weibull', shape: text.weibull.shape, scale: read(text.weibull.scale) };
  }
  if ('pareto' in text) {
    return { kind: 'pareto', minimum: read(text.pareto.minimum), shape: text.pareto.shape };
  }
  if ('normal' in text) {
    return { kind: 'normal', mean: read(text.normal.mean), deviation: read(text.normal.deviation) };
  }
  const values = Array.isArray(text.empirical)
    ? (text.empirical as readonly ValueText[])
    : readColumn((text.empirical as { csv: string }).csv, (text.empirical as { column: string }).column);
  return { kind: 'empirical', values: values.map(read) };
}
