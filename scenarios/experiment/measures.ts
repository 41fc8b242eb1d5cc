import { type Micros, toSeconds } from '../../engine/index.js';
import type { RunResult } from '../run/run.js';

/** Figures of one run, by name; undefined where the run has none. Names carry their unit. */
export type Measures = Readonly<Record<string, number | undefined>>;

const latest = (times: readonly (Micros | undefined)[]): Micros | undefined =>
  times.length === 0 || times.includes(undefined) ? undefined : Math.max(...(times as readonly Micros[]));

const since = (start: Micros, at: Micros | undefined): number | undefined =>
  at === undefined ? undefined : toSeconds(at - start);

/** What a sweep compares: of the first fault, how long until it was noticed, until pods left, until service was whole. */
export function measuresOf(result: RunResult): Measures {
  const [fault] = result.faults;
  const broken = fault?.services.filter(({ brokenAt }) => brokenAt !== undefined) ?? [];
  const of = (times: readonly (Micros | undefined)[] | undefined): number | undefined =>
    fault && times ? since(fault.at, latest(times)) : undefined;
  return {
    detection_s: of(fault?.nodes.map(({ noticedAt }) => noticedAt)),
    eviction_s: of(fault?.pods.filter(({ leftAt }) => leftAt !== undefined).map(({ leftAt }) => leftAt)),
    replacement_s: of(
      fault?.pods
        .filter(({ replacedBy }) => replacedBy !== undefined)
        .map(({ replacementReadyAt }) => replacementReadyAt),
    ),
    service_whole_s: of(broken.map(({ wholeAt }) => wholeAt)),
    pods_left: fault?.pods.filter(({ leftAt }) => leftAt !== undefined).length,
    failed_expectations: result.expectations.filter(({ ok }) => !ok).length,
    events: result.eventCount,
  };
}

export const MEASURE_NAMES = [
  'detection_s',
  'eviction_s',
  'replacement_s',
  'service_whole_s',
  'pods_left',
  'failed_expectations',
  'events',
] as const;
