import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Micros } from '../../engine/index.js';
import { formatAt } from '../sinks/times.js';
import { readResults } from '../sources/folder.js';
import { ResultsError } from '../sources/results-error.js';
import { readTimeline } from '../sources/timeline-file.js';
import type { RowOf, TimelineName } from '../sources/timelines.js';
import { type Attempt, attemptsOf } from './attempts.js';

const DETAILS = ['scheduling-verdicts', 'scheduling-scores'] as const;

/** What is known of how a pod was placed. */
export interface Explanation {
  readonly pod: string;
  readonly attempts: readonly Attempt[];
  /** Timelines that would tell more and were not recorded. */
  readonly missing: readonly string[];
}

/** A pod that the results do not tell of; `known` are the pods that they do. */
export class UnknownPodError extends Error {
  override readonly name = 'UnknownPodError';
  readonly known: readonly string[];

  constructor(message: string, known: readonly string[]) {
    super(message);
    this.known = known;
  }
}

/**
 * Why a pod is where it is: every attempt of the scheduler, or the last that had ended by `at`.
 * @param pod "namespace/name", or a name in namespace default
 * @throws ResultsError for a folder that holds no run, or none with timeline scheduling
 * @throws UnknownPodError when the scheduler never took up the pod, or not by then
 */
export function explainPod(folder: string, pod: string, at?: Micros): Explanation {
  // Only what concerns the pod is kept: scores of a large run are millions of rows.
  const summary = join(folder, 'summary.json');
  const results = readResults(folder, () => false);
  if (results.kind === 'Sweep') {
    throw new ResultsError({ file: summary }, 'these are the results of a sweep, which keep no timelines');
  }
  const attemptsFile = join(folder, 'scheduling.csv');
  if (!existsSync(attemptsFile)) {
    throw new ResultsError({ file: folder }, 'this run did not record timeline scheduling; add it to spec.record');
  }
  const key = pod.includes('/') ? pod : `default/${pod}`;
  const pods = new Set<string>();
  const scheduling = readTimeline(attemptsFile, 'scheduling', (row) => {
    pods.add(row.pod);
    return row.pod === key;
  });
  if (scheduling.length === 0) {
    throw new UnknownPodError(`the scheduler never took up a pod ${key} in this run`, [...pods]);
  }
  const all = attemptsOf({
    scheduling,
    ...Object.fromEntries(DETAILS.map((name) => [name, readOf(folder, name, key)])),
  });
  const attempts = at === undefined ? all : all.filter((attempt) => attempt.at <= at).slice(-1);
  if (attempts.length === 0) {
    const first = formatAt(all[0]?.at ?? 0);
    throw new UnknownPodError(`no attempt to place ${key} had ended by then; the first ended at ${first} s`, []);
  }
  return { pod: key, attempts, missing: DETAILS.filter((name) => !existsSync(join(folder, `${name}.csv`))) };
}

function readOf<Name extends (typeof DETAILS)[number] & TimelineName>(folder: string, name: Name, key: string) {
  const file = join(folder, `${name}.csv`);
  return existsSync(file) ? readTimeline(file, name, (row: RowOf<Name>) => row.pod === key) : undefined;
}
