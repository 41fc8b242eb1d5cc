import { type Micros, parseDuration } from '../../engine/index.js';
import type { CorrelatorSettings } from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import type { ReconnectionSettings } from './reconnection.js';

export interface ApiServerConfig {
  /** How long an Event is kept (--event-ttl), and how much longer at most, because leases in etcd are shared. */
  readonly eventTtl: Micros;
  readonly leaseReuse: Micros;
  readonly reconnection: ReconnectionSettings;
  readonly eventCorrelator: CorrelatorSettings;
}

export function apiServerConfig({ apiServer, clients }: Defaults): ApiServerConfig {
  return {
    eventTtl: parseDuration(apiServer.eventTTL),
    leaseReuse: parseDuration(apiServer.leaseReuseDuration),
    reconnection: {
      connectionLostAfter: parseDuration(clients.http2ReadIdleTimeout) + parseDuration(clients.http2PingTimeout),
      dialTimeout: parseDuration(clients.dialTimeout),
      reflectorInitialBackoff: parseDuration(clients.reflectorInitialBackoff),
      reflectorMaxBackoff: parseDuration(clients.reflectorMaxBackoff),
      reflectorBackoffFactor: clients.reflectorBackoffFactor,
      reflectorBackoffJitter: clients.reflectorBackoffJitter,
    },
    eventCorrelator: { spamKeyHasType: clients.eventSpamKeyHasType },
  };
}
