import { type Micros, seconds } from '../../engine/index.js';
import type { Event } from '../api/index.js';
import { RecentMap } from './recent-map.js';
import { TokenBucket } from './token-bucket.js';

/** What a recorder is asked to tell, and of what. */
export type Telling = Pick<Event, 'involvedObject' | 'type' | 'reason' | 'message' | 'source'>;

/** What becomes of it. */
export type Correlated =
  | { readonly action: 'drop' }
  /** Told for the first time: to be created, and remembered under `key`. */
  | { readonly action: 'create'; readonly key: string; readonly message: string }
  /** Told before as the Event called `name`: its count is to be patched. */
  | {
      readonly action: 'patch';
      readonly key: string;
      readonly message: string;
      readonly name: string;
      readonly count: number;
    };

/** Settings of k8s.io/client-go tools/record/events_cache.go. */
export interface CorrelatorSettings {
  /** Whether type belongs to the key of the spam filter. */
  readonly spamKeyHasType: boolean;
}

interface Similar {
  readonly messages: Set<string>;
  last: Micros;
}

interface Told {
  readonly count: number;
  readonly name: string | undefined;
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
  readonly #similar = new RecentMap<Similar>(MAX_ENTRIES);
  readonly #told = new RecentMap<Told>(MAX_ENTRIES);
  readonly #buckets = new RecentMap<TokenBucket>(MAX_ENTRIES);

  constructor(settings: CorrelatorSettings) {
    this.#settings = settings;
  }

  correlate(event: Telling, now: Micros): Correlated {
    const { key, message } = this.#aggregate(event, now);
    const told = this.#told.get(key);
    const count = (told?.count ?? 0) + 1;
    this.#told.set(key, { count, name: told?.name });
    if (!this.#spamBucket(event).tryTake(now)) {
      return { action: 'drop' };
    }
    return told?.name === undefined
      ? { action: 'create', key, message }
      : { action: 'patch', key, message, name: told.name, count };
  }

  /** The Event stands in the server under this name, told so often: later ones of the key are patched into it. */
  remember(key: string, name: string, count: number): void {
    this.#told.set(key, { count, name });
  }

  #aggregate(event: Telling, now: Micros): { key: string; message: string } {
    const message = event.message ?? '';
    const kindOfEvent = aggregateKey(event);
    let similar = this.#similar.get(kindOfEvent);
    if (similar === undefined || now - similar.last > AGGREGATION_INTERVAL) {
      similar = { messages: new Set(), last: now };
      this.#similar.set(kindOfEvent, similar);
    }
    similar.messages.add(message);
    similar.last = now;
    if (similar.messages.size < MAX_MESSAGES) {
      return { key: `${kindOfEvent}|${message}`, message };
    }
    // The real set gives up any one of its messages; here the oldest.
    similar.messages.delete(similar.messages.values().next().value as string);
    return { key: kindOfEvent, message: `(combined from similar events): ${message}` };
  }

  #spamBucket({ source, involvedObject, type }: Telling): TokenBucket {
    const key = `${source?.host ?? ''}|${objectKey(involvedObject)}|${this.#settings.spamKeyHasType ? type : ''}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(SPAM_QPS, SPAM_BURST);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}

const objectKey = ({ kind, namespace, name, uid }: Event['involvedObject']): string =>
  `${kind}/${namespace ?? ''}/${name}/${uid ?? ''}`;

const aggregateKey = ({ involvedObject, type, reason, source }: Telling): string =>
  `${source?.host ?? ''}|${objectKey(involvedObject)}|${involvedObject.fieldPath ?? ''}|${type}|${reason}`;
