import {
  BucketEventQueue,
  type EventQueue,
  Simulation,
  SlotTable,
  seconds,
  TinyEventQueue,
} from '../../engine/index.js';
import { type Benchmark, type Figure, median, processorSeconds } from './bench.js';

const MEAN_GAP = seconds(10);
const ROUNDS = 5;

/** Million events per processor second with so many timers pending: each fires and arms itself anew (the hold model). */
function holdModel(queue: EventQueue, pending: number, events: number): number {
  const simulation = new Simulation({ seed: 1, queue });
  const slots = new SlotTable();
  const gaps = exponentialGaps();
  let next = 0;
  let fired = 0;
  const bank = simulation.timers('hold', slots, (slot) => {
    fired++;
    bank.arm(slot, gaps[next++ & 0xffff] as number);
  });
  for (let i = 0; i < pending; i++) {
    bank.arm(slots.claim(`timer-${i}`), gaps[next++ & 0xffff] as number);
  }
  const eventsPerSecond = pending / (MEAN_GAP / 1e6);
  const runFor = seconds(events / eventsPerSecond);
  simulation.runUntil(simulation.now + runFor);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = fired;
    const spent = processorSeconds(() => simulation.runUntil(simulation.now + runFor));
    rates.push((fired - before) / spent / 1e6);
  }
  return median(rates);
}

function exponentialGaps(): Float64Array {
  const stream = new Simulation({ seed: 7 }).stream('gaps');
  return Float64Array.from({ length: 0x10000 }, (_, n) => stream.exponential(1, n, MEAN_GAP));
}

export const eventLoop: Benchmark = {
  name: 'event-loop',
  help: 'hold model through the public timer API, a handler per event, exponential gaps of mean 10 s',
  *run(): Iterable<Figure> {
    for (const pending of [5_000, 160_000]) {
      const fast = holdModel(new BucketEventQueue(), pending, 1_000_000);
      const plain = holdModel(new TinyEventQueue(), pending, 200_000);
      const unit = 'M events/s';
      yield { name: `fast queue, ${pending} pending`, value: fast, unit, goal: '≥ 10' };
      yield { name: `plain queue (tinyqueue), ${pending} pending`, value: plain, unit };
      yield { name: `fast over plain, ${pending} pending`, value: fast / plain, unit: 'times' };
    }
  },
};
