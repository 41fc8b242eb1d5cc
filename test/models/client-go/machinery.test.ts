import { milliseconds, seconds } from '../../../engine/index.js';
import { Backoff, Expectations, slowStartBatch, TokenBucket } from '../../../models/client-go/index.js';

describe('a token bucket', () => {
  it('gives a burst at once, then one each period, first come, first served', () => {
    const bucket = new TokenBucket(5, 2);
    expect([0, 0, 0, 0].map((now) => bucket.reserve(now))).toEqual([0, 0, milliseconds(200), milliseconds(400)]);
    // Two tokens are owed up to 0.4 s; at 1 s three have come since, but the bucket holds two.
    expect([1, 1, 1].map((now) => bucket.reserve(seconds(now)))).toEqual([0, 0, milliseconds(200)]);
  });

  it('refuses who will not wait, without taking anything', () => {
    const bucket = new TokenBucket(1, 1);
    expect([0, 0, 0.5, 1].map((now) => bucket.tryTake(seconds(now)))).toEqual([true, false, false, true]);
  });

  it('with a rate of zero has no limit', () => {
    const bucket = new TokenBucket(0, 0);
    expect([1, 2, 3].map(() => bucket.reserve(0))).toEqual([0, 0, 0]);
  });
});

describe('a back-off', () => {
  it('doubles at each failure and starts anew after twice its longest without one', () => {
    const backoff = new Backoff(seconds(10), seconds(300));
    const after = (at: number) => {
      backoff.next('a', seconds(at), seconds(at));
      return backoff.get('a') / 1e6;
    };
    expect([0, 10, 30, 70, 150, 310, 610].map(after)).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(after(610 + 600)).toBe(300);
    expect(after(1210 + 601)).toBe(10);
  });

  it('runs from the event it is asked about, or from its last failure', () => {
    const backoff = new Backoff(seconds(10), seconds(300));
    backoff.next('a', 0, 0);
    expect(backoff.isInBackOffSince('a', seconds(5), seconds(14))).toBe(true);
    expect(backoff.isInBackOffSince('a', seconds(5), seconds(15))).toBe(false);
    expect(backoff.isInBackOffSinceUpdate('a', seconds(9))).toBe(true);
    expect(backoff.isInBackOffSinceUpdate('a', seconds(10))).toBe(false);
    backoff.collect(seconds(601));
    expect(backoff.get('a')).toBe(0);
  });
});

describe('expectations', () => {
  it('hold an owner back until all its writes were seen', () => {
    const expectations = new Expectations();
    expectations.expectCreations('rs', 2, 0);
    expectations.creationObserved('rs');
    expect(expectations.areSatisfied('rs', 0)).toBe(false);
    expectations.creationObserved('rs');
    expect(expectations.areSatisfied('rs', 0)).toBe(true);
    expect(expectations.areSatisfied('other', 0)).toBe(true);
  });

  it('count each deletion once', () => {
    const expectations = new Expectations();
    expectations.expectDeletions('rs', ['a', 'b'], 0);
    expectations.deletionObserved('rs', 'a');
    expectations.deletionObserved('rs', 'a');
    expectations.deletionObserved('rs', 'stranger');
    expect(expectations.areSatisfied('rs', 0)).toBe(false);
    expectations.deletionObserved('rs', 'b');
    expect(expectations.areSatisfied('rs', 0)).toBe(true);
  });

  it('end after five minutes', () => {
    const expectations = new Expectations();
    expectations.expectCreations('rs', 1, 0);
    expect(expectations.areSatisfied('rs', seconds(300))).toBe(false);
    expect(expectations.areSatisfied('rs', seconds(300) + 1)).toBe(true);
  });
});

describe('a slow start', () => {
  /** Calls by batch; call number `failing` fails. */
  const run = (count: number, failing = -1) => {
    const batches: number[][] = [];
    let open: (() => void)[] = [];
    let result: { successes: number; error: string | undefined } | undefined;
    slowStartBatch<string>(
      count,
      1,
      (index, ended) => open.push(() => ended(index === failing ? `failed ${index}` : undefined)),
      (successes, error) => {
        result = { successes, error };
      },
    );
    while (open.length > 0) {
      const batch = open;
      open = [];
      batches.push(batch.map((_, i) => i));
      for (const end of batch) {
        end();
      }
    }
    return { sizes: batches.map((batch) => batch.length), result };
  };

  it('doubles its batches: 12 calls go as 1, 2, 4 and 5', () => {
    expect(run(12)).toEqual({ sizes: [1, 2, 4, 5], result: { successes: 12, error: undefined } });
  });

  it('ends with the batch in which a call fails', () => {
    expect(run(12, 2)).toEqual({ sizes: [1, 2], result: { successes: 2, error: 'failed 2' } });
    expect(run(12, 0)).toEqual({ sizes: [1], result: { successes: 0, error: 'failed 0' } });
  });

  it('of nothing ends at once', () => {
    expect(run(0)).toEqual({ sizes: [], result: { successes: 0, error: undefined } });
  });
});
