import { type Micros, seconds, wholeSecond } from '../../engine/index.js';
import type { Event } from '../api/index.js';
import { RecentMap } from './recent-map.js';
import { TokenBucket } from './token-bucket.js';

/** An event as a recorder makes it, before it is compared with what was told before. */
export interface Telling extends Pick<Event, 'involvedObject' | 'type' | 'reason' | 'message' | 'source'> {
  readonly name: string;
  readonly at: Micros;
}

/** What the server is to store of it. With a count of one it is new, otherwise an Event of that name is to be patched. */
export interface Correlated {
  readonly name: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: Micros;
  readonly lastTimestamp: Micros;
}

export interface CorrelatorSettings {
  /** Whether type belongs to the key of the spam filter. */
  readonly spamKeyHasType: boolean;
}

interface Similar {
  /** Different ones, oldest first: a handful. */
  readonly messages: string[];
  last: Micros;
}

interface Observation {
  readonly count: number;
  readonly name: string;
  readonly firstTimestamp: Micros;
}

// events_cache.go: maxLruCacheEntries, defaultAggregateMaxEvents, defaultAggregateIntervalInSeconds, defaultSpamBurst, defaultSpamQPS
const MAX_ENTRIES = 4096;
const MAX_MESSAGES = 10;
const AGGREGATION_INTERVAL = seconds(600);
const SPAM_BURST = 25;
const SPAM_QPS = 1 / 300;

/**
 * k8s.io/client-go tools/record/events_cache.go EventCorrelator: the tenth different message of otherwise equal events within ten
 * minutes turns them into one that is counted; a message told again is counted too; and what one object has told 25 times is then
 * told at most once in five minutes.
 */
export class EventCorrelator {
  readonly #settings: CorrelatorSettings;
  readonly #nameAt: (event: Telling, now: Micros) => string;
  readonly #similar = new RecentMap<Similar>(MAX_ENTRIES);
  readonly #observed = new RecentMap<Observation>(MAX_ENTRIES);
  readonly #buckets = new RecentMap<TokenBucket>(MAX_ENTRIES);

  /** `nameAt` makes the name of an event that combines others. */
  constructor(settings: CorrelatorSettings, nameAt: (event: Telling, now: Micros) => string) {
    this.#settings = settings;
    this.#nameAt = nameAt;
  }

  /** Undefined when it is not to be told at all. What is not told is counted nevertheless. */
  correlate(event: Telling, now: Micros): Correlated | undefined {
    const { key, ...made } = this.#aggregate(event, now);
    const last = this.#observed.get(key);
    const observation: Observation = last
      ? { ...last, count: last.count + 1 }
      : { count: 1, name: made.name, firstTimestamp: made.lastTimestamp };
    this.#observed.set(key, observation);
    return this.#spamBucket(event).tryTake(now) ? { ...made, ...observation } : undefined;
  }

  #aggregate(event: Telling, now: Micros): { key: string; name: string; message: string; lastTimestamp: Micros } {
    const { name, at, message = '', involvedObject } = event;
    const group = aggregateKey(event);
    let similar = this.#similar.get(group);
    if (similar === undefined || now - similar.last > AGGREGATION_INTERVAL) {
      similar = { messages: [], last: now };
      this.#similar.set(group, similar);
    }
    if (!similar.messages.includes(message)) {
      similar.messages.push(message);
    }
    similar.last = now;
    if (similar.messages.length < MAX_MESSAGES) {
      const key = keyFrom(group, involvedObject.fieldPath, message);
      return { key, name, message, lastTimestamp: wholeSecond(at) };
    }
    // The real set gives up any one of its messages; here the oldest.
    similar.messages.shift();
    return {
      key: group,
      name: this.#nameAt(event, now),
      message: `(combined from similar events): ${message}`,
      lastTimestamp: wholeSecond(now),
    };
  }

  #spamBucket({ source, involvedObject, type }: Telling): TokenBucket {
    const key = keyFrom(source?.host, objectKey(involvedObject), this.#settings.spamKeyHasType ? type : '');
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(SPAM_QPS, SPAM_BURST);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}

/** Joined, it is one string; thousands of them are kept, and put together by template each would stay a tree of its parts. */
const keyFrom = (...parts: readonly (string | undefined)[]): string => parts.join('|');

const objectKey = ({ kind, namespace, name, uid }: Event['involvedObject']): string =>
  keyFrom(kind, namespace, name, uid);

const aggregateKey = ({ involvedObject, type, reason, source }: Telling): string =>
  keyFrom(source?.host, objectKey(involvedObject), type, reason);
