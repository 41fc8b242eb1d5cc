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

/** Settings of the attach/detach controller. */
export interface AttachDetachConfiguration {
  readonly client: ClientLimits;
  readonly reconcilerLoopPeriod: Micros;
  /** How long a volume may stay mounted that nobody wants there any more. */
  readonly reconcilerMaxWaitForUnmountDuration: Micros;
  readonly disableForceDetachOnTimeout: boolean;
  /** Whether a volume is detached by force only from nodes that are not Ready. */
  readonly sparesHealthyNodes: boolean;
  /** Whether the out-of-service taint detaches at once. */
  readonly honorsOutOfService: boolean;
  readonly polling: PollingConfiguration;
  readonly operationBackOff: Micros;
  readonly maxOperationBackOff: Micros;
}

/** How it waits for an attacher: looks with growing pauses, and gives up. */
export interface PollingConfiguration {
  readonly csiTimeout: Micros;
  readonly statusBackOff: Micros;
  readonly maxStatusBackOff: Micros;
  readonly statusBackOffFactor: number;
  readonly statusBackOffJitter: number;
}

type Section = Defaults['storage']['attachDetachController'];

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'disable-force-detach-on-timeout',
    type: 'boolean',
    field: 'disableForceDetachOnTimeout',
    help: 'Whether volumes stay attached to a dead node until somebody taints or deletes it.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const attachDetachFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.storage.attachDetachController, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function attachDetachConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): AttachDetachConfiguration {
  const section = withFlags(defaults.storage.attachDetachController, FLAGS, flags);
  return {
    client: controllerClientLimits(defaults, flags),
    reconcilerLoopPeriod: parseDuration(section.reconcilerLoopPeriod),
    reconcilerMaxWaitForUnmountDuration: parseDuration(section.reconcilerMaxWaitForUnmountDuration),
    disableForceDetachOnTimeout: section.disableForceDetachOnTimeout,
    sparesHealthyNodes: section.sparesHealthyNodes,
    honorsOutOfService: defaults.features.NodeOutOfServiceVolumeDetach,
    polling: {
      csiTimeout: parseDuration(section.csiTimeout),
      statusBackOff: parseDuration(section.statusBackOff),
      maxStatusBackOff: parseDuration(section.maxStatusBackOff),
      statusBackOffFactor: section.statusBackOffFactor,
      statusBackOffJitter: section.statusBackOffJitter,
    },
    operationBackOff: parseDuration(section.operationBackOff),
    maxOperationBackOff: parseDuration(section.maxOperationBackOff),
  };
}
