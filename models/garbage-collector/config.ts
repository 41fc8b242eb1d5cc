import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';

/** Settings of the garbage collector. */
export interface GarbageCollectorConfiguration {
  readonly enabled: boolean;
  /** Objects that are looked at at a time, and owners whose dependents are let go at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  readonly eventClient: ClientLimits;
  /** Owners known to be gone that are remembered. */
  readonly absentOwnersRemembered: number;
  /** Whether a deletion is refused when the object changed since it was judged. */
  readonly deletesByResourceVersion: boolean;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['garbageCollector']>[] = [
  {
    name: 'enable-garbage-collector',
    type: 'boolean',
    field: 'enableGarbageCollector',
    help: 'Whether dependents of deleted objects are deleted.',
  },
  {
    name: 'concurrent-gc-syncs',
    type: 'integer',
    field: 'concurrentGCSyncs',
    help: 'Objects that the garbage collector works on at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const garbageCollectorFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.garbageCollector, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function garbageCollectorConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): GarbageCollectorConfiguration {
  const section = withFlags(defaults.workloads.garbageCollector, FLAGS, flags);
  const limits = controllerClientLimits(defaults, flags);
  return {
    enabled: section.enableGarbageCollector,
    workers: section.concurrentGCSyncs,
    client: { ...limits, qps: limits.qps * section.qpsFactor },
    eventClient: limits,
    absentOwnersRemembered: section.absentOwnersRemembered,
    deletesByResourceVersion: defaults.features.garbageCollectorDeletesByResourceVersion,
  };
}
