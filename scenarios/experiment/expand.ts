import { formatPath, type Path, Problems, throwProblem } from '../schema/errors.js';
import { check } from '../schema/problems.js';
import { type SweepText, sweep as sweepType } from '../schema/sweep.js';
import { placeOf } from '../sources/assembly.js';
import { type Override, readDocument } from '../sources/document.js';
import { type Files, folderOf, type Mention, resolvePath } from '../sources/files.js';

/** One axis: a column of the results, and what it puts where. */
export interface Axis {
  readonly name: string;
  readonly path: string;
  readonly values: readonly unknown[];
}

/** A sweep that was checked. */
export interface Sweep {
  readonly name: string;
  readonly scenario: string;
  readonly axes: readonly Axis[];
  readonly seeds: readonly number[];
  /** The file of the sweep. */
  readonly file: string;
  /** What is put into the scenario of every variant, before the values of the axes. */
  readonly overrides: readonly Override[];
}

/** One combination of the axes; all its runs differ by seed only. */
export interface Variant {
  readonly index: number;
  /** The values, by axis, as they stand in the results. */
  readonly labels: readonly string[];
  readonly overrides: readonly Override[];
}

/** One run of a sweep. Its key says what it is, so that a sweep begun again finds what is done. */
export interface SweepRun {
  readonly key: string;
  readonly variant: Variant;
  readonly seed: number;
}

/** More runs than this are a slip of the pen. */
const MAX_RUNS = 1_000_000;

/** Reads a sweep file. @throws ScenarioError with every mistake. */
export function readSweep(files: Files, path: string, overrides: readonly Override[] = []): Sweep {
  const document = readDocument(files, path, 'Sweep');
  const problems = new Problems();
  const at = (steps: Path): Mention => placeOf(document.place, steps);
  const text = check(sweepType, document.value, problems, at);
  problems.throwIfAny();
  const { spec, metadata } = text as SweepText;
  const axes = spec.axes.map(
    ({ name, path: target, values }): Axis => ({ name: name ?? lastPart(target), path: target, values }),
  );
  refuseTwins(axes, path);
  const seeds = Array.isArray(spec.seeds) ? spec.seeds : range(spec.seeds.from ?? 1, spec.seeds.count);
  const runs = axes.reduce((count, axis) => count * axis.values.length, seeds.length);
  if (runs > MAX_RUNS) {
    throwProblem({ code: 'BAD_VALUE', file: path, message: `${runs} runs; at most ${MAX_RUNS}` });
  }
  return {
    name: metadata.name,
    scenario: resolvePath(folderOf(path), spec.scenario),
    axes,
    seeds: [...new Set(seeds)],
    file: path,
    overrides,
  };
}

const range = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i);

/** "spec.cluster.pools[0].count" → "count"; "--node-monitor-grace-period" → "node-monitor-grace-period". */
const lastPart = (path: string): string => /([\w-]+)(?:\[\d+\])*$/.exec(path.replace(/^--/, ''))?.[1] ?? path;

function refuseTwins(axes: readonly Axis[], file: string): void {
  for (const [i, { name }] of axes.entries()) {
    if (axes.findIndex((axis) => axis.name === name) < i) {
      const path = formatPath(['spec', 'axes', i]);
      throwProblem({
        code: 'DUPLICATE_NAME',
        file,
        path,
        message: `two axes are called ${name}`,
        hint: 'Give one a name',
      });
    }
  }
}

/** Every combination of the axes, the last axis fastest. */
export function expandVariants({ axes, overrides, file }: Sweep): readonly Variant[] {
  let combinations: readonly (readonly unknown[])[] = [[]];
  for (const axis of axes) {
    combinations = combinations.flatMap((before) => axis.values.map((value) => [...before, value]));
  }
  return combinations.map((values, index) => ({
    index,
    labels: values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))),
    overrides: [...overrides, ...values.map((value, i) => ({ path: (axes[i] as Axis).path, value, file }))],
  }));
}

/** Every variant with every seed. All variants run with the same seeds, so they share their random numbers. */
export const expandRuns = (sweep: Sweep): readonly SweepRun[] =>
  expandVariants(sweep).flatMap((variant) =>
    sweep.seeds.map((seed) => ({ key: `v${variant.index}-s${seed}`, variant, seed })),
  );
