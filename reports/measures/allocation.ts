import { type Micros, type Recorded, toSeconds } from '../../engine/index.js';
import type { RowOf } from '../sources/timelines.js';
import { type Measure, type MeasuredRun, rowsOf } from './measure.js';
import { podHistories } from './pod-history.js';

export type AllocationRow = RowOf<'allocation'>;

/** Part of what there was at that time. */
export type Share = (row: AllocationRow) => number | undefined;

const share =
  (part: keyof AllocationRow, whole: keyof AllocationRow): Share =>
  (row) =>
    Number(row[whole]) > 0 ? Number(row[part]) / Number(row[whole]) : undefined;

export const ALLOCATION_SHARES = {
  cpuAllocated: share('cpu_allocated_cores', 'cpu_allocatable_cores'),
  memoryAllocated: share('memory_allocated_bytes', 'memory_allocatable_bytes'),
  gpuAllocated: share('gpu_allocated', 'gpu_allocatable'),
  gpuFragmented: share('gpu_fragmented', 'gpu_allocatable'),
  cpuStranded: share('cpu_stranded_cores', 'cpu_allocatable_cores'),
  memoryStranded: share('memory_stranded_bytes', 'memory_allocatable_bytes'),
  gpuStranded: share('gpu_stranded', 'gpu_allocatable'),
} as const;

/** Mean over time, from the first row to the end of the run; undefined when it never had a value. */
function overTime(rows: readonly Recorded<AllocationRow>[], endsAt: Micros, value: Share): number | undefined {
  let sum = 0;
  let time = 0;
  for (const [i, { at, row }] of rows.entries()) {
    const lasts = Math.max(0, (rows[i + 1]?.at ?? endsAt) - Math.max(0, at));
    const found = value(row);
    if (found !== undefined) {
      sum += found * lasts;
      time += lasts;
    }
  }
  return time > 0 ? sum / time : undefined;
}

function largest(rows: readonly Recorded<AllocationRow>[], value: Share): number | undefined {
  let most: number | undefined;
  for (const { row } of rows) {
    const found = value(row);
    most = found === undefined ? most : Math.max(found, most ?? 0);
  }
  return most;
}

const mean = (name: string, unit: Measure['unit'], help: string, value: Share): Measure => ({
  name,
  unit,
  help: `${help}, mean over time from the first pod on`,
  reads: ['allocation'],
  compute: (run) => overTime(rowsOf(run, 'allocation'), run.endsAt, value),
});

const peak = (name: string, unit: Measure['unit'], help: string, value: Share): Measure => ({
  name,
  unit,
  help: `${help}, at most`,
  reads: ['allocation'],
  compute: (run) => largest(rowsOf(run, 'allocation'), value),
});

const atEnd = (name: string, unit: Measure['unit'], help: string, value: Share): Measure => ({
  name,
  unit,
  help: `${help}, at the end of the run`,
  reads: ['allocation'],
  compute: (run) => {
    const last = rowsOf(run, 'allocation').at(-1);
    return last && value(last.row);
  },
});

const S = ALLOCATION_SHARES;

/** How full the cluster was, and what of the rest nobody could use; by timeline `allocation`, which is recorded on request. */
export const allocation: readonly Measure[] = [
  mean('cpu_allocated', 'share', "Requests of bound pods in all nodes' CPU", S.cpuAllocated),
  peak('cpu_allocated_peak', 'share', "Requests of bound pods in all nodes' CPU", S.cpuAllocated),
  mean('memory_allocated', 'share', "Requests of bound pods in all nodes' memory", S.memoryAllocated),
  peak('memory_allocated_peak', 'share', "Requests of bound pods in all nodes' memory", S.memoryAllocated),
  mean('gpu_allocated', 'share', 'GPUs of bound pods in all GPUs', S.gpuAllocated),
  peak('gpu_allocated_peak', 'share', 'GPUs of bound pods in all GPUs', S.gpuAllocated),
  mean('gpu_fragmented', 'share', 'GPUs left that a pod to come could not use in all GPUs', S.gpuFragmented),
  atEnd('gpu_fragmented_end', 'share', 'GPUs left that a pod to come could not use in all GPUs', S.gpuFragmented),
  mean('cpu_stranded', 'share', 'CPU left where no shape of pods fits in all CPU', S.cpuStranded),
  mean('memory_stranded', 'share', 'Memory left where no shape of pods fits in all memory', S.memoryStranded),
  mean('gpu_stranded', 'share', 'GPUs left where no shape of pods fits in all GPUs', S.gpuStranded),
  mean('nodes_in_use', 'count', 'Nodes with at least one pod', (row) => Number(row.nodes_in_use)),
  peak('nodes_in_use_peak', 'count', 'Nodes with at least one pod', (row) => Number(row.nodes_in_use)),
];

/** Seconds without a node, a pod each; pods that never got one waited until they were gone or the run ended. */
function waits(run: MeasuredRun): readonly number[] {
  return podHistories(run).flatMap(({ rows, from, to }) => {
    if (rows[0]?.row.change !== 'added' || rows[0].row.node !== '') {
      return [];
    }
    return [toSeconds((rows.find(({ row }) => row.node !== '')?.at ?? to) - from)];
  });
}

/** How long pods waited for a node, those that never got one included: what scheduling latencies leave out. */
export const pendingTime: Measure = {
  name: 'pending_mean_s',
  unit: 'seconds',
  help: 'Time that a pod waited for a node, those that never got one included; mean over all pods',
  reads: ['pods'],
  compute: (run) => {
    const found = waits(run);
    return found.length === 0 ? undefined : found.reduce((sum, wait) => sum + wait, 0) / found.length;
  },
};
