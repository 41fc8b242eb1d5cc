import { type Micros, parseDuration } from '../../engine/index.js';
import { type ClientLimits, controllerClientLimits, type Defaults } from '../versions/index.js';

/** Settings of the cloud node lifecycle controller. */
export interface CloudNodeLifecycleConfiguration {
  /** From one look at all nodes to the next. */
  readonly nodeMonitorPeriod: Micros;
  readonly client: ClientLimits;
}

export const cloudNodeLifecycleConfiguration = (defaults: Defaults): CloudNodeLifecycleConfiguration => ({
  nodeMonitorPeriod: parseDuration(defaults.cloudNodeLifecycle.nodeMonitorPeriod),
  client: controllerClientLimits(defaults),
});
