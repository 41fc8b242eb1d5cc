import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { fuzzSeed } from './fuzz.js';
import { PINNED_SEEDS } from './pinned-seeds.js';
import { randomScenario } from './random-scenario.js';
import { SchedulerTwins } from './scheduler-twins.js';
import { compareEngines, schedulingScenario } from './scheduling-scenario.js';

/** One way to look for mistakes: something random, a pure function of a seed, and what is wrong with it. */
interface Fuzzer {
  readonly pinned: readonly number[];
  fuzz(seed: number): readonly string[];
  /** What the seed makes, for who wants to look at it. */
  show?(seed: number): string;
}

/** A scheduler's run is worth as much time as this many clusters at rest. */
const TWINS_PER_RUN = 30;

const FUZZERS: Readonly<Record<string, Fuzzer>> = {
  cluster: {
    pinned: PINNED_SEEDS.filter(({ isOpen }) => !isOpen).map(({ seed }) => seed),
    fuzz: fuzzSeed,
    show: (seed) => JSON.stringify(randomScenario(seed).text),
  },
  scheduler: {
    pinned: [],
    fuzz: (seed) =>
      seed % TWINS_PER_RUN === 0
        ? compareEngines(schedulingScenario(seed))
        : [new SchedulerTwins(seed).run(40 + (seed % 200)).difference ?? []].flat(),
  },
};

/** Exits with 2 and says what fits when a word or an option is none. */
const wish = yargs(hideBin(process.argv))
  .scriptName('npm run fuzz --')
  .usage('$0 [cluster] [scheduler]\n\nMended seeds first, then new ones. Every fuzzer, or those named.')
  .option('minutes', {
    type: 'number',
    default: 1,
    describe: 'All fuzzers together; without limit if --seeds is given',
  })
  .option('seeds', { type: 'number', describe: 'So many new seeds at most, of each fuzzer' })
  .option('from', { type: 'number', describe: 'The first new seed [any]' })
  .option('seed', { type: 'number', describe: 'Only this seed' })
  .check(({ _ }) => {
    const unknown = _.find((word) => !(word in FUZZERS));
    return unknown === undefined || `no fuzzer is called ${unknown}; there are ${Object.keys(FUZZERS).join(', ')}`;
  })
  .fail((message, error) => {
    console.error(message ?? error);
    process.exit(2);
  })
  .strictOptions()
  .version(false)
  .parseSync();

/** An error is a failure too, and has a seed like any other. */
function whatFails(fuzz: () => readonly string[]): readonly string[] {
  try {
    return fuzz();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function report(name: string, seed: number, failures: readonly string[]): void {
  console.log(`${name} ${seed}: failed`);
  for (const failure of failures) {
    console.log(`  ${failure}`);
  }
  const scenario = FUZZERS[name]?.show?.(seed);
  if (scenario !== undefined) {
    console.log(`  scenario: ${scenario}`);
  }
  console.log(`  again: npm run fuzz -- ${name} --seed ${seed}`);
}

/** Until the time is over or so many seeds were run. */
function main(): void {
  const fuzzers = wish._.length > 0 ? wish._.map(String) : Object.keys(FUZZERS);
  const { seeds = Number.POSITIVE_INFINITY, from: first = Date.now() % 1_000_000 } = wish;
  const minutes = wish.seeds === undefined ? wish.minutes : Number.POSITIVE_INFINITY;
  for (const name of fuzzers) {
    const { pinned, fuzz } = FUZZERS[name] as Fuzzer;
    const end = Date.now() + (minutes / fuzzers.length) * 60_000;
    let passed = 0;
    let failed = 0;
    const run = (seed: number): void => {
      const failures = whatFails(() => fuzz(seed));
      if (failures.length > 0) {
        failed++;
        report(name, seed, failures);
      } else {
        passed++;
      }
    };
    if (wish.seed !== undefined) {
      run(wish.seed);
    } else {
      console.log(`${name}: seeds from ${first} on`);
      pinned.forEach(run);
      for (let seed = first; seed < first + seeds && Date.now() < end; seed++) {
        run(seed);
      }
    }
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : process.exitCode;
  }
}

main();
