import { type ClientLimits, controllerClientLimits, type Defaults } from '../versions/index.js';

/** Settings of the TTL controller. */
export interface TtlControllerConfiguration {
  readonly client: ClientLimits;
  /** Nodes that are worked on at a time. */
  readonly workers: number;
}

export const ttlControllerConfiguration = (
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): TtlControllerConfiguration => ({
  client: controllerClientLimits(defaults, flags),
  workers: defaults.policy.ttlController.concurrentTTLSyncs,
});
