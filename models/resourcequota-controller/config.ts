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

/** Settings of the resource quota controller. */
export interface ResourceQuotaControllerConfiguration {
  readonly client: ClientLimits;
  /** Quotas that are counted at a time, new ones and others each. */
  readonly workers: number;
  /** How often every quota is counted anew. */
  readonly resyncPeriod: Micros;
}

type Section = Defaults['policy']['resourceQuotaController'];

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'concurrent-resource-quota-syncs',
    type: 'integer',
    field: 'concurrentResourceQuotaSyncs',
    help: 'Quotas that are counted at a time.',
  },
  {
    name: 'resource-quota-sync-period',
    type: 'duration',
    field: 'resourceQuotaSyncPeriod',
    help: 'How often every quota is counted anew.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const resourceQuotaControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.policy.resourceQuotaController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function resourceQuotaControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): ResourceQuotaControllerConfiguration {
  const section = withFlags(defaults.policy.resourceQuotaController, FLAGS, flags);
  return {
    client: controllerClientLimits(defaults, flags),
    workers: section.concurrentResourceQuotaSyncs,
    resyncPeriod: parseDuration(section.resourceQuotaSyncPeriod),
  };
}
