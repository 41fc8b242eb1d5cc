import { fuzzSeed } from './fuzz.js';
import { PINNED_SEEDS } from './pinned-seeds.js';
import { randomScenario } from './random-scenario.js';

interface Wish {
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
  return {
    minutes: value('--minutes') ?? (value('--seeds') === undefined ? 1 : Number.POSITIVE_INFINITY),
    seeds: value('--seeds') ?? Number.POSITIVE_INFINITY,
    firstSeed: value('--from') ?? Date.now() % 1_000_000,
    only: value('--seed'),
  };
}

function report(seed: number, failures: readonly string[]): void {
  console.log(`seed ${seed}: failed`);
  for (const failure of failures) {
    console.log(`  ${failure}`);
  }
  console.log(`  scenario: ${JSON.stringify(randomScenario(seed).text)}`);
  console.log(`  again: npm run fuzz -- --seed ${seed}`);
}

/**
 * `npm run fuzz [-- --minutes N] [--seeds N] [--from SEED] [--seed SEED]`: mended seeds first, then new ones until the time is
 * over or so many were run.
 */
function main({ minutes, seeds, firstSeed, only }: Wish): void {
  const end = Date.now() + minutes * 60_000;
  const pinned = PINNED_SEEDS.filter(({ isOpen }) => !isOpen).map(({ seed }) => seed);
  let passed = 0;
  let failed = 0;
  const run = (seed: number): void => {
    const failures = fuzzSeed(seed);
    if (failures.length > 0) {
      failed++;
      report(seed, failures);
    } else {
      passed++;
    }
  };
  if (only !== undefined) {
    run(only);
  } else {
    console.log(`seeds from ${firstSeed} on`);
    for (const seed of pinned) {
      run(seed);
    }
    for (let seed = firstSeed; seed < firstSeed + seeds && Date.now() < end; seed++) {
      run(seed);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main(wishOf(process.argv.slice(2)));
