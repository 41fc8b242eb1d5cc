import { parseDuration, seconds, toSeconds } from '../../engine/index.js';
import type { CorrelatorSettings, SeriesSettings } from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import type { EventExpirySettings } from './event-expiry.js';
import type { ReconnectionSettings } from './reconnection.js';

export interface ApiServerConfig {
  readonly eventExpiry: EventExpirySettings;
  readonly reconnection: ReconnectionSettings;
  readonly eventCorrelator: CorrelatorSettings;
  readonly eventSeries: SeriesSettings;
}

export function apiServerConfig({ apiServer, clients }: Defaults): ApiServerConfig {
  return {
    eventExpiry: eventExpiry(apiServer),
    reconnection: {
      connectionLostAfter: parseDuration(clients.http2ReadIdleTimeout) + parseDuration(clients.http2PingTimeout),
      dialTimeout: parseDuration(clients.dialTimeout),
      reflectorInitialBackoff: parseDuration(clients.reflectorInitialBackoff),
      reflectorMaxBackoff: parseDuration(clients.reflectorMaxBackoff),
      reflectorBackoffFactor: clients.reflectorBackoffFactor,
      reflectorBackoffJitter: clients.reflectorBackoffJitter,
    },
    eventCorrelator: { spamKeyHasType: clients.eventSpamKeyHasType },
    eventSeries: { firstCount: clients.eventSeriesFirstCount },
  };
}

/** getReuseDurationSecondsLocked: a share of the time to live, in whole seconds, and no more than a constant. */
function eventExpiry({ eventTTL, leaseReuseDuration, leaseReusePercent }: Defaults['apiServer']): EventExpirySettings {
  const ttl = parseDuration(eventTTL);
  const share = seconds(Math.floor((toSeconds(ttl) * leaseReusePercent) / 100));
  return { ttl, reuse: Math.min(share, parseDuration(leaseReuseDuration)) };
}
