import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from './json-fields.js';
import { ResultsError } from './results-error.js';
import { type RunSummary, readRunSummary } from './run-summary.js';
import { readSweepSummary, type SweepSummary } from './sweep-summary.js';
import { readRecords, readTimeline } from './timeline-file.js';
import { TIMELINE_NAMES, type Timelines } from './timelines.js';

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
 * @throws ResultsError for anything else.
 */
export function readResults(folder: string): RunResults | SweepResults {
  const path = join(folder, 'summary.json');
  if (!existsSync(path)) {
    throw new ResultsError({ file: folder }, `${whatIsThere(folder)}; a folder of results holds summary.json`);
  }
  const json = readJsonFile(path);
  if (json.optionalText('kind') === 'Sweep') {
    const [columns = [], ...runs] = readRecords(join(folder, 'runs.csv'));
    return { kind: 'Sweep', summary: readSweepSummary(json), columns, runs };
  }
  return { kind: 'Run', summary: readRunSummary(json), timelines: readTimelines(folder) };
}

function whatIsThere(folder: string): string {
  if (!existsSync(folder)) {
    return 'there is no such folder';
  }
  return statSync(folder).isDirectory() ? 'nothing in it says what ran' : 'this is a file';
}

/** Timelines that were not recorded have no file. */
function readTimelines(folder: string): Timelines {
  const found = TIMELINE_NAMES.flatMap((name) => {
    const path = join(folder, `${name}.csv`);
    return existsSync(path) ? [[name, readTimeline(path, name)] as const] : [];
  });
  return Object.fromEntries(found);
}
