import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Figure } from './bench.js';
import type { Footprint } from './memory-run.js';

const NODES = 5_000;
const PODS = 150_000;
/** What V8 may keep of objects that have lived a while, MB: it collects garbage before it asks for more. */
const HEAP_LIMIT = 1_250;

/** A process of its own: what other benchmarks left behind does not count, and the most it ever held is known. */
function footprintOf(nodes: number, pods: number): Footprint {
  const script = fileURLToPath(new URL('./memory-run.js', import.meta.url));
  const flags = [`--max-old-space-size=${HEAP_LIMIT}`, '--expose-gc'];
  return JSON.parse(execFileSync(process.execPath, [...flags, script, `${nodes}`, `${pods}`], { encoding: 'utf8' }));
}

export const memory: Benchmark = {
  name: 'memory',
  help: `${NODES} nodes and ${PODS} pods of deployments, scheduled, running and at rest; a process with ${HEAP_LIMIT} MB for its heap`,
  *run(): Iterable<Figure> {
    const { running, peak, heap, heapOfNodes, processor } = footprintOf(NODES, PODS);
    yield { name: 'pods running', value: running, unit: 'pods' };
    yield { name: 'most memory ever resident', value: peak / 1e9, unit: 'GB', goal: '≤ 1.5' };
    yield { name: 'objects at rest', value: heap / 1e9, unit: 'GB' };
    yield { name: 'objects a node', value: heapOfNodes / NODES / 1e3, unit: 'kB' };
    yield { name: 'objects a pod', value: (heap - heapOfNodes) / running / 1e3, unit: 'kB' };
    yield { name: 'processor', value: processor, unit: 's' };
  },
};
