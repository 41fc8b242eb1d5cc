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

interface Wish {
  readonly fuzzers: readonly string[];
  readonly minutes: number;
  /** So many new seeds at most. */
  readonly seeds: number;
  readonly firstSeed: number;
  /** Only this seed. */
  readonly only: number | undefined;
}

function wishOf(words: readonly string[]): Wish {
  const value = (name: string): number | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : Number(words[at + 1]);
  };
  const named = words.filter((word) => word in FUZZERS);
  return {
    fuzzers: named.length > 0 ? named : Object.keys(FUZZERS),
    minutes: value('--minutes') ?? (value('--seeds') === undefined ? 1 : Number.POSITIVE_INFINITY),
    seeds: value('--seeds') ?? Number.POSITIVE_INFINITY,
    firstSeed: value('--from') ?? Date.now() % 1_000_000,
    only: value('--seed'),
  };
}

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

/**
 * `npm run fuzz [-- cluster] [scheduler] [--minutes N] [--seeds N] [--from SEED] [--seed SEED]`: mended seeds first, then new ones
 * until the time is over or so many were run. Every fuzzer, or those named.
 */
function main({ fuzzers, minutes, seeds, firstSeed, only }: Wish): void {
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
    if (only !== undefined) {
      run(only);
    } else {
      console.log(`${name}: seeds from ${firstSeed} on`);
      pinned.forEach(run);
      for (let seed = firstSeed; seed < firstSeed + seeds && Date.now() < end; seed++) {
        run(seed);
      }
    }
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : process.exitCode;
  }
}

main(wishOf(process.argv.slice(2)));
