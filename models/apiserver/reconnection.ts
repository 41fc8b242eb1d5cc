import { type Micros, milliseconds, seconds } from '../../engine/index.js';

/** Settings of the clients' transport and reflectors, as Micros. */
export interface ReconnectionSettings {
  /** Silence after which a client gives its connection up: HTTP/2 ReadIdleTimeout and PingTimeout. */
  readonly connectionLostAfter: Micros;
  readonly dialTimeout: Micros;
  readonly reflectorInitialBackoff: Micros;
  readonly reflectorMaxBackoff: Micros;
  readonly reflectorBackoffFactor: number;
  readonly reflectorBackoffJitter: number;
}

/** RFC 6298 with Linux's bounds (include/net/tcp.h): first retransmission of data after 200 ms, of SYN after 1 s; then doubled. */
const DATA_RTO = milliseconds(200);
const SYN_RTO = seconds(1);

/** When a segment first sent at `sentAt` gets through, if the network heals at `healedAt`. */
export const retransmittedAt = (sentAt: Micros, healedAt: Micros): Micros => retriedAt(sentAt, healedAt, DATA_RTO);

function retriedAt(sentAt: Micros, healedAt: Micros, rto: Micros): Micros {
  let at = sentAt;
  for (let wait = rto; at < healedAt; wait *= 2) {
    at += wait;
  }
  return at;
}

/** How a watch goes on after a cut: the same connection from some time on, or a new one and a new list. */
export interface Resumption {
  readonly at: Micros;
  readonly mustList: boolean;
}

/** A cut, and the first watch event lost in it, if any was. */
export interface Cut {
  readonly from: Micros;
  readonly healedAt: Micros;
  readonly firstLossAt: Micros | undefined;
}

/**
 * k8s.io/client-go tools/cache/reflector.go: while the connection lives, TCP sends again what was lost; once it is given up, the
 * reflector waits its back-off, dials, and lists anew. `uniform` gives the n-th jitter in [0, 1).
 */
export function resumptionAfter(cut: Cut, settings: ReconnectionSettings, uniform: (n: number) => number): Resumption {
  const lostAt = cut.from + settings.connectionLostAfter;
  if (cut.healedAt < lostAt) {
    const { firstLossAt, healedAt } = cut;
    return { at: firstLossAt === undefined ? healedAt : retransmittedAt(firstLossAt, healedAt), mustList: false };
  }
  let backoff = settings.reflectorInitialBackoff;
  let at = lostAt;
  for (let attempt = 0; ; attempt++) {
    at += Math.round(backoff * (1 + settings.reflectorBackoffJitter * uniform(attempt)));
    const connectedAt = retriedAt(at, cut.healedAt, SYN_RTO);
    if (connectedAt <= at + settings.dialTimeout) {
      return { at: connectedAt, mustList: true };
    }
    at += settings.dialTimeout;
    backoff = Math.min(backoff * settings.reflectorBackoffFactor, settings.reflectorMaxBackoff);
  }
}
