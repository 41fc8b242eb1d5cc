import fc from 'fast-check';
import { BucketEventQueue } from '../../../engine/loop/bucket-event-queue.js';
import type { EventQueue } from '../../../engine/loop/event-queue.js';
import { TinyEventQueue } from '../../../engine/loop/tiny-event-queue.js';

type Step =
  | { readonly do: 'arm'; readonly timer: number; readonly delay: number; readonly turn?: 'taken' }
  | { readonly do: 'take turn' }
  | { readonly do: 'remove'; readonly timer: number }
  | { readonly do: 'pop'; readonly times: number };

/** Plays the steps as a simulation would: delays count from the time of the last pop. Answers what was popped when. */
function play(queue: EventQueue, steps: readonly Step[]): string[] {
  const popped: string[] = [];
  const turns: number[] = [];
  let now = 0;
  const pop = (): void => {
    const at = queue.nextAt;
    if (at < Number.POSITIVE_INFINITY) {
      now = at;
      popped.push(`${at}:${queue.nextTurn}:${queue.pop()}:${queue.size}`);
    }
  };
  for (const step of steps) {
    if (step.do === 'arm') {
      queue.remove(step.timer);
      queue.push(now + step.delay, step.timer, step.turn && turns.shift());
    } else if (step.do === 'take turn') {
      turns.push(queue.takeTurn());
    } else if (step.do === 'remove') {
      queue.remove(step.timer);
    } else {
      for (let i = 0; i < step.times; i++) {
        pop();
      }
    }
  }
  while (queue.size > 0) {
    pop();
  }
  return popped;
}

const delay = fc.oneof(
  fc.constant(0),
  fc.constant(10_000_000),
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 60_000_000 }),
  fc.integer({ min: 0, max: 2 ** 45 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arm' as const), timer: fc.nat(3000), delay }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('arm' as const),
      timer: fc.nat(3000),
      delay,
      turn: fc.constant('taken' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), timer: fc.nat(3000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pop' as const), times: fc.nat(4) }) },
);

describe('the two event queues', () => {
  it('pop the same timers at the same times for any arming, moving and removing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        expect(play(new BucketEventQueue(), steps)).toEqual(play(new TinyEventQueue(), steps));
      }),
      { numRuns: 200 },
    );
  });

  it('stay equal through rebuilds of the wheel: 40,000 timers, re-armed 100,000 times, then all but 50 removed', () => {
    const steps: Step[] = [];
    let state = 7;
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    for (let timer = 0; timer < 40_000; timer++) {
      steps.push({ do: 'arm', timer, delay: next(20_000_000) });
    }
    for (let i = 0; i < 100_000; i++) {
      steps.push({ do: 'arm', timer: next(40_000), delay: next(5) === 0 ? 10_000_000 : next(30_000_000) });
      steps.push({ do: 'pop', times: next(3) });
    }
    for (let timer = 50; timer < 40_000; timer++) {
      steps.push({ do: 'remove', timer });
    }
    const fast = play(new BucketEventQueue(), steps);
    const plain = play(new TinyEventQueue(), steps);
    expect(fast.length).toBeGreaterThan(60_000);
    expect(fast.join() === plain.join()).toBe(true);
  });

  it('stay equal when most timers are due within one bucket: 6,000 in 500 µs among 4,000 over a minute, a fifth moved', () => {
    const steps: Step[] = [];
    for (let timer = 0; timer < 10_000; timer++) {
      const isInClump = timer % 5 < 3;
      steps.push({
        do: 'arm',
        timer,
        delay: isInClump ? 10_000_000 + ((timer * 7919) % 500) : (timer * 104_729) % 60_000_000,
      });
    }
    for (let timer = 0; timer < 10_000; timer += 5) {
      steps.push({ do: 'arm', timer, delay: 10_000_000 + ((timer * 31) % 500) });
    }
    expect(play(new BucketEventQueue(), steps)).toEqual(play(new TinyEventQueue(), steps));
  });

  it('keep the order of arming at equal times', () => {
    for (const queue of [new BucketEventQueue(), new TinyEventQueue()]) {
      for (const timer of [5, 3, 9, 1]) {
        queue.push(1_000_000, timer);
      }
      expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual([5, 3, 9, 1]);
    }
  });

  it('fire a timer that has a turn taken earlier as if it had been armed then', () => {
    for (const queue of [new BucketEventQueue(), new TinyEventQueue()]) {
      queue.push(1_000_000, 5);
      const turn = queue.takeTurn();
      queue.push(1_000_000, 3);
      queue.push(1_000_000, 9, turn);
      expect([queue.pop(), queue.pop(), queue.pop()]).toEqual([5, 9, 3]);
    }
  });

  it('refuse to pop when empty', () => {
    expect(() => new BucketEventQueue().pop()).toThrow('empty event queue');
    expect(() => new TinyEventQueue().pop()).toThrow('empty event queue');
  });
});
