import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderHtml } from './pages/html.js';
import { runPage } from './pages/run-page.js';
import { pageScript } from './pages/script.js';
import { sweepPage } from './pages/sweep-page.js';
import { readResults } from './sources/folder.js';

export type { Attempt, NodeScores, Refusal } from './explain/attempts.js';
export { type Explanation, explainPod, UnknownPodError } from './explain/explain.js';
export { MEASURED_TIMELINES, MEASURES, measure, REQUESTED_TIMELINES } from './measures/index.js';
export type { Measure, MeasuredRun } from './measures/measure.js';
export { ResultsError } from './sources/results-error.js';
export { timelinesInMemory } from './sources/timelines.js';

/** The file that a report is written to, in the folder of its results. */
export const REPORT_FILE = 'report.html';

/**
 * The page of a folder that `kubewhen run` or `kubewhen sweep` wrote: one HTML file that needs no network.
 * @throws ResultsError when the folder holds no results, or broken ones.
 */
export function renderReport(folder: string): string {
  const results = readResults(folder);
  return renderHtml(results.kind === 'Run' ? runPage(results) : sweepPage(results), pageScript());
}

/** Writes the report of a folder of results into it, or into another file; whole or not at all. Answers where it is. */
export function writeReport(folder: string, file = join(folder, REPORT_FILE)): string {
  const text = renderReport(folder);
  if (existsSync(file) && !statSync(file).isFile()) {
    // A pipe or a device takes the text itself; a folder refuses it.
    writeFileSync(file, text);
    return file;
  }
  const partial = `${file}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
  return file;
}
