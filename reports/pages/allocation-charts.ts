import { type Recorded, toSeconds } from '../../engine/index.js';
import { ALLOCATION_SHARES, type AllocationRow, type Share } from '../measures/allocation.js';
import { type MeasuredRun, rowsOf } from '../measures/measure.js';
import type { Line, LineChart, Mark } from './page-data.js';

/** More points than a screen has columns show nothing more. */
const MOST_POINTS = 2_000;

/** How full the cluster was, what of the rest nobody could use, and how many pods waited; none when there are no rows. */
export function allocationCharts(run: MeasuredRun, marks: readonly Mark[]): readonly LineChart[] {
  const rows = thinned(rowsOf(run, 'allocation'));
  if (rows.length === 0) {
    return [];
  }
  const chart = (title: string, help: string, yName: string, lines: readonly (Line | undefined)[]): LineChart => ({
    kind: 'chart',
    title,
    help,
    yName,
    marks,
    x: { type: 'time', start: 0, end: toSeconds(run.endsAt) },
    lines: lines.filter((line) => line !== undefined),
  });
  const line = (name: string, value: Share): Line | undefined => lineOf(name, rows, run, value);
  const S = ALLOCATION_SHARES;
  return [
    chart('Allocation', 'Requests of bound pods as a share of what all nodes have.', 'share', [
      line('CPU', S.cpuAllocated),
      line('memory', S.memoryAllocated),
      line('GPU', S.gpuAllocated),
    ]),
    chart(
      'Out of reach',
      'What is free and yet of no use, as a share of what all nodes have. Stranded: left on nodes where no shape of pods fits that ' +
        'asks for it. Fragmented: GPUs that a pod to come could not use, if it is like those so far (Weng et al., USENIX ATC 2023).',
      'share',
      [
        line('GPU, fragmented', S.gpuFragmented),
        line('GPU, stranded', S.gpuStranded),
        line('CPU, stranded', S.cpuStranded),
        line('memory, stranded', S.memoryStranded),
      ],
    ),
    chart('Pods and nodes', 'Pods without a node, pods with one, and nodes with at least one pod.', 'count', [
      line('pods pending', (row) => Number(row.pods_pending)),
      line('pods bound', (row) => Number(row.pods_bound)),
      line('nodes in use', (row) => Number(row.nodes_in_use)),
    ]),
  ];
}

/** Every n-th row, and the last. */
function thinned<Row>(rows: readonly Recorded<Row>[]): readonly Recorded<Row>[] {
  const step = Math.ceil(rows.length / MOST_POINTS);
  return rows.filter((_, i) => i % step === 0 || i === rows.length - 1);
}

function lineOf(
  name: string,
  rows: readonly Recorded<AllocationRow>[],
  run: MeasuredRun,
  value: Share,
): Line | undefined {
  const points = rows.flatMap(({ at, row }) => {
    const found = value(row);
    return found === undefined ? [] : [[toSeconds(Math.max(0, at)), found] as const];
  });
  const last = points.at(-1);
  return last && { name, isStep: true, points: [...points, [toSeconds(run.endsAt), last[1]] as const] };
}
