import { type ErrorCode, formatPath, type Path, Problems } from '../schema/errors.js';
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
  /** Where each value is written. */
  readonly places: readonly NonNullable<Override['at']>[];
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
  const place = (path: Path): NonNullable<Override['at']> => {
    const mention = at(path);
    return { path: mention.path, position: mention.origin.document?.locate(mention.path) ?? { line: 1, column: 1 } };
  };
  const axes = spec.axes.map(
    ({ name, path: target, values }, i): Axis => ({
      name: name ?? lastPart(target),
      path: target,
      values,
      places: values.map((_, j) => place(['spec', 'axes', i, 'values', j])),
    }),
  );
  const tell = (path: Path, code: ErrorCode, message: string, hint?: string): void =>
    problems.add({ code, file: document.place.origin.file, ...place(path), path: formatPath(path), message, hint });
  for (const [i, { name }] of axes.entries()) {
    if (axes.findIndex((axis) => axis.name === name) < i) {
      tell(['spec', 'axes', i], 'DUPLICATE_NAME', `two axes are called ${name}`, 'Give one a name');
    }
  }
  const seeds = Array.isArray(spec.seeds) ? spec.seeds : range(spec.seeds.from ?? 1, spec.seeds.count);
  const runs = axes.reduce((count, axis) => count * axis.values.length, seeds.length);
  if (runs > MAX_RUNS) {
    tell(['spec'], 'BAD_VALUE', `${runs} runs; at most ${MAX_RUNS}`);
  }
  problems.throwIfAny();
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

/** Every combination of the axes, the last axis fastest. */
export function expandVariants({ axes, overrides, file }: Sweep): readonly Variant[] {
  /** Of each axis, the index of its value. */
  let combinations: readonly (readonly number[])[] = [[]];
  for (const axis of axes) {
    combinations = combinations.flatMap((before) => axis.values.map((_, i) => [...before, i]));
  }
  return combinations.map((indexes, index) => ({
    index,
    labels: indexes.map((at, i) => labelOf((axes[i] as Axis).values[at])),
    overrides: [...overrides, ...indexes.map((at, i) => overrideOf(axes[i] as Axis, at, file))],
  }));
}

const labelOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const overrideOf = ({ path, values, places }: Axis, index: number, file: string): Override => ({
  path,
  value: values[index],
  file,
  at: places[index] as NonNullable<Override['at']>,
});

/** Every variant with every seed. All variants run with the same seeds, so they share their random numbers. */
export const expandRuns = (sweep: Sweep): readonly SweepRun[] =>
  expandVariants(sweep).flatMap((variant) =>
    sweep.seeds.map((seed) => ({ key: `v${variant.index}-s${seed}`, variant, seed })),
  );
