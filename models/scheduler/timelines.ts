import type { Micros, TimelineSpec } from '../../engine/index.js';

/** One attempt to place a pod. */
export interface SchedulingRow {
  readonly pod: string;
  readonly attempt: number;
  readonly result: 'scheduled' | 'unschedulable' | 'error';
  readonly node: string;
  readonly reasons: string;
  readonly evaluated: number;
  readonly feasible: number;
  readonly waited_s: Micros;
  readonly cycle_s: Micros;
  readonly bind_s: Micros;
}

export const SCHEDULING: TimelineSpec<SchedulingRow> = {
  name: 'scheduling',
  help: 'Attempts to place pods, told when each has ended: bound, or failed',
  columns: {
    pod: { type: 'text', help: 'Namespace and name' },
    attempt: { type: 'integer', help: 'How often the pod was taken from the queue, this time included' },
    result: { type: 'text', help: 'scheduled, unschedulable, or error' },
    node: { type: 'text', help: 'Node chosen, or nominated by preemption' },
    reasons: { type: 'text', help: 'Why there was no node: the message of condition PodScheduled' },
    evaluated: { type: 'integer', help: 'Nodes that were filtered' },
    feasible: { type: 'integer', help: 'Nodes that passed the filters' },
    waited_s: { type: 'duration', help: 'In the queue since the pod was added or failed last' },
    cycle_s: { type: 'duration', help: 'In the scheduling loop' },
    bind_s: { type: 'duration', help: 'From the choice of the node to the answer of the API server' },
  },
};

/** What a plugin said of a node in one attempt. */
export interface VerdictRow {
  readonly pod: string;
  readonly attempt: number;
  readonly node: string;
  readonly plugin: string;
  readonly code: string;
  readonly reasons: string;
}

export const VERDICTS: TimelineSpec<VerdictRow> = {
  name: 'scheduling-verdicts',
  help: 'Nodes refused in each attempt, with the plugin that refused and why',
  columns: {
    pod: { type: 'text', help: 'Namespace and name' },
    attempt: { type: 'integer', help: 'As in timeline scheduling' },
    node: { type: 'text', help: "Node; '*' for all that are not named" },
    plugin: { type: 'text', help: 'The first plugin that refused' },
    code: { type: 'text', help: 'Unschedulable: preemption may help; UnschedulableAndUnresolvable: it may not' },
    reasons: { type: 'text', help: 'Reasons as in the event' },
  },
};

/** What a plugin gave a node in one attempt. */
export interface ScoreRow {
  readonly pod: string;
  readonly attempt: number;
  readonly node: string;
  readonly plugin: string;
  readonly raw: number;
  readonly weight: number;
  readonly score: number;
}

export const SCORES: TimelineSpec<ScoreRow> = {
  name: 'scheduling-scores',
  help: 'Scores of every feasible node in each attempt that had a choice',
  columns: {
    pod: { type: 'text', help: 'Namespace and name' },
    attempt: { type: 'integer', help: 'As in timeline scheduling' },
    node: { type: 'text', help: 'Node' },
    plugin: { type: 'text', help: 'Plugin; Extender for all extenders together; total for the sum' },
    raw: { type: 'integer', help: 'Score before normalisation' },
    weight: { type: 'integer', help: 'Weight of the plugin in its profile' },
    score: { type: 'integer', help: 'Normalised score times weight' },
  },
};
