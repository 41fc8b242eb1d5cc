import { cpus } from 'node:os';
import { keepYoungObjectsYoung } from '../../cli/heap.js';
import type { Benchmark } from './bench.js';
import { wholeCluster } from './cluster.bench.js';
import { controllers } from './controllers.bench.js';
import { eventLoop } from './event-loop.bench.js';
import { memory } from './memory.bench.js';
import { nodeDay } from './node.bench.js';
import { scheduler } from './scheduler.bench.js';

const BENCHMARKS: readonly Benchmark[] = [eventLoop, scheduler, wholeCluster, memory, nodeDay, controllers];

/** `npm run bench [-- NAME…]`: all benchmarks, or those named. */
function main(names: readonly string[]): void {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    console.error(
      `no benchmark is called ${unknown.join(', ')}; there are ${BENCHMARKS.map((b) => b.name).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const benchmark of BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n${benchmark.name}: ${benchmark.help}`);
    for (const { name, value, unit, goal } of benchmark.run()) {
      console.log(`  ${name}: ${value.toPrecision(3)} ${unit}${goal === undefined ? '' : ` (goal ${goal})`}`);
    }
  }
}

keepYoungObjectsYoung();
main(process.argv.slice(2));
