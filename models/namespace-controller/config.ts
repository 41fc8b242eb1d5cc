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

/** Settings of the namespace controller. */
export interface NamespaceControllerConfiguration {
  /** Namespaces that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** From the mark of deletion to the first look. */
  readonly gracePeriod: Micros;
  /** First and longest back-off after an error. */
  readonly backOff: Micros;
  readonly maxBackOff: Micros;
  /** Whether nothing else goes before the pods have. */
  readonly deletesPodsFirst: boolean;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['namespaceController']>[] = [
  {
    name: 'concurrent-namespace-syncs',
    type: 'integer',
    field: 'concurrentNamespaceSyncs',
    help: 'Namespaces that are synced at a time.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const namespaceControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.namespaceController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function namespaceControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): NamespaceControllerConfiguration {
  const settings = withFlags(defaults.workloads.namespaceController, FLAGS, flags);
  const { qps, burst } = controllerClientLimits(defaults, flags);
  return {
    workers: settings.concurrentNamespaceSyncs,
    client: { qps: qps * settings.qpsFactor, burst: burst * settings.burstFactor },
    gracePeriod: parseDuration(settings.deletionGracePeriod),
    backOff: parseDuration(settings.syncBackOff),
    maxBackOff: parseDuration(settings.maxSyncBackOff),
    deletesPodsFirst: defaults.features.OrderedNamespaceDeletion,
  };
}
