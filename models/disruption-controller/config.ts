import { type ClientLimits, controllerClientLimits, type Defaults, type Flag } from '../versions/index.js';

/** Settings of the disruption controller. */
export interface DisruptionControllerConfiguration {
  /** Budgets that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** Whether announced disruptions that do not come are taken back. */
  readonly takesBackDisruptions: boolean;
}

/** No flag of kube-controller-manager is its own. */
export const disruptionControllerFlags = (): readonly Flag[] => [];

/** @throws RangeError when a value of the command line does not parse. */
export const disruptionControllerConfiguration = (
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): DisruptionControllerConfiguration => ({
  workers: defaults.workloads.disruptionController.concurrentDisruptionSyncs,
  client: controllerClientLimits(defaults, flags),
  takesBackDisruptions: defaults.features.PodDisruptionConditions,
});
