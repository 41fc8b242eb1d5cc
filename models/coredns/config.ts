import { type Micros, seconds } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';

/** What the Corefile of kubeadm says. */
export interface CoreDnsConfiguration {
  /** How long answers are kept, good ones and bad ones; undefined: those about the cluster are not. */
  readonly cacheTTL: Micros | undefined;
}

export const coreDnsConfiguration = ({ coreDns }: Defaults): CoreDnsConfiguration => ({
  // plugin/cache: the least of its own limit and the TTL of what it keeps; of an NXDOMAIN that is the SOA's, which is the plugin's ttl
  cacheTTL: coreDns.cachesClusterDomain ? seconds(Math.min(coreDns.ttlSeconds, coreDns.cacheSeconds)) : undefined,
});
