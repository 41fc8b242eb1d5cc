import type { Micros } from '../../engine/index.js';
import { parseDuration } from '../../engine/time/duration.js';
import type { Defaults } from '../versions/index.js';

/** Settings of the taint eviction controller. It has no flags of its own. */
export interface TaintEvictionConfiguration {
  /** Source of its events: the controller's name, or the part of the node controller that it was until 1.29. */
  readonly eventComponent: string;
  readonly deleteRetries: number;
  readonly deleteRetryInterval: Micros;
  /** Whether a pod gets the condition DisruptionTarget before it is deleted. */
  readonly setsDisruptionTarget: boolean;
  /** Whether a pod that was deleted stays on the books until it is gone, so that nothing is started for it again. */
  readonly remembersDeleted: boolean;
}

export function taintEvictionConfiguration(defaults: Defaults): TaintEvictionConfiguration {
  const section = defaults.taintEvictionController;
  return {
    ...section,
    deleteRetryInterval: parseDuration(section.deleteRetryInterval),
    setsDisruptionTarget: defaults.features.PodDisruptionConditions,
  };
}
