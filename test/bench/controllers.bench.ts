import { BucketEventQueue, MemorySink, type Micros, Recorder, Simulation, seconds } from '../../engine/index.js';
import type { Kinds } from '../../models/api/index.js';
import { type Cluster, kubernetes, type NodeTemplate } from '../../models/cluster.js';
import { type Benchmark, type Figure, processorSeconds, wallSeconds } from './bench.js';

const NODES = Number(process.env.BENCH_NODES ?? 5_000);
const DEPLOYMENTS = Number(process.env.BENCH_DEPLOYMENTS ?? 5_000);
const REPLICAS = 20;

const nodes: readonly NodeTemplate[] = Array.from({ length: NODES }, (_, i) => ({
  name: `node-${i}`,
  pool: 'node',
  labels: { 'topology.kubernetes.io/zone': `zone-${i % 3}` },
  taints: [],
  capacity: { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' },
}));

function deployment(name: string): object {
  const labels = { app: name };
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'app:v1', resources }] } };
  const spec = { replicas: REPLICAS, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' }, spec };
}

const withImage = (found: Kinds['Deployment'], image: string): Kinds['Deployment'] => {
  const { template } = found.spec;
  const containers = (template.spec?.containers ?? []).map((container) => ({ ...container, image }));
  return { ...found, spec: { ...found.spec, template: { ...template, spec: { ...template.spec, containers } } } };
};

/** All Deployments whose every replica is of their present template and ready. */
const complete = (cluster: Cluster): number =>
  [...cluster.list('Deployment')].filter(
    ({ status }) =>
      status?.updatedReplicas === REPLICAS && status.readyReplicas === REPLICAS && status.replicas === REPLICAS,
  ).length;

/** Runs until every Deployment is complete; how many virtual seconds that takes. */
function untilComplete(cluster: Cluster, limit: Micros): number {
  const { simulation } = cluster;
  const from = simulation.now;
  do {
    simulation.runUntil(simulation.now + seconds(5));
  } while (complete(cluster) < DEPLOYMENTS && simulation.now < from + limit);
  return (simulation.now - from) / 1e6;
}

export const controllers: Benchmark = {
  name: 'controllers',
  help: `${DEPLOYMENTS} Deployments × ${REPLICAS} replicas created and rolled once on ${NODES} nodes, client limits off`,
  *run(): Iterable<Figure> {
    const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue(), startAt: -seconds(30) });
    const cluster = kubernetes.create({
      simulation,
      recorder: new Recorder(new MemorySink(() => simulation.now), []),
      kubernetesVersion: '1.37',
      nodes,
      startTime: 1_767_225_600,
      keepsEvents: false,
      configuration: {
        kubeControllerManager: { 'kube-api-qps': '0', 'kube-api-burst': '0' },
        kubeScheduler: {
          apiVersion: 'kubescheduler.config.k8s.io/v1',
          kind: 'KubeSchedulerConfiguration',
          clientConnection: { qps: -1, burst: 1 },
        },
      },
    });
    let virtual = 0;
    let processor = 0;
    const timed = (work: () => void): number =>
      wallSeconds(() => {
        processor += processorSeconds(work);
      });
    const creation = timed(() => {
      simulation.runUntil(0);
      for (let i = 0; i < DEPLOYMENTS; i++) {
        cluster.user.create('Deployment', deployment(`app-${i}`) as never, () => {});
      }
      virtual = untilComplete(cluster, seconds(1_800));
    });
    yield { name: 'creation', value: creation, unit: 's' };
    yield { name: 'creation, virtual time', value: virtual, unit: 's' };
    const rollout = timed(() => {
      for (const { metadata } of [...cluster.list('Deployment')]) {
        cluster.user.patch(
          'Deployment',
          `default/${metadata.name}`,
          (found) => withImage(found, 'app:v2'),
          () => {},
        );
      }
      virtual = untilComplete(cluster, seconds(1_800));
    });
    yield { name: 'rollout', value: rollout, unit: 's' };
    yield { name: 'rollout, virtual time', value: virtual, unit: 's' };
    const quiet = timed(() => simulation.runUntil(simulation.now + seconds(600)));
    yield { name: 'ten quiet minutes after it', value: quiet, unit: 's' };
    yield { name: 'wall', value: creation + rollout, unit: 's', goal: '≤ 60' };
    yield { name: 'processor', value: processor, unit: 's' };
    yield { name: 'events', value: simulation.eventCount, unit: 'events' };
    yield { name: 'Deployments complete', value: complete(cluster), unit: `of ${DEPLOYMENTS}` };
    yield { name: 'memory', value: process.memoryUsage().rss / 1e9, unit: 'GB', goal: '≤ 3' };
  },
};
