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
import type { StatefulSetGates } from './decisions.js';

/** Settings of the StatefulSet controller. */
export interface StatefulSetControllerConfiguration extends StatefulSetGates {
  /** StatefulSets that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  readonly statusUpdateAttempts: number;
  readonly statusUpdateInterval: Micros;
  /** Whether a sync waits until the cache holds what it wrote. */
  readonly waitsForOwnWrites: boolean;
  /** Whether the next look is timed by the pod that becomes available first, not by minReadySeconds. */
  readonly checksNextAvailability: boolean;
  /** Whether events begin with "Create", not "create". */
  readonly eventsAreCapitalised: boolean;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['statefulSetController']>[] = [
  {
    name: 'concurrent-statefulset-syncs',
    type: 'integer',
    field: 'concurrentStatefulSetSyncs',
    help: 'StatefulSets that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const statefulSetControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.statefulSetController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function statefulSetControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): StatefulSetControllerConfiguration {
  const section = withFlags(defaults.workloads.statefulSetController, FLAGS, flags);
  const { features } = defaults;
  return {
    workers: section.concurrentStatefulSetSyncs,
    client: controllerClientLimits(defaults, flags),
    statusUpdateAttempts: section.statusUpdateAttempts,
    statusUpdateInterval: parseDuration(section.statusUpdateInterval),
    waitsForOwnWrites: features.StaleControllerConsistencyStatefulSet,
    checksNextAvailability: features.checksNextAvailability,
    eventsAreCapitalised: features.statefulSetEventsAreCapitalised,
    MaxUnavailableStatefulSet: features.MaxUnavailableStatefulSet,
    StatefulSetAutoDeletePVC: features.StatefulSetAutoDeletePVC,
    PodIndexLabel: features.PodIndexLabel,
    replacesSucceededPods: features.statefulSetReplacesSucceededPods,
    parallelBeginsInBatches: features.statefulSetBeginsInBatches,
    completesAtFullSize: features.statefulSetCompletesAtFullSize,
  };
}
