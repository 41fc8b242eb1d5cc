import { seconds } from '../../../engine/index.js';
import type { Pod } from '../../../models/api/index.js';
import {
  averageValueReplicas,
  type CalculatorSettings,
  type PodMetrics,
  resourceReplicas,
} from '../../../models/horizontal-pod-autoscaler-controller/replica-calculator.js';

const NOW = seconds(10_000);
const SETTINGS: CalculatorSettings = {
  cpuInitializationPeriod: seconds(300),
  initialReadinessDelay: seconds(30),
  tolerancesAreSymmetric: false,
  missingPodsUseTarget: true,
  missingPodsIdleAtTarget: false,
  samplesCheckedFirst: true,
  errorsNamePods: true,
};

const runningPods = (count: number): readonly Pod[] =>
  Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'c', resources: { requests: { memory: '1000m' } } }] },
    status: { phase: 'Running', startTime: 0 },
  }));

const using = (values: readonly number[]): PodMetrics =>
  new Map(values.map((value, i) => [`p${i}`, { timestamp: NOW, window: seconds(30), value }]));

// k8s 1.37 pkg/controller/podautoscaler/replica_calculator.go. Four pods run, the last two have no sample.
describe('pods without a sample', () => {
  const observed = { currentReplicas: 4, pods: runningPods(4), tolerances: { scaleDown: 0.1, scaleUp: 0.1 }, now: NOW };

  it.each([
    // calcPlainMetricReplicas. Below the target they count as at it: (250 + 250 + 500 + 500) / 4 = 375, 0.75 × 4 = 3.
    { values: [250, 250], replicas: 3 },
    // Above it they count as nothing: 2000 / 4 = 500, within the tolerance.
    { values: [1000, 1000], replicas: 4 },
    // At the target they are left out: 1000 / 2 = 500.
    { values: [500, 500], replicas: 4 },
  ])('ask for $replicas by an average of 500 when the others use $values', ({ values, replicas }) => {
    const found = averageValueReplicas(using(values), { resource: 'memory', targetValue: 500 }, observed, SETTINGS);
    expect(found).toMatchObject({ replicas });
  });

  it('count as nothing at the target, too, in 1.23', () => {
    // 1000 / 4 = 250, 0.5 × 4 = 2.
    const wanted = { resource: 'memory', targetValue: 500 };
    const settings = { ...SETTINGS, missingPodsIdleAtTarget: true };
    expect(averageValueReplicas(using([500, 500]), wanted, observed, settings)).toMatchObject({ replicas: 2 });
  });

  it.each([
    { samplesCheckedFirst: true, error: 'did not receive metrics for targeted pods (pods might be unready)' },
    { samplesCheckedFirst: false, error: 'missing request for cpu in container c of Pod p0' },
  ])('are told of before missing requests: $samplesCheckedFirst', ({ samplesCheckedFirst, error }) => {
    const wanted = { resource: 'cpu', container: '', targetUtilization: 50 };
    expect(resourceReplicas(using([]), wanted, observed, { ...SETTINGS, samplesCheckedFirst })).toEqual({ error });
  });

  it.each([
    // GetResourceReplicas. Below the target they use all they request: (250 + 250 + 1000 + 1000) / 4000 = 62 %, 62 / 50 turns.
    { values: [250, 250], replicas: 4 },
    // Above it they count as nothing: 2000 / 4000 = 50 %.
    { values: [1000, 1000], replicas: 4 },
    // At the target they are left out: still 50 %.
    { values: [500, 500], replicas: 4 },
  ])('ask for $replicas by a utilization of 50 % when the others use $values', ({ values, replicas }) => {
    const wanted = { resource: 'memory', container: '', targetUtilization: 50 };
    expect(resourceReplicas(using(values), wanted, observed, SETTINGS)).toMatchObject({ replicas });
  });
});
