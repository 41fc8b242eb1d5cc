import { MemorySink } from '../../engine/index.js';
import type { ClusterModel } from '../../models/cluster.js';
import { MEASURED_TIMELINES, REQUESTED_TIMELINES } from '../../reports/index.js';
import { extendersOf, withExtenders } from '../extenders/index.js';
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

/** Runs it and keeps its figures; only the timelines that they are read from are recorded, in memory. */
export function runOne({ scenario, overrides, seed }: RunTask, model: ClusterModel): RunRecord {
  const loaded = loadScenario(scenario, model, [...overrides, { path: 'spec.seed', value: seed }]);
  const known = model.catalogue(loaded.kubernetesVersion).timelines.map(({ name }) => name);
  const requested = REQUESTED_TIMELINES.filter((name) => loaded.record.includes(name));
  const record = [...MEASURED_TIMELINES, ...requested].filter((name) => known.includes(name));
  const sinks: MemorySink[] = [];
  const sink = (now: () => number): MemorySink => {
    const made = new MemorySink(now);
    sinks.push(made);
    return made;
  };
  const extenders = extendersOf(loaded);
  const scheduler = withExtenders({}, extenders);
  try {
    const result = new Run({ ...loaded, record }, { model, sink, scheduler }).finish();
    return { measures: measuresOf(result, sinks[0] as MemorySink, record), fingerprint: result.fingerprint };
  } finally {
    void extenders?.close();
  }
}
