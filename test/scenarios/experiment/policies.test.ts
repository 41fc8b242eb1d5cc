import { join } from 'node:path';
import { kubernetes } from '../../../models/cluster.js';
import { runOne } from '../../../scenarios/experiment/run-one.js';
import { ROOT } from '../../tidy/source-files.js';

const SCENARIO = join(ROOT, 'scenarios/gallery/14-openb-replay/scenario.yaml');

/** Figures of gallery 14 with a policy in force. */
function figuresOf(policy: string): Readonly<Record<string, number | undefined>> {
  const override = { path: 'spec.configuration.kubeScheduler', value: `policies/${policy}.yaml`, file: SCENARIO };
  return runOne({ scenario: SCENARIO, overrides: [override], seed: 1 }, kubernetes).measures;
}

// 44 GPUs: four machines of eight, four of two T4, two of two P100. The 32 small pods want 24.9 of them, the two large ones 16.
describe('four policies place the pods of gallery 14', () => {
  it.each(['default', 'random'])(
    '%s spreads the small ones over all machines of eight: both large ones wait',
    (policy) => {
      const figures = figuresOf(policy);
      expect(figures['unscheduled_pods']).toBe(2);
      expect(figures['gpu_allocated_peak']).toBeCloseTo(24.9 / 44, 9);
    },
  );

  it.each(['most-allocated', 'fragmentation-gradient'])(
    '%s leaves two machines of eight empty: all pods run',
    (policy) => {
      const figures = figuresOf(policy);
      expect(figures['unscheduled_pods']).toBe(0);
      expect(figures['gpu_allocated_peak']).toBeCloseTo(40.9 / 44, 9);
    },
  );

  it('by less fragmentation: half of what spreading leaves', () => {
    const fragmented = (policy: string): number => figuresOf(policy)['gpu_fragmented_end'] as number;
    expect(fragmented('fragmentation-gradient')).toBeLessThan(0.6 * fragmented('default'));
    expect(fragmented('most-allocated')).toBeLessThan(0.6 * fragmented('default'));
  });
});
