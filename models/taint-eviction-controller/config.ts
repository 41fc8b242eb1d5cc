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

/** Settings of the taint eviction controller. */
export interface TaintEvictionConfiguration {
  /** False when the taint manager of 1.23 was switched off. */
  readonly isEnabled: boolean;
  readonly clientLimits: ClientLimits;
  /** Source of its events: the controller's name, or the part of the node controller that it was until 1.29. */
  readonly eventComponent: string;
  readonly deleteRetries: number;
  readonly deleteRetryInterval: Micros;
  /** Whether a pod gets the condition DisruptionTarget before it is deleted. */
  readonly setsDisruptionTarget: boolean;
  /** Whether a pod that was deleted stays on the books until it is gone, so that nothing is started for it again. */
  readonly remembersDeleted: boolean;
  /** Whether its requests count against the limits of the node lifecycle controller. */
  readonly sharesNodeLifecycleClient: boolean;
}

/** The flag of 1.23 that switches it off. */
const FLAGS: readonly FlagRow<Defaults['nodeLifecycleController']>[] = [
  {
    name: 'enable-taint-manager',
    type: 'boolean',
    field: 'enableTaintManager',
    help: 'Whether NoExecute taints evict pods; if not, pods of a dead node are deleted after --pod-eviction-timeout.',
  },
];

const rows = (defaults: Defaults): typeof FLAGS => (defaults.features.taintManagerIsOptional ? FLAGS : []);

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const taintEvictionFlags = (defaults: Defaults): readonly Flag[] => [
  ...flagsWith(defaults.nodeLifecycleController, rows(defaults)),
  ...controllerClientFlags(defaults),
];

/** @throws RangeError when a value of the command line does not parse. */
export function taintEvictionConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): TaintEvictionConfiguration {
  const section = defaults.taintEvictionController;
  return {
    ...section,
    isEnabled: withFlags(defaults.nodeLifecycleController, rows(defaults), flags).enableTaintManager,
    clientLimits: controllerClientLimits(defaults, flags),
    deleteRetryInterval: parseDuration(section.deleteRetryInterval),
    setsDisruptionTarget: defaults.features.PodDisruptionConditions,
  };
}
