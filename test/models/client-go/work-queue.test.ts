import fc from 'fast-check';
import { type Micros, milliseconds, Simulation, seconds } from '../../../engine/index.js';
import { defaultControllerRateLimiter, ExponentialFailureLimiter, WorkQueue } from '../../../models/client-go/index.js';

const aQueue = () => {
  const simulation = new Simulation({ seed: 1 });
  const limiter = new ExponentialFailureLimiter(milliseconds(5), seconds(1000));
  return { simulation, queue: new WorkQueue(simulation, limiter, () => {}) };
};

describe('a work queue', () => {
  it('holds a key once', () => {
    const { queue } = aQueue();
    for (const key of ['a', 'b', 'a']) {
      queue.add(key);
    }
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
  });

  it('gives a key that is worked on to nobody else, but again when that work is done', () => {
    const { queue } = aQueue();
    queue.add('a');
    queue.take();
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(queue.take()).toBe('a');
  });

  it('keeps the earlier of two times at which a key is due', () => {
    const { queue, simulation } = aQueue();
    queue.addAfter('a', seconds(10));
    queue.addAfter('a', seconds(20));
    queue.addAfter('b', seconds(20));
    queue.addAfter('b', seconds(10));
    simulation.runUntil(seconds(10));
    expect([queue.take(), queue.take()]).toEqual(['a', 'b']);
    queue.done('a');
    queue.done('b');
    simulation.runUntil(seconds(30));
    expect(queue.take()).toBeUndefined();
  });

  it('forgets what waits when it is shut down', () => {
    const { queue, simulation } = aQueue();
    queue.add('a');
    queue.addAfter('b', seconds(1));
    queue.shutDown();
    simulation.runUntil(seconds(2));
    expect(queue.length).toBe(0);
  });

  it('behaves as three plain sets do', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key }),
      fc.record({ do: fc.constant('take' as const), key }),
      fc.record({ do: fc.constant('done' as const), key }),
      fc.record({ do: fc.constant('later' as const), key, delay: fc.nat(10) }),
      fc.record({ do: fc.constant('wait' as const), key, delay: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { queue, simulation } = aQueue();
        const model = new PlainQueue();
        for (const { do: action, key: name, ...rest } of steps) {
          const delay = 'delay' in rest ? rest.delay : 0;
          switch (action) {
            case 'add':
              queue.add(name);
              model.add(name);
              break;
            case 'take':
              expect(queue.take()).toBe(model.take());
              break;
            case 'done':
              if (model.processing.has(name)) {
                queue.done(name);
                model.done(name);
              }
              break;
            case 'later':
              queue.addAfter(name, delay);
              model.addAfter(name, delay);
              break;
            case 'wait':
              simulation.runUntil(simulation.now + delay);
              model.runUntil(simulation.now);
              break;
          }
          expect(queue.length).toBe(model.queue.length);
        }
      }),
      { seed: 20260801, numRuns: 300 },
    );
  });
});

/** The queue as its documentation tells it, with no thought of speed. */
class PlainQueue {
  queue: string[] = [];
  readonly dirty = new Set<string>();
  readonly processing = new Set<string>();
  waiting: { readonly key: string; readonly due: Micros; readonly ordinal: number }[] = [];
  #now: Micros = 0;
  #ordinal = 0;

  add(key: string): void {
    if (!this.dirty.has(key)) {
      this.dirty.add(key);
      if (!this.processing.has(key)) {
        this.queue.push(key);
      }
    }
  }

  take(): string | undefined {
    const key = this.queue.shift();
    if (key !== undefined) {
      this.processing.add(key);
      this.dirty.delete(key);
    }
    return key;
  }

  done(key: string): void {
    this.processing.delete(key);
    if (this.dirty.has(key)) {
      this.queue.push(key);
    }
  }

  addAfter(key: string, delay: Micros): void {
    if (delay === 0) {
      this.add(key);
      return;
    }
    const due = this.#now + delay;
    const earlier = this.waiting.find((waiting) => waiting.key === key && waiting.due <= due);
    if (earlier === undefined) {
      this.waiting = this.waiting.filter((waiting) => waiting.key !== key);
      this.waiting.push({ key, due, ordinal: this.#ordinal++ });
    }
  }

  runUntil(now: Micros): void {
    this.#now = now;
    const due = this.waiting.filter((waiting) => waiting.due <= now);
    this.waiting = this.waiting.filter((waiting) => waiting.due > now);
    for (const { key } of due.sort((a, b) => a.due - b.due || a.ordinal - b.ordinal)) {
      this.add(key);
    }
  }
}

describe('the default rate limiter of controllers', () => {
  it('waits 5 ms after the first failure and twice as long after each further one, up to 1000 s', () => {
    const limiter = defaultControllerRateLimiter();
    const waits = Array.from({ length: 20 }, () => limiter.when('a', seconds(3600)) / 1000);
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits[17]).toBe(655_360);
    expect(waits[18]).toBe(1_000_000);
    limiter.forget('a');
    expect(limiter.when('a', seconds(7200))).toBe(milliseconds(5));
  });

  it('lets 100 keys fail at once and 10 a second after that', () => {
    const limiter = defaultControllerRateLimiter();
    const waits = Array.from({ length: 102 }, (_, i) => limiter.when(`key-${i}`, 0));
    expect(waits[99]).toBe(milliseconds(5));
    expect(waits[100]).toBe(milliseconds(100));
    expect(waits[101]).toBe(milliseconds(200));
  });
});
