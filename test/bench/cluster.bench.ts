import { BucketEventQueue, MemorySink, Recorder, Simulation, seconds } from '../../engine/index.js';
import { type Cluster, kubernetes, type NodeTemplate } from '../../models/cluster.js';
import { type Benchmark, type Figure, processorSeconds, wallSeconds } from './bench.js';

const NODES = Number(process.env.BENCH_NODES ?? 1_000);
const DEPLOYMENTS = Number(process.env.BENCH_DEPLOYMENTS ?? 300);
export const REPLICAS = 100;
const PODS = DEPLOYMENTS * REPLICAS;

export const machines = (count: number): readonly NodeTemplate[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `node-${i}`,
    pool: 'node',
    labels: { 'topology.kubernetes.io/zone': `zone-${i % 3}` },
    taints: [],
    capacity: { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' },
  }));

export function createDeployment(cluster: Cluster, name: string): void {
  const labels = { app: name };
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  const template = {
    metadata: { name: '', labels },
    spec: { containers: [{ name: 'c', image: 'app:v1', resources }] },
  };
  const spec = { replicas: REPLICAS, selector: { matchLabels: labels }, template };
  const metadata = { name, namespace: 'default' };
  cluster.user.create('Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, () => {});
}

/** Creation and start of all pods at the components' default client limits, half an hour of quiet, then a node dies. */
function runHour(): { readonly cluster: Cluster; readonly simulation: Simulation } {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue(), startAt: -seconds(30) });
  const recorder = new Recorder(new MemorySink(() => simulation.now), []);
  const cluster = kubernetes.create({
    simulation,
    recorder,
    kubernetesVersion: '1.37',
    nodes: machines(NODES),
    startTime: 1_767_225_600,
    keepsEvents: false,
  });
  simulation.runUntil(0);
  for (let i = 0; i < DEPLOYMENTS; i++) {
    createDeployment(cluster, `app-${i}`);
  }
  simulation.runUntil(seconds(3_000));
  cluster.node('node-1')?.machine.powerOff();
  simulation.runUntil(seconds(3_600));
  return { cluster, simulation };
}

export const wholeCluster: Benchmark = {
  name: 'cluster',
  help: `${NODES} nodes and ${PODS} pods from nothing, one virtual hour, a node dies at 50 min`,
  *run(): Iterable<Figure> {
    const before = process.memoryUsage().rss;
    let run = undefined as ReturnType<typeof runHour> | undefined;
    let processor = 0;
    const wall = wallSeconds(() => {
      processor = processorSeconds(() => {
        run = runHour();
      });
    });
    const pods = [...(run?.cluster.list('Pod') ?? [])];
    const rss = process.memoryUsage().rss;
    yield { name: 'wall', value: wall, unit: 's', goal: '≤ 10' };
    yield { name: 'processor', value: processor, unit: 's' };
    yield { name: 'events', value: run?.simulation.eventCount ?? 0, unit: 'events' };
    yield { name: 'pods running', value: pods.filter((pod) => pod.status?.phase === 'Running').length, unit: 'pods' };
    yield { name: 'memory', value: rss / 1e9, unit: 'GB', goal: '≤ 1.5' };
    yield { name: 'memory a pod', value: (rss - before) / 1e3 / PODS, unit: 'kB' };
  },
};
