import { seconds } from '../../../engine/index.js';
import type { AllocationRow } from '../../../reports/measures/allocation.js';
import { measure } from '../../../reports/measures/index.js';
import { allocationCharts } from '../../../reports/pages/allocation-charts.js';
import { aMeasuredRun } from '../../helpers/a-measured-run.js';

const row = (cpu: number, gpu: number, fragmented: number): AllocationRow => ({
  pods_bound: cpu,
  pods_pending: 0,
  nodes: 2,
  nodes_in_use: cpu > 0 ? 1 : 0,
  cpu_allocatable_cores: 10,
  cpu_allocated_cores: cpu,
  cpu_stranded_cores: 0,
  memory_allocatable_bytes: 0,
  memory_allocated_bytes: 0,
  memory_stranded_bytes: 0,
  gpu_allocatable: 4,
  gpu_allocated: gpu,
  gpu_stranded: 0,
  gpu_fragmented: fragmented,
});

const run = {
  ...aMeasuredRun({
    endsAt: 100,
    pods: [
      [0, 'first', { node: '' }],
      [10, 'first', { node: 'n-0' }],
      [40, 'never', { node: '' }],
    ],
  }),
};
const measured = {
  ...run,
  timelines: {
    ...run.timelines,
    allocation: [
      { at: seconds(20), row: row(0, 0, 0) },
      { at: seconds(40), row: row(5, 2, 1) },
      { at: seconds(80), row: row(10, 1, 2) },
    ],
  },
};

describe('figures of allocation', () => {
  it('are means over time from the first row on, peaks, and values at the end', () => {
    const figures = measure(measured);
    // 20 s of 0, 40 s of 5/10, 20 s of 10/10: (20 + 20)/80
    expect(figures['cpu_allocated']).toBeCloseTo(0.5);
    expect(figures['cpu_allocated_peak']).toBe(1);
    // (40 × 2/4 + 20 × 1/4)/80
    expect(figures['gpu_allocated']).toBeCloseTo(0.3125);
    // (40 × 1/4 + 20 × 2/4)/80
    expect(figures['gpu_fragmented']).toBeCloseTo(0.25);
    expect(figures['gpu_fragmented_end']).toBe(0.5);
    expect(figures['nodes_in_use']).toBeCloseTo(0.75);
    expect(figures['memory_allocated']).toBeUndefined();
  });

  it('a pod that never got a node waited until the end: 10 s and 60 s', () => {
    expect(measure(measured)['pending_mean_s']).toBe(35);
  });

  it('are left out when the timeline was not recorded', () => {
    expect(measure(run)['cpu_allocated']).toBeUndefined();
    expect(allocationCharts(run, [])).toEqual([]);
  });

  it('have charts: shares of CPU and GPU, what is out of reach, pods and nodes', () => {
    const charts = allocationCharts(measured, []);
    expect(charts.map(({ title, lines }) => [title, lines.map(({ name }) => name)])).toEqual([
      ['Allocation', ['CPU', 'GPU']],
      ['Out of reach', ['GPU, fragmented', 'GPU, stranded', 'CPU, stranded']],
      ['Pods and nodes', ['pods pending', 'pods bound', 'nodes in use']],
    ]);
    expect(charts[0]?.lines[0]?.points).toEqual([
      [20, 0],
      [40, 0.5],
      [80, 1],
      [100, 1],
    ]);
  });
});
