import { type Micros, seconds } from '../../../../engine/index.js';
import type { Pod } from '../../../../models/api/index.js';
import {
  averageValueReplicas,
  type CalculatorSettings,
  type Observed,
  type PodMetrics,
  resourceReplicas,
} from '../../../../models/horizontal-pod-autoscaler-controller/replica-calculator.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface RecordedPod {
  readonly name: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly deleting?: boolean;
  readonly noRequest?: boolean;
  readonly startedAgo: number;
  readonly readyTransitionAgo: number;
  readonly metric?: { readonly milliValue: number; readonly ago: number; readonly windowSeconds: number };
}

interface ReplicasCase extends VectorCase {
  readonly currentReplicas: number;
  readonly resource: string;
  readonly pods: readonly RecordedPod[];
  readonly targetUtilization: number;
  readonly targetAverageMilliValue: number;
  readonly toleranceUp: number;
  readonly toleranceDown: number;
}

const NOW: Micros = seconds(1_000_000);

const SETTINGS: CalculatorSettings = {
  cpuInitializationPeriod: seconds(300),
  initialReadinessDelay: seconds(30),
  tolerancesAreSymmetric: false,
  missingPodsUseTarget: true,
  missingPodsIdleAtTarget: false,
  samplesCheckedFirst: true,
  errorsNamePods: true,
};

const RESULTS = ['replicas', 'utilization', 'rawUtilization', 'error', 'rawReplicas', 'rawUsage', 'rawError'] as const;

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly ReplicasCase[]) {
    const { resource, pods, currentReplicas, targetUtilization, targetAverageMilliValue: targetValue } = one;
    const observed: Observed = {
      currentReplicas,
      pods: pods.map(asPod),
      tolerances: { scaleDown: one.toleranceDown, scaleUp: one.toleranceUp },
      now: NOW,
    };
    const metrics: PodMetrics = new Map(
      pods.flatMap(({ name, metric }) =>
        metric
          ? [
              [
                name,
                {
                  timestamp: NOW - seconds(metric.ago),
                  window: seconds(metric.windowSeconds),
                  value: metric.milliValue,
                },
              ],
            ]
          : [],
      ),
    );
    const byUtilization = resourceReplicas(metrics, { resource, container: '', targetUtilization }, observed, SETTINGS);
    const byValue = averageValueReplicas(metrics, { resource, targetValue }, observed, SETTINGS);
    const raw =
      'error' in byValue ? { rawError: byValue.error } : { rawReplicas: byValue.replicas, rawUsage: byValue.usage };
    yield compare(
      one.id,
      Object.fromEntries(RESULTS.map((field) => [field, one[field]])),
      withAnyPod({ ...byUtilization, ...raw }, one.error),
    );
  }
};

/** The recording leaves out which of several pods without a request the error names. */
const withAnyPod = <T extends object>(found: T, error: unknown): T =>
  'error' in found && String(error).endsWith('of Pod *')
    ? { ...found, error: String(found.error).replace(/of Pod \S+$/, 'of Pod *') }
    : found;

const asPod = (pod: RecordedPod): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod.name, namespace: 'default', ...(pod.deleting && { deletionTimestamp: NOW }) },
  spec: {
    containers: [
      { name: 'c', image: 'c', ...(!pod.noRequest && { resources: { requests: { cpu: '1', memory: '100Mi' } } }) },
    ],
  },
  status: {
    phase: pod.phase,
    startTime: NOW - seconds(pod.startedAgo),
    conditions: [
      {
        type: 'Ready',
        status: pod.ready ? 'True' : 'False',
        lastTransitionTime: NOW - seconds(pod.readyTransitionAgo),
      },
    ],
  },
});
