import type { MemorySink, Recorded } from '../../engine/index.js';

/** What reports read of each timeline: columns and what they hold. Timelines may have more columns. */
export const READ_COLUMNS = {
  nodes: {
    change: 'text',
    node: 'text',
    ready: 'text',
    reason: 'text',
    unschedulable: 'text',
    taints: 'text',
    memory_pressure: 'text',
    disk_pressure: 'text',
    pid_pressure: 'text',
  },
  pods: {
    change: 'text',
    namespace: 'text',
    pod: 'text',
    owner: 'text',
    node: 'text',
    phase: 'text',
    reason: 'text',
    ready: 'text',
    disruption: 'text',
    deleting: 'text',
  },
  containers: {
    namespace: 'text',
    pod: 'text',
    container: 'text',
    state: 'text',
    reason: 'text',
    restart_count: 'number',
    ready: 'text',
  },
  endpoints: { namespace: 'text', service: 'text', pod: 'text', address: 'text', state: 'text' },
  events: {
    namespace: 'text',
    type: 'text',
    reason: 'text',
    kind: 'text',
    object: 'text',
    message: 'text',
    count: 'number',
    component: 'text',
  },
  allocation: {
    pods_bound: 'number',
    pods_pending: 'number',
    nodes: 'number',
    nodes_in_use: 'number',
    cpu_allocatable_cores: 'number',
    cpu_allocated_cores: 'number',
    cpu_stranded_cores: 'number',
    memory_allocatable_bytes: 'number',
    memory_allocated_bytes: 'number',
    memory_stranded_bytes: 'number',
    gpu_allocatable: 'number',
    gpu_allocated: 'number',
    gpu_stranded: 'number',
    gpu_fragmented: 'number',
  },
  routing: { namespace: 'text', service: 'text', port: 'number', failing_share: 'number' },
  evictions: { namespace: 'text', pod: 'text', outcome: 'text' },
  'kubelet-evictions': { namespace: 'text', pod: 'text' },
  scheduling: {
    pod: 'text',
    attempt: 'number',
    result: 'text',
    node: 'text',
    reasons: 'text',
    evaluated: 'number',
    feasible: 'number',
  },
  'scheduling-verdicts': {
    pod: 'text',
    attempt: 'number',
    node: 'text',
    plugin: 'text',
    code: 'text',
    reasons: 'text',
  },
  'scheduling-scores': {
    pod: 'text',
    attempt: 'number',
    node: 'text',
    plugin: 'text',
    weight: 'number',
    score: 'number',
  },
} as const;

export type TimelineName = keyof typeof READ_COLUMNS;

/** A row as it was recorded, with the columns that reports read; a number is '' where there is none. */
export type RowOf<Name extends TimelineName> = {
  readonly [Column in keyof (typeof READ_COLUMNS)[Name]]: (typeof READ_COLUMNS)[Name][Column] extends 'number'
    ? number | ''
    : string;
};

/** Rows by timeline, in order of time; a timeline that was not recorded is absent. */
export type Timelines = { readonly [Name in TimelineName]?: readonly Recorded<RowOf<Name>>[] };

export const TIMELINE_NAMES = Object.keys(READ_COLUMNS) as readonly TimelineName[];

/** Timelines that were recorded in memory. */
export const timelinesInMemory = (sink: MemorySink, recorded: readonly string[]): Timelines =>
  Object.fromEntries(TIMELINE_NAMES.filter((name) => recorded.includes(name)).map((name) => [name, sink.rows(name)]));
