import { type Micros, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { CalculatorSettings } from './replica-calculator.js';

/** Settings of the horizontal pod autoscaler. */
export interface HorizontalPodAutoscalerControllerConfiguration extends CalculatorSettings {
  readonly workers: number;
  readonly client: ClientLimits;
  /** From the end of one look at an autoscaler to the next. */
  readonly syncPeriod: Micros;
  /** How far from 1 the ratio of usage to target may lie, where the autoscaler does not say. */
  readonly tolerance: number;
  readonly downscaleStabilization: Micros;
  /** Whether spec.behavior may carry tolerances. */
  readonly HPAConfigurableTolerance: boolean;
  readonly HPAScaleToZero: boolean;
  /** Statuses say which generation they are about, and a new one is looked at without waiting. */
  readonly HPAGeneration: boolean;
  readonly checksAmbiguousSelectors: boolean;
  /** Times that a refused scale is written again. */
  readonly scaleUpdateTries: number;
  readonly scaleUpdateRetryInterval: Micros;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['horizontalPodAutoscalerController']>[] = [
  {
    name: 'concurrent-horizontal-pod-autoscaler-syncs',
    type: 'integer',
    field: 'concurrentHorizontalPodAutoscalerSyncs',
    help: 'HorizontalPodAutoscalers that are looked at at a time.',
  },
  {
    name: 'horizontal-pod-autoscaler-sync-period',
    type: 'duration',
    field: 'syncPeriod',
    help: 'From one look at an autoscaler to the next.',
  },
  {
    name: 'horizontal-pod-autoscaler-tolerance',
    type: 'number',
    field: 'tolerance',
    help: 'Smallest relative difference between usage and target that scales.',
  },
  {
    name: 'horizontal-pod-autoscaler-downscale-stabilization',
    type: 'duration',
    field: 'downscaleStabilization',
    help: 'Scale down to the highest recommendation of this long.',
  },
  {
    name: 'horizontal-pod-autoscaler-cpu-initialization-period',
    type: 'duration',
    field: 'cpuInitializationPeriod',
    help: 'From the start of a pod, while its CPU samples may be left out.',
  },
  {
    name: 'horizontal-pod-autoscaler-initial-readiness-delay',
    type: 'duration',
    field: 'initialReadinessDelay',
    help: 'From the start of a pod, while a change of readiness counts as its first one.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const horizontalPodAutoscalerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.horizontalPodAutoscalerController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function horizontalPodAutoscalerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): HorizontalPodAutoscalerControllerConfiguration {
  const section = withFlags(defaults.workloads.horizontalPodAutoscalerController, FLAGS, flags);
  const { features } = defaults;
  return {
    workers: section.concurrentHorizontalPodAutoscalerSyncs,
    client: controllerClientLimits(defaults, flags),
    syncPeriod: parseDuration(section.syncPeriod),
    tolerance: section.tolerance,
    downscaleStabilization: parseDuration(section.downscaleStabilization),
    cpuInitializationPeriod: parseDuration(section.cpuInitializationPeriod),
    initialReadinessDelay: parseDuration(section.initialReadinessDelay),
    scaleUpdateTries: section.scaleUpdateTries,
    scaleUpdateRetryInterval: parseDuration(section.scaleUpdateRetryInterval),
    checksAmbiguousSelectors: section.checksAmbiguousSelectors,
    tolerancesAreSymmetric: !features.HPAConfigurableTolerance,
    missingPodsUseTarget: section.missingPodsUseTarget,
    missingPodsIdleAtTarget: section.missingPodsIdleAtTarget,
    samplesCheckedFirst: section.samplesCheckedFirst,
    errorsNamePods: section.errorsNamePods,
    HPAConfigurableTolerance: features.HPAConfigurableTolerance,
    HPAScaleToZero: features.HPAScaleToZero,
    HPAGeneration: features.HPAGeneration,
  };
}
