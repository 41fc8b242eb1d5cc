import { SchedulerTwins } from './scheduler-twins.js';

/** `node dist/test/fuzz/scheduler-run.js [SECONDS] [FIRST SEED]`: compares the two engines until a difference or the end. */
function main([seconds = '60', first = '1']: readonly string[]): void {
  const until = Date.now() + Number(seconds) * 1000;
  let seed = Number(first);
  let placements = 0;
  for (; Date.now() < until; seed++) {
    const result = new SchedulerTwins(seed).run(40 + (seed % 200));
    placements += result.placements;
    if (result.difference !== undefined) {
      console.log(`seed ${seed}: ${result.difference}`);
      process.exitCode = 1;
      return;
    }
  }
  console.log(`${seed - Number(first)} clusters, ${placements} placements, no difference`);
}

main(process.argv.slice(2));
