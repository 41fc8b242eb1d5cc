import { SchedulerTwins } from './scheduler-twins.js';
import { compareEngines, schedulingScenario } from './scheduling-scenario.js';

/** Clusters tried here; `npm run fuzz -- scheduler --minutes 10` tries more. */
const CLUSTERS = 150;
const RUNS = [1, 2, 3, 4];
/** For two runs of a small cluster on a machine that does other things too. */
const TIMEOUT_MS = 60_000;

describe('the plain and the incremental scheduler', () => {
  it(`decide the same on ${CLUSTERS} random clusters`, () => {
    let decisions = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const { difference, decisions: equal } = new SchedulerTwins(seed).run(60);
      expect(difference === undefined ? '' : `seed ${seed}: ${difference}`).toBe('');
      decisions += equal;
    }
    expect(decisions).toBeGreaterThan(CLUSTERS * 30);
  });

  it.each(RUNS)(
    'make the same of queue, gates, preemption and changing nodes in run %i',
    (seed) => expect(compareEngines(schedulingScenario(seed))).toEqual([]),
    TIMEOUT_MS,
  );
});
