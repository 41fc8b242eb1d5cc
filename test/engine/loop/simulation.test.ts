import { InvariantError, invariant, Simulation, SlotTable, seconds, TinyEventQueue } from '../../../engine/index.js';
import { BucketEventQueue } from '../../../engine/loop/bucket-event-queue.js';

describe('a simulation', () => {
  it('fires by time, then by order of arming, and stands at the deadline', () => {
    const simulation = new Simulation({ seed: 1 });
    const fired: string[] = [];
    const at = (delay: number, name: string) =>
      simulation.after(delay, () => fired.push(`${name}@${simulation.now / 1e6}`));
    at(seconds(2), 'b');
    at(seconds(1), 'a');
    at(seconds(2), 'c');
    at(seconds(4), 'late');
    simulation.runUntil(seconds(3));
    expect(fired).toEqual(['a@1', 'b@2', 'c@2']);
    expect(simulation.now).toBe(seconds(3));
  });

  it('forgets a cancelled event, and a handle outlives the reuse of its timer', () => {
    const simulation = new Simulation({ seed: 1 });
    const fired: string[] = [];
    const first = simulation.after(seconds(1), () => fired.push('first'));
    simulation.runUntil(seconds(1));
    const second = simulation.after(seconds(1), () => fired.push('second'));
    expect([first.isPending, second.isPending]).toEqual([false, true]);
    first.cancel();
    expect(second.isPending).toBe(true);
    second.cancel();
    simulation.runUntil(seconds(5));
    expect(fired).toEqual(['first']);
  });

  it('moves a slot timer that is armed again, and disarms it when its slot is freed', () => {
    const simulation = new Simulation({ seed: 1 });
    const slots = new SlotTable();
    const fired: [number, number][] = [];
    const bank = simulation.timers('lease', slots, (slot) => fired.push([slot, simulation.now]));
    const [a, b] = [slots.claim('a'), slots.claim('b')];
    bank.arm(a, seconds(1));
    bank.arm(b, seconds(2));
    bank.arm(a, seconds(3));
    expect(bank.firesAt(a)).toBe(seconds(3));
    slots.free('b');
    expect(bank.firesAt(b)).toBe(Number.POSITIVE_INFINITY);
    simulation.runUntil(seconds(10));
    expect(fired).toEqual([[a, seconds(3)]]);
  });

  it('may begin before zero, on both queues alike', () => {
    for (const queue of [new BucketEventQueue(), new TinyEventQueue()]) {
      const simulation = new Simulation({ seed: 1, queue, startAt: -seconds(30) });
      const fired: number[] = [];
      for (const delay of [40, 5, 30, 12.5]) {
        simulation.after(seconds(delay), () => fired.push(simulation.now / 1e6));
      }
      simulation.runUntil(seconds(20));
      expect(fired).toEqual([-25, -17.5, 0, 10]);
    }
  });

  it('has the same fingerprint on both queues, and another when an event moves by a microsecond', () => {
    const run = (delay: number, fast: boolean): string => {
      const simulation = new Simulation({ seed: 1, ...(fast ? { queue: new BucketEventQueue() } : {}) });
      simulation.after(delay, () => simulation.after(seconds(1), () => {}));
      simulation.runUntil(seconds(9));
      return simulation.fingerprint;
    };
    expect(run(seconds(3), true)).toBe(run(seconds(3), false));
    expect(run(seconds(3) + 1, false)).not.toBe(run(seconds(3), false));
  });

  it('tells of a broken invariant when it broke and how to see it again', () => {
    const simulation = new Simulation({ seed: 42, replay: 'kubewhen run zone-outage.yaml --seed 42' });
    simulation.after(seconds(310), () => invariant(false, 'web-7 runs on node-3'));
    let thrown: unknown;
    try {
      simulation.runUntil(seconds(400));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvariantError);
    expect((thrown as InvariantError).message).toBe(
      'invariant: web-7 runs on node-3 (at 310 s, event 1, seed 42). Replay: kubewhen run zone-outage.yaml --seed 42',
    );
  });
});
