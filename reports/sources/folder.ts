import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from './json-fields.js';
import { ResultsError } from './results-error.js';
import { type RunSummary, readRunSummary } from './run-summary.js';
import { readSweepSummary, type SweepSummary } from './sweep-summary.js';
import { readRecords, readTimeline } from './timeline-file.js';
import { TIMELINE_NAMES, type TimelineName, type Timelines } from './timelines.js';

/** A run as its folder tells it. */
export interface RunResults {
  readonly kind: 'Run';
  readonly summary: RunSummary;
  readonly timelines: Timelines;
}

/** A sweep as its folder tells it. */
export interface SweepResults {
  readonly kind: 'Sweep';
  readonly summary: SweepSummary;
  /** runs.csv: a row a run, without its line of column names. */
  readonly columns: readonly string[];
  readonly runs: readonly (readonly string[])[];
}

/**
 * Reads a folder that `kubewhen run` or `kubewhen sweep` wrote.
 * @param wants timelines to be read; none: all
 * @throws ResultsError for anything else.
 */
export function readResults(
  folder: string,
  wants: (name: TimelineName) => boolean = () => true,
): RunResults | SweepResults {
  const path = join(folder, 'summary.json');
  if (!existsSync(path)) {
    throw new ResultsError({ file: folder }, `${whatIsThere(folder)}; a folder of results holds summary.json`);
  }
  const json = readJsonFile(path);
  if (json.optionalText('kind') === 'Sweep') {
    const [columns = [], ...runs] = readRecords(join(folder, 'runs.csv'));
    return { kind: 'Sweep', summary: readSweepSummary(json), columns, runs };
  }
  return { kind: 'Run', summary: readRunSummary(json), timelines: readTimelines(folder, wants) };
}

function whatIsThere(folder: string): string {
  if (!existsSync(folder)) {
    return 'there is no such folder';
  }
  return statSync(folder).isDirectory() ? 'nothing in it says what ran' : 'this is a file';
}

/** Rows of a timeline that may have millions, enough for a page; `kubewhen explain` reads what it needs of all. */
const MOST_ROWS: Readonly<Record<string, number>> = { 'scheduling-verdicts': 100_000, 'scheduling-scores': 100_000 };

function atMost(count = Number.POSITIVE_INFINITY): () => boolean {
  let kept = 0;
  return () => kept++ < count;
}

/** Timelines that were not recorded have no file. */
function readTimelines(folder: string, wants: (name: TimelineName) => boolean): Timelines {
  const found = TIMELINE_NAMES.filter(wants).flatMap((name) => {
    const path = join(folder, `${name}.csv`);
    return existsSync(path) ? [[name, readTimeline(path, name, atMost(MOST_ROWS[name]))] as const] : [];
  });
  return Object.fromEntries(found);
}
