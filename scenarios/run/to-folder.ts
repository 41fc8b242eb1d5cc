import { writeFileSync } from 'node:fs';
import { CsvSink } from '../../reports/sinks/csv.js';
import { extendersOf, withExtenders } from '../extenders/index.js';
import { renderJunit } from './junit.js';
import { guarded, OutputFolder } from './output.js';
import { Run, type RunOptions, type RunResult } from './run.js';
import type { Scenario } from './scenario.js';
import { toSummary } from './summary.js';

export interface ToFolderOptions extends Omit<RunOptions, 'sink'> {
  readonly out: string;
  readonly junit?: string;
  /** Asked before the run begins and now and then while it goes; a true answer stops it and leaves nothing. */
  readonly isCancelled?: () => boolean;
  /** Adds to the folder of all results before it takes its name: a report. */
  readonly complete?: (folder: string) => void;
}

/** Events between two looks at the outside world. */
const EVENTS_PER_SLICE = 5_000;

/** Runs a scenario into a folder: a CSV file a timeline, and summary.json. Undefined when it was cancelled. */
export async function runToFolder(scenario: Scenario, options: ToFolderOptions): Promise<RunResult | undefined> {
  const folder = new OutputFolder(options.out);
  const extenders = extendersOf(scenario);
  try {
    const run = guarded(
      options.out,
      () =>
        new Run(scenario, {
          ...options,
          scheduler: withExtenders(options.scheduler, extenders),
          sink: (now) => new CsvSink({ folder: folder.workPath, now, startTime: scenario.startTime }),
        }),
    );
    do {
      await new Promise(setImmediate);
      if (options.isCancelled?.()) {
        return undefined;
      }
    } while (guarded(options.out, () => stepSlice(run)));
    const result = guarded(options.out, () => run.finish());
    const { junit } = options;
    if (junit !== undefined) {
      guarded(junit, () => writeFileSync(junit, renderJunit(result)));
    }
    folder.publish(toSummary(result), options.complete);
    return result;
  } finally {
    await extenders?.close();
    folder.discard();
  }
}

/** False when nothing is left to do. */
function stepSlice(run: Run): boolean {
  for (let i = 0; i < EVENTS_PER_SLICE; i++) {
    if (!run.step()) {
      return false;
    }
  }
  return true;
}
