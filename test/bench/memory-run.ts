import { BucketEventQueue, MemorySink, type Micros, Recorder, Simulation, seconds } from '../../engine/index.js';
import { kubernetes } from '../../models/cluster.js';
import { createDeployment, machines, REPLICAS } from './cluster.bench.js';

/** Bytes. */
export interface Footprint {
  readonly running: number;
  /** The most the process ever had resident. */
  readonly peak: number;
  /** What the heap holds when all pods run, garbage left out. */
  readonly heap: number;
  /** What it held before there were pods. */
  readonly heapOfNodes: number;
  /** Seconds. */
  readonly processor: number;
}

/** The ReplicaSet controller may send 20 requests a second; when it has made all pods, there is quiet for ten minutes. */
const untilQuiet = (pods: number): Micros => seconds(pods / 20 + 600);

function liveHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function run(nodes: number, pods: number): Footprint {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue(), startAt: -seconds(30) });
  const cluster = kubernetes.create({
    simulation,
    recorder: new Recorder(new MemorySink(() => simulation.now), []),
    kubernetesVersion: '1.37',
    nodes: machines(nodes),
    startTime: 1_767_225_600,
    keepsEvents: false,
  });
  simulation.runUntil(0);
  const heapOfNodes = liveHeap();
  for (let i = 0; i < pods / REPLICAS; i++) {
    createDeployment(cluster, `app-${i}`);
  }
  simulation.runUntil(untilQuiet(pods));
  // Before the heap is looked at: to list all pods would not be part of a run.
  const peak = process.resourceUsage().maxRSS * 1024;
  const heap = liveHeap();
  const running = [...cluster.list('Pod')].filter(({ status }) => status?.phase === 'Running').length;
  return { running, peak, heap, heapOfNodes, processor: process.cpuUsage().user / 1e6 };
}

const [nodes, pods] = process.argv.slice(2).map(Number) as [number, number];
console.log(JSON.stringify(run(nodes, pods)));
