import { type Micros, parseDuration } from '../../engine/index.js';
import { type ClientLimits, controllerClientLimits, type Defaults } from '../versions/index.js';

/** Settings of the service controller. */
export interface ServiceControllerConfiguration {
  /** Services that are worked on at a time. */
  readonly workers: number;
  readonly client: ClientLimits;
  /** First and longest back-off after a failure. */
  readonly minRetryDelay: Micros;
  readonly maxRetryDelay: Micros;
  /** Whether nodes that are not ready stay behind the load balancers. */
  readonly keepsUnreadyNodes: boolean;
  /** Whether a load balancer's address says how it is delivered to the nodes. */
  readonly tellsIPMode: boolean;
}

export const serviceControllerConfiguration = (defaults: Defaults): ServiceControllerConfiguration => ({
  workers: defaults.serviceController.concurrentServiceSyncs,
  client: controllerClientLimits(defaults),
  minRetryDelay: parseDuration(defaults.serviceController.minRetryDelay),
  maxRetryDelay: parseDuration(defaults.serviceController.maxRetryDelay),
  keepsUnreadyNodes: defaults.features.StableLoadBalancerNodeSet,
  tellsIPMode: defaults.features.LoadBalancerIPMode,
});
