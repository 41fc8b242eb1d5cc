import { keyOf, type Pod } from '../../models/api/index.js';
import { podInfoOf } from '../../models/scheduler/framework/pod-info.js';
import { type Benchmark, type Figure, processorSeconds } from './bench.js';
import { BenchCluster, benchNode, type PodTemplate, requesting } from './scheduler-cluster.js';

const NODES = 5_000;
const UNIT = 'pods/s';

/** Pods a second of processor time; all must find a node. */
function rateOf(cluster: BenchCluster, count: number, templateOf: (i: number) => PodTemplate): number {
  const pods = Array.from({ length: count }, (_, i) => cluster.nextPod(templateOf(i)));
  let placed = 0;
  const spent = processorSeconds(() => {
    for (const pod of pods) {
      placed += cluster.place(pod) === undefined ? 0 : 1;
    }
  });
  if (placed < count) {
    throw new Error(`${count - placed} pods found no node`);
  }
  return count / spent;
}

const SMALL = requesting('100m', '500Mi');

function homogeneous(count: number, percentage: number, template: PodTemplate): number {
  const cluster = new BenchCluster(NODES, percentage);
  if (template.isReplica) {
    cluster.addReplicaSet(template.name);
  }
  return rateOf(cluster, count, () => template);
}

const hardZoneSpread = (): number => {
  const constraint = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'spread' } },
  };
  const spec = requesting('100m', '500Mi', { topologySpreadConstraints: [constraint] });
  return homogeneous(50_000, 0, { name: 'spread', spec });
};

const preferredAntiAffinity = (): number => {
  const podAffinityTerm = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'apart' } } };
  const podAntiAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] };
  return homogeneous(20_000, 0, {
    name: 'apart',
    spec: requesting('100m', '500Mi', { affinity: { podAntiAffinity } }),
  });
};

/** Deployments one after the other, or all at once; each has its own template object. */
function deployments(count: number, replicas: number, isMixed: boolean): number {
  const cluster = new BenchCluster(NODES);
  const templates = Array.from({ length: count }, (_, i): PodTemplate => {
    cluster.addReplicaSet(`app-${i}`);
    return { name: `app-${i}`, spec: requesting(`${50 + (i % 5) * 20}m`, '300Mi'), isReplica: true };
  });
  return rateOf(
    cluster,
    count * replicas,
    (i) => templates[isMixed ? i % count : Math.floor(i / replicas)] as PodTemplate,
  );
}

const BACKLOG = 10_000;

/** Seconds for a backlog of pods that fit nowhere to be tried again when a node comes that has room for a few of them. */
function backlog(): { readonly first: number; readonly again: number } {
  const cluster = new BenchCluster(NODES);
  const large: PodTemplate = { name: 'large', spec: requesting('3', '1Gi') };
  for (let i = 0; i < NODES; i++) {
    cluster.place(cluster.nextPod(large));
  }
  const pods = Array.from({ length: BACKLOG }, () => cluster.nextPod(large));
  const tryAll = (): number =>
    processorSeconds(() => {
      for (const pod of pods) {
        if (cluster.place(pod) === undefined) {
          cluster.preempt(pod);
        }
      }
    });
  const first = tryAll();
  cluster.cache.addNode(benchNode(NODES));
  return { first, again: tryAll() };
}

/** As PreemptionAsync of scheduler_perf: four pods of 900m on every node, and pods of 3 CPU that are more important. */
function preemption(count: number): number {
  const cluster = new BenchCluster(NODES);
  const low: PodTemplate = { name: 'low', spec: requesting('900m', '500Mi', { priority: 0 }) };
  for (let i = 0; i < 4 * NODES; i++) {
    cluster.place(cluster.nextPod(low));
  }
  const high: PodTemplate = { name: 'high', spec: requesting('3', '500Mi', { priority: 10 }) };
  const pods = Array.from({ length: count }, () => cluster.nextPod(high));
  const spent = processorSeconds(() => pods.forEach((pod) => preemptFor(cluster, pod)));
  return count / spent;
}

/** The pod fails, is promised a node, its victims go, and it is placed. */
function preemptFor(cluster: BenchCluster, pod: Pod): void {
  const nominatedNodeName = cluster.preempt(pod);
  if (nominatedNodeName === undefined) {
    throw new Error('nobody to preempt');
  }
  const nominated = { ...pod, status: { nominatedNodeName } };
  const { uid } = podInfoOf(pod);
  cluster.nominations.add(podInfoOf(nominated));
  const victims = [...(cluster.cache.node(nominatedNodeName)?.pods ?? [])].slice(-3);
  for (const victim of victims) {
    cluster.cache.removePod(keyOf(victim.pod));
  }
  if (cluster.place(nominated) !== nominatedNodeName) {
    throw new Error('the pod did not get its node');
  }
  cluster.nominations.delete(uid);
}

const BARE: PodTemplate = { name: 'bare', spec: SMALL };
const REPLICA: PodTemplate = { name: 'replica', spec: SMALL, isReplica: true };

export const scheduler: Benchmark = {
  name: 'scheduler',
  help: `decisions of the scheduler on ${NODES} nodes, without queue and API; pods a second of processor time`,
  *run(): Iterable<Figure> {
    yield { name: '150,000 equal pods', value: homogeneous(150_000, 0, BARE), unit: UNIT, goal: '≥ 50,000' };
    yield { name: '150,000 replicas, spread by default', value: homogeneous(150_000, 0, REPLICA), unit: UNIT };
    yield {
      name: 'equal pods, all nodes scored',
      value: homogeneous(150_000, 100, BARE),
      unit: UNIT,
      goal: '≥ 20,000',
    };
    yield { name: 'replicas, all nodes scored', value: homogeneous(20_000, 100, REPLICA), unit: UNIT };
    yield { name: 'hard zone spread', value: hardZoneSpread(), unit: UNIT, goal: '≥ 20,000' };
    yield { name: 'preferred pod anti-affinity', value: preferredAntiAffinity(), unit: UNIT, goal: '≥ 10,000' };
    yield { name: '1,000 deployments × 50', value: deployments(1_000, 50, false), unit: UNIT, goal: '≥ 20,000' };
    yield { name: '1,000 deployments × 50, mixed', value: deployments(1_000, 50, true), unit: UNIT };
    const { first, again } = backlog();
    yield { name: 'backlog of 10,000 pods, first attempt', value: BACKLOG / first, unit: UNIT };
    yield { name: 'backlog of 10,000 pods, a node added', value: BACKLOG / again, unit: UNIT };
    yield { name: 'preemption', value: preemption(4_000), unit: UNIT, goal: '≥ 5,000' };
  },
};
