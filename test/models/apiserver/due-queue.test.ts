import fc from 'fast-check';
import { Simulation } from '../../../engine/index.js';
import { type Due, DueQueue } from '../../../models/apiserver/due-queue.js';

interface Parcel extends Due {
  readonly name: number;
}

describe('the queue of what is on its way', () => {
  it('hands out by due time, then by order of sending, as a sorted list would', () => {
    const sends = fc.array(fc.record({ wait: fc.nat(5), travel: fc.nat(20) }), { maxLength: 200 });
    fc.assert(
      fc.property(sends, (steps) => {
        const simulation = new Simulation({ seed: 1 });
        const arrived: string[] = [];
        const queue = new DueQueue<Parcel>(simulation, 'parcels', ({ name, due }) => {
          arrived.push(`${name} at ${due}`);
          expect(simulation.now).toBe(due);
        });
        const expected: { name: number; due: number }[] = [];
        steps.forEach(({ wait, travel }, name) => {
          simulation.runUntil(simulation.now + wait);
          const due = simulation.now + travel;
          expected.push({ name, due });
          queue.push({ name, due: 0, ordinal: 0 }, due);
        });
        simulation.runUntil(simulation.now + 100);
        expected.sort((a, b) => a.due - b.due || a.name - b.name);
        expect(arrived).toEqual(expected.map(({ name, due }) => `${name} at ${due}`));
      }),
      { seed: 20260801, numRuns: 200 },
    );
  });
});
