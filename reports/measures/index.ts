import type { TimelineName } from '../sources/timelines.js';
import { allocation, pendingTime } from './allocation.js';
import { availability, reachability } from './availability.js';
import { clientErrorTime } from './client-errors.js';
import { detectionTime } from './detection-time.js';
import { evictionTime } from './eviction-time.js';
import type { Measure, MeasuredRun } from './measure.js';
import { podDowntime } from './pod-downtime.js';
import { podsEvicted } from './pods-evicted.js';
import { replacementTime } from './replacement-time.js';
import { restarts } from './restarts.js';
import { schedulingLatency, unscheduledPods } from './scheduling-latency.js';
import { timeToRecovery } from './time-to-recovery.js';

/** Every figure, in the order in which results show them. */
export const MEASURES: readonly Measure[] = [
  detectionTime,
  evictionTime,
  replacementTime,
  timeToRecovery,
  availability,
  reachability,
  clientErrorTime,
  podDowntime,
  podsEvicted,
  restarts,
  ...schedulingLatency,
  unscheduledPods,
  pendingTime,
  ...allocation,
];

/** Timelines that cost something and are recorded on request: figures read from them are left out otherwise. */
export const REQUESTED_TIMELINES: readonly TimelineName[] = ['allocation', 'routing'];

/** Timelines to record so that every other figure can be computed. */
export const MEASURED_TIMELINES: readonly TimelineName[] = [
  'nodes',
  'pods',
  'containers',
  'endpoints',
  'evictions',
  'kubelet-evictions',
];

/** Figures of a run by name; those whose timelines were not recorded, and those that the run does not have, are undefined. */
export const measure = (run: MeasuredRun): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    MEASURES.map(({ name, reads, compute }) => [
      name,
      reads.every((timeline) => run.timelines[timeline] !== undefined) ? compute(run) : undefined,
    ]),
  );
