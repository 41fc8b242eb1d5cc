import { BucketEventQueue, constant, MemorySink, Recorder, Simulation, seconds } from '../../engine/index.js';
import type { Pod, Probe } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import { type Cluster, kubernetes, type NodeTemplate } from '../../models/cluster.js';
import type { ContainerBehaviour } from '../../models/world/index.js';
import { type Benchmark, type Figure, processorSeconds, wallSeconds } from './bench.js';

const NODES = Number(process.env.BENCH_NODES ?? 1_000);
const PODS_A_NODE = 110;
const HOURS = Number(process.env.BENCH_HOURS ?? 24);
const DAY = seconds(HOURS * 3_600);

/** One container of a hundred exits a second after it has started, for ever. */
const CRASHES: ContainerBehaviour = { exits: [{ after: constant(seconds(1)), code: 1 }] };
const FLAKY = { failureProbability: 0.001 };
const FLAKES: ContainerBehaviour = { probes: { startup: FLAKY, readiness: FLAKY, liveness: FLAKY } };

const nodes: readonly NodeTemplate[] = Array.from({ length: NODES }, (_, i) => ({
  name: `node-${i}`,
  pool: 'node',
  labels: {},
  taints: [],
  capacity: { cpu: '16', memory: '64Gi', pods: `${PODS_A_NODE}`, 'ephemeral-storage': '100Gi' },
}));

const probe: Probe = { httpGet: { path: '/', port: 80 }, periodSeconds: 10, failureThreshold: 3 };

function createPod(cluster: Cluster, node: number, i: number): void {
  const app = (node * PODS_A_NODE + i) % 100 === 0 ? 'crash' : 'steady';
  const pod: Draft<Pod> = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${node}-${i}`, namespace: 'default', labels: { app } },
    spec: {
      nodeName: `node-${node}`,
      containers: [{ name: 'c', image: 'app:v1', startupProbe: probe, readinessProbe: probe, livenessProbe: probe }],
    },
  };
  cluster.user.create('Pod', pod, () => {});
}

/** All pods bound to their nodes from the beginning: what is left is what kubelets do. */
function runDay(steady: ContainerBehaviour): { readonly cluster: Cluster; readonly simulation: Simulation } {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue(), startAt: -seconds(30) });
  const cluster = kubernetes.create({
    simulation,
    recorder: new Recorder(new MemorySink(() => simulation.now), []),
    kubernetesVersion: '1.37',
    nodes,
    behaviourOf: ({ labels }) => (labels['app'] === 'crash' ? CRASHES : steady),
    startTime: 1_767_225_600,
    keepsEvents: false,
  });
  simulation.runUntil(0);
  for (let node = 0; node < NODES; node++) {
    for (let i = 0; i < PODS_A_NODE; i++) {
      createPod(cluster, node, i);
    }
  }
  simulation.runUntil(DAY);
  return { cluster, simulation };
}

function* measured(name: string, goal: string, steady: ContainerBehaviour): Iterable<Figure> {
  let run = undefined as ReturnType<typeof runDay> | undefined;
  let processor = 0;
  const wall = wallSeconds(() => {
    processor = processorSeconds(() => {
      run = runDay(steady);
    });
  });
  const statuses = [...(run?.cluster.list('Pod') ?? [])].map((pod) => pod.status?.containerStatuses?.[0]);
  yield { name: `${name}: wall`, value: wall, unit: 's', goal };
  yield { name: `${name}: processor`, value: processor, unit: 's' };
  yield { name: `${name}: events`, value: run?.simulation.eventCount ?? 0, unit: 'events' };
  yield { name: `${name}: pods ready`, value: statuses.filter((status) => status?.ready).length, unit: 'pods' };
  const restarts = statuses.reduce((sum, status) => sum + (status?.restartCount ?? 0), 0);
  yield { name: `${name}: restarts`, value: restarts, unit: 'restarts' };
  yield { name: `${name}: memory`, value: process.memoryUsage().rss / 1e9, unit: 'GB', goal: '≤ 2' };
}

export const nodeDay: Benchmark = {
  name: 'node',
  help: `${NODES} nodes × ${PODS_A_NODE} pods with three probes each, ${HOURS} virtual hours, 1 % of them in a crash loop`,
  *run(): Iterable<Figure> {
    yield* measured('steady', '≤ 20', {});
    yield* measured('probes fail by chance', '≤ 60', FLAKES);
  },
};
