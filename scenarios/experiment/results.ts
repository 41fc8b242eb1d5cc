import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyRows } from '../../reports/sinks/csv.js';
import { guarded, OutputFolder } from '../run/output.js';
import { VERSION } from '../version.js';
import { expandVariants, type Sweep, type SweepRun } from './expand.js';
import { MEASURE_NAMES } from './measures.js';
import type { RunRecord } from './run-one.js';
import { interval } from './statistics.js';

/** Mean of a measure over the seeds of a variant, with its 95 % confidence interval. */
export interface VariantSummary {
  readonly variant: number;
  readonly axes: Readonly<Record<string, string>>;
  readonly measures: Readonly<
    Record<string, { readonly n: number; readonly mean: number; readonly ci95Low?: number; readonly ci95High?: number }>
  >;
}

/** Writes runs.csv (a row a run), summary.csv (a row a variant and measure) and summary.json. */
export function publishSweep(
  sweep: Sweep,
  runs: readonly SweepRun[],
  records: ReadonlyMap<string, RunRecord>,
  out: string,
  complete?: (folder: string) => void,
): void {
  const folder = new OutputFolder(out);
  try {
    const variants = summarise(sweep, runs, records);
    const axes = sweep.axes.map(({ name }) => name);
    guarded(out, () => {
      writeFileSync(
        join(folder.workPath, 'runs.csv'),
        stringifyRows([['run', ...axes, 'seed', ...MEASURE_NAMES, 'fingerprint'], ...runRows(runs, records)]),
      );
      writeFileSync(
        join(folder.workPath, 'summary.csv'),
        stringifyRows([
          ['variant', ...axes, 'measure', 'n', 'mean', 'ci95_low', 'ci95_high'],
          ...summaryRows(variants, axes),
        ]),
      );
    });
    const { name, scenario, seeds } = sweep;
    folder.publish({ kind: 'Sweep', name, version: VERSION, scenario, axes: sweep.axes, seeds, variants }, complete);
  } finally {
    folder.discard();
  }
}

const shown = (value: number | undefined): string => (value === undefined ? '' : String(value));

const runRows = (runs: readonly SweepRun[], records: ReadonlyMap<string, RunRecord>): readonly (readonly string[])[] =>
  runs.map(({ key, variant, seed }) => {
    const { measures, fingerprint } = records.get(key) as RunRecord;
    return [key, ...variant.labels, String(seed), ...MEASURE_NAMES.map((name) => shown(measures[name])), fingerprint];
  });

export function summarise(
  sweep: Sweep,
  runs: readonly SweepRun[],
  records: ReadonlyMap<string, RunRecord>,
): readonly VariantSummary[] {
  return expandVariants(sweep).map(({ index, labels }) => {
    const own = runs.filter(({ variant }) => variant.index === index).map(({ key }) => records.get(key) as RunRecord);
    const measures = MEASURE_NAMES.flatMap((name) => {
      const found = interval(own.flatMap((record) => record.measures[name] ?? []));
      if (found === undefined) {
        return [];
      }
      const { n, mean, halfWidth } = found;
      const bounds = halfWidth === undefined ? {} : { ci95Low: mean - halfWidth, ci95High: mean + halfWidth };
      return [[name, { n, mean, ...bounds }] as const];
    });
    return {
      variant: index,
      axes: Object.fromEntries(sweep.axes.map(({ name }, i) => [name, labels[i] as string])),
      measures: Object.fromEntries(measures),
    };
  });
}

const summaryRows = (variants: readonly VariantSummary[], axes: readonly string[]): readonly (readonly string[])[] =>
  variants.flatMap(({ variant, axes: labels, measures }) =>
    Object.entries(measures).map(([name, { n, mean, ci95Low, ci95High }]) => [
      String(variant),
      ...axes.map((axis) => labels[axis] as string),
      name,
      String(n),
      String(mean),
      shown(ci95Low),
      shown(ci95High),
    ]),
  );
