import type { JsonFields } from './json-fields.js';

/** What summary.json tells of a sweep. */
export interface SweepSummary {
  readonly name: string;
  readonly version: string;
  readonly scenario: string;
  readonly axes: readonly Axis[];
  readonly seeds: readonly string[];
  readonly variants: readonly Variant[];
}

export interface Axis {
  readonly name: string;
  readonly path: string;
  readonly values: readonly string[];
}

/** A combination of the axes, and the measures of its runs. */
export interface Variant {
  /** In the order of the axes, as written. */
  readonly values: readonly string[];
  readonly measures: ReadonlyMap<string, Estimate>;
}

/** The mean of a measure over seeds; bounds of its 95 % confidence interval when there are two values or more. */
export interface Estimate {
  readonly n: number;
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export function readSweepSummary(json: JsonFields): SweepSummary {
  const axes = json.list('axes', (item) => ({
    name: item.text('name'),
    path: item.text('path'),
    values: item.words('values'),
  }));
  return {
    name: json.text('name'),
    version: json.text('version'),
    scenario: json.text('scenario'),
    axes,
    seeds: json.words('seeds'),
    variants: json.list('variants', (item) => {
      const values = item.object('axes');
      const measures = item.object('measures');
      return {
        values: axes.map(({ name }) => values.text(name)),
        measures: new Map(measures.names().map((name) => [name, readEstimate(measures.object(name))])),
      };
    }),
  };
}

const readEstimate = (json: JsonFields): Estimate => ({
  n: json.number('n'),
  mean: json.number('mean'),
  low: json.optionalNumber('ci95Low'),
  high: json.optionalNumber('ci95High'),
});
