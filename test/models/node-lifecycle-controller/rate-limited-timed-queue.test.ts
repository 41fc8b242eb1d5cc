import { seconds } from '../../../engine/index.js';
import { PassTimes } from '../../../models/node-lifecycle-controller/pass-times.js';
import { RateLimitedTimedQueue } from '../../../models/node-lifecycle-controller/rate-limited-timed-queue.js';

describe('the queue of a zone', () => {
  const queueOf = (qps: number, ...names: readonly string[]): RateLimitedTimedQueue => {
    const queue = new RateLimitedTimedQueue(qps, 1);
    for (const name of names) {
      queue.add(name, 0);
    }
    return queue;
  };
  const takeAndSettle = (queue: RateLimitedTimedQueue, now: number): string | undefined => {
    const taken = queue.take(seconds(now));
    if (taken !== undefined) {
      queue.settle(taken, 'done', seconds(now));
    }
    return taken;
  };

  it('gives the first node at once and then one in 10 s at a rate of 0.1', () => {
    const queue = queueOf(0.1, 'a', 'b', 'c');
    expect([0, 9.9, 10, 19.9, 20].map((now) => takeAndSettle(queue, now))).toEqual([
      'a',
      undefined,
      'b',
      undefined,
      'c',
    ]);
  });

  it('gives a node once until it was removed', () => {
    const queue = queueOf(1, 'a');
    takeAndSettle(queue, 0);
    expect(queue.add('a', seconds(5))).toBe(false);
    queue.remove('a');
    expect(queue.add('a', seconds(5))).toBe(true);
  });

  it('tries a node again that could not be dealt with, spending another token', () => {
    const queue = queueOf(0.1, 'a');
    queue.settle(queue.take(0) as string, { retryAfter: seconds(0.05) }, 0);
    expect(queue.nextTurnAt(0)).toBe(seconds(10));
  });

  it('has no token left over from a limiter that had none', () => {
    const queue = queueOf(0.1, 'a', 'b');
    takeAndSettle(queue, 0);
    queue.swapLimiter(0, seconds(1));
    expect(queue.nextTurnAt(seconds(1))).toBe(Number.POSITIVE_INFINITY);
    queue.swapLimiter(0.1, seconds(100));
    expect(queue.nextTurnAt(seconds(100))).toBe(seconds(110));
  });

  it('keeps its tokens when the rate stays', () => {
    const queue = queueOf(0.1, 'a');
    queue.swapLimiter(0.1, seconds(1));
    expect(queue.nextTurnAt(seconds(1))).toBe(seconds(1));
  });

  it('gives one node and no more where a rate of 0 was asked for by flag', () => {
    const queue = queueOf(0, 'a', 'b');
    expect([0, 100_000].map((now) => takeAndSettle(queue, now))).toEqual(['a', undefined]);
  });

  it('stays shut at a rate of 1, which the limiter that never gives claims to have', () => {
    const queue = queueOf(1, 'a');
    queue.swapLimiter(0, 0);
    queue.swapLimiter(1, seconds(5));
    expect(queue.nextTurnAt(seconds(5))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the times of passes', () => {
  it('are a period and the length of an idle pass apart, and start over after a longer one', () => {
    const passes = new PassTimes(0, seconds(5), seconds(0.001));
    expect(passes.from(seconds(7))).toBe(seconds(10.002));
    // The pass at 10.002 s took two seconds.
    passes.ended(seconds(10.002), seconds(12.002));
    expect(passes.from(seconds(10.003))).toBe(seconds(17.002));
    // The passes before it are still known: at 0 s and 5.001 s.
    expect(passes.from(1)).toBe(seconds(5.001));
    expect(passes.before(seconds(10.002))).toBe(seconds(5.001));
    expect(passes.before(seconds(15))).toBe(seconds(10.002));
    expect(passes.before(0)).toBeUndefined();
  });

  it('are counted whether they are run or not', () => {
    const passes = new PassTimes(0, seconds(5), 0);
    expect(passes.countBefore(seconds(20))).toBe(4);
    passes.ended(seconds(20), seconds(21));
    expect(passes.countBefore(seconds(26))).toBe(5);
  });
});
