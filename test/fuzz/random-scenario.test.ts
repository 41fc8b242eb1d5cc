import { fuzzSeed } from './fuzz.js';
import { PINNED_SEEDS } from './pinned-seeds.js';

/** For three runs of a random cluster on a machine that does other things too. */
const TIMEOUT_MS = 60_000;

const SEEDS = [2, 5, 8];

describe('random clusters, workloads, faults and actions', () => {
  it.each(SEEDS)('break no rule with seed %i', (seed) => expect(fuzzSeed(seed)).toEqual([]), TIMEOUT_MS);
});

describe('seeds that failed once', () => {
  for (const { seed, found, isOpen } of PINNED_SEEDS) {
    const pinned = isOpen ? it.failing : it;
    pinned(`${seed}: ${found}`, () => expect(fuzzSeed(seed)).toEqual([]), TIMEOUT_MS);
  }
});
