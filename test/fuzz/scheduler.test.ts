import { SchedulerTwins } from './scheduler-twins.js';

/** Clusters tried here; `node dist/test/fuzz/scheduler-run.js SECONDS` tries more. */
const CLUSTERS = 150;

describe('the plain and the incremental scheduler', () => {
  it(`decide the same on ${CLUSTERS} random clusters`, () => {
    let placements = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const { difference, placements: equal } = new SchedulerTwins(seed).run(60);
      expect(difference === undefined ? '' : `seed ${seed}: ${difference}`).toBe('');
      placements += equal;
    }
    expect(placements).toBeGreaterThan(CLUSTERS * 30);
  });
});
