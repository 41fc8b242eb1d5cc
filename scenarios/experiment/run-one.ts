import { MemorySink } from '../../engine/index.js';
import type { ClusterModel } from '../../models/cluster.js';
import { loadScenario } from '../load.js';
import { Run } from '../run/run.js';
import type { Override } from '../sources/document.js';
import { type Measures, measuresOf } from './measures.js';

/** One run of a sweep, as it is handed to a worker. */
export interface RunTask {
  readonly scenario: string;
  readonly overrides: readonly Override[];
  readonly seed: number;
}

/** What is kept of it. */
export interface RunRecord {
  readonly measures: Measures;
  readonly fingerprint: string;
}

/** Runs it and keeps its figures; timelines are not recorded. */
export function runOne({ scenario, overrides, seed }: RunTask, model: ClusterModel): RunRecord {
  const loaded = loadScenario(scenario, model, [
    ...overrides,
    { path: 'spec.seed', value: seed },
    { path: 'spec.record', value: [] },
  ]);
  const result = new Run(loaded, { model, sink: (now) => new MemorySink(now) }).finish();
  return { measures: measuresOf(result), fingerprint: result.fingerprint };
}
