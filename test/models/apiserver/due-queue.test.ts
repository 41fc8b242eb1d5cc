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
          queue.push({ name, due: 0, turn: 0, sentAt: simulation.now, from: '' }, due);
        });
        simulation.runUntil(simulation.now + 100);
        expected.sort((a, b) => a.due - b.due || a.name - b.name);
        expect(arrived).toEqual(expected.map(({ name, due }) => `${name} at ${due}`));
      }),
      { seed: 20260801, numRuns: 200 },
    );
  });

  /** What arrives, and the other timers that fire, in order. */
  function arrivals(send: (post: (name: string, from: string, due: number) => void, simulation: Simulation) => void) {
    const simulation = new Simulation({ seed: 1 });
    const seen: string[] = [];
    const queue = new DueQueue<Due & { readonly name: string }>(simulation, 'parcels', ({ name }) => seen.push(name));
    const post = (name: string, from: string, due: number): void =>
      queue.push({ name, from, due: 0, turn: 0, sentAt: simulation.now }, due);
    simulation.after(10, () => seen.push('armed before'));
    send(post, simulation);
    simulation.after(10, () => seen.push('armed after'));
    simulation.runUntil(100);
    return seen;
  }

  it('has each parcel arrive as if it had a timer of its own, whatever else is on its way', () => {
    const alone = arrivals((post) => post('parcel', '', 10));
    expect(alone).toEqual(['armed before', 'parcel', 'armed after']);
    const besides = arrivals((post) => {
      post('early', '', 5);
      post('parcel', '', 10);
    });
    expect(besides).toEqual(['early', ...alone]);
    const between = arrivals((post, simulation) => {
      post('parcel', '', 10);
      simulation.after(10, () => {});
      post('second', '', 10);
    });
    expect(between).toEqual(['armed before', 'parcel', 'second', 'armed after']);
  });

  it('takes what machines send in the same microsecond in the order of their names', () => {
    const seen = arrivals((post) => {
      post('b', 'node/b', 10);
      post('a1', 'node/a', 10);
      post('a2', 'node/a', 10);
      post('control plane', 'control-plane', 10);
    });
    expect(seen.filter((name) => !name.startsWith('armed'))).toEqual(['control plane', 'a1', 'a2', 'b']);
  });
});
