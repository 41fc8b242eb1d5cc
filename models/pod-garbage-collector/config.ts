import { type Micros, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientFlags,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';

/** Settings of the pod garbage collector. */
export interface PodGarbageCollectorConfiguration {
  readonly clientLimits: ClientLimits;
  /** Terminated pods in the whole cluster above which the oldest go; 0 or less for no limit. */
  readonly terminatedPodGCThreshold: number;
  readonly gcCheckPeriod: Micros;
  /** How long a node must be missed before the server is asked whether it really is gone. */
  readonly quarantineTime: Micros;
  readonly deletesEvictedFirst: boolean;
  /** Whether pods are marked Failed before they are deleted, and orphans get the condition DisruptionTarget. */
  readonly marksFailed: boolean;
  /** Whether terminating pods on nodes tainted out-of-service are deleted. */
  readonly cleansOutOfServiceNodes: boolean;
}

const FLAGS: readonly FlagRow<Defaults['podGarbageCollector']>[] = [
  {
    name: 'terminated-pod-gc-threshold',
    type: 'integer',
    field: 'terminatedPodGCThreshold',
    help: 'Terminated pods that may exist before the oldest are deleted; 0 or less for no limit.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const podGarbageCollectorFlags = (defaults: Defaults): readonly Flag[] => [
  ...flagsWith(defaults.podGarbageCollector, FLAGS),
  ...controllerClientFlags(defaults),
];

/** @throws RangeError when a value of the command line does not parse. */
export function podGarbageCollectorConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): PodGarbageCollectorConfiguration {
  const section = withFlags(defaults.podGarbageCollector, FLAGS, flags);
  return {
    ...section,
    clientLimits: controllerClientLimits(defaults, flags),
    gcCheckPeriod: parseDuration(section.gcCheckPeriod),
    quarantineTime: parseDuration(section.quarantineTime),
    marksFailed: defaults.features.PodDisruptionConditions,
    cleansOutOfServiceNodes: defaults.features.NodeOutOfServiceVolumeDetach,
  };
}
