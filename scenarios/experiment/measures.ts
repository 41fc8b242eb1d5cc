import type { MemorySink } from '../../engine/index.js';
import { MEASURES, measure, timelinesInMemory } from '../../reports/index.js';
import type { RunResult } from '../run/run.js';

/** Figures of one run, by name; undefined where the run has none. Names carry their unit. */
export type Measures = Readonly<Record<string, number | undefined>>;

/** Columns of a sweep's results: the figures that reports know, then what only the run itself can tell. */
export const MEASURE_NAMES: readonly string[] = [...MEASURES.map(({ name }) => name), 'failed_expectations', 'events'];

export const measuresOf = (result: RunResult, sink: MemorySink, recorded: readonly string[]): Measures => ({
  ...measure({ endsAt: result.ranUntil, faults: result.faults, timelines: timelinesInMemory(sink, recorded) }),
  failed_expectations: result.expectations.filter(({ ok }) => !ok).length,
  events: result.eventCount,
});
