import { BucketEventQueue, MemorySink, Recorder, Simulation, seconds, toSeconds } from '../../../engine/index.js';
import { type Cluster, kubernetes } from '../../../models/cluster.js';

const capacity = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' };

function aCluster(controlPlanes: number): Cluster {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue() });
  const machine = (name: string, isControlPlane: boolean) => ({
    name,
    pool: 'node',
    labels: {},
    taints: isControlPlane ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' as const }] : [],
    capacity,
    isControlPlane,
  });
  const cluster = kubernetes.create({
    simulation,
    recorder: new Recorder(new MemorySink(() => simulation.now), []),
    kubernetesVersion: '1.37',
    nodes: [
      ...Array.from({ length: controlPlanes }, (_, i) => machine(`control-${i}`, true)),
      machine('worker', false),
    ],
    startTime: 1_767_225_600,
  });
  simulation.runUntil(seconds(100));
  return cluster;
}

/** Creates a Deployment and answers the seconds at which its pod is bound. */
function boundAt(cluster: Cluster, name: string): () => number | undefined {
  const labels = { app: name };
  let at: number | undefined;
  const see = (pod: { metadata: { name: string }; spec: { nodeName?: string | undefined } }): void => {
    if (pod.metadata.name.startsWith(name) && pod.spec.nodeName !== undefined) {
      at ??= toSeconds(cluster.simulation.now);
    }
  };
  cluster.watch('Pod', { added: see, modified: see, deleted: () => {} });
  const template = { metadata: { name: '', labels }, spec: { containers: [{ name: 'c', image: 'app:v1' }] } };
  cluster.user.create(
    'Deployment',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    },
    () => {},
  );
  return () => at;
}

describe('a control plane of three machines', () => {
  it('loses its leaders with their machine, until their leases have run out', () => {
    const cluster = aCluster(3);
    cluster.node('control-0')?.machine.powerOff();
    const bound = boundAt(cluster, 'web');
    cluster.simulation.runUntil(seconds(140));
    // 13 to 15 s of the lease are left; the others look every 2 to 4.4 s.
    expect(bound()).toBeGreaterThan(113);
    expect(bound()).toBeLessThan(120);
  });

  it('does not notice the death of another', () => {
    const cluster = aCluster(3);
    cluster.node('control-2')?.machine.powerOff();
    const bound = boundAt(cluster, 'web');
    cluster.simulation.runUntil(seconds(110));
    expect(bound()).toBeLessThan(101);
  });

  it('is gone when two are, and back when one of them has booted', () => {
    const cluster = aCluster(3);
    cluster.node('control-1')?.machine.powerOff();
    cluster.node('control-2')?.machine.powerOff();
    let answered: string | undefined;
    cluster.user.get('Node', 'worker', (reply) => {
      answered = reply.ok ? 'ok' : reply.error.reason;
    });
    cluster.simulation.runUntil(seconds(200));
    expect(answered).not.toBe('ok');
    cluster.node('control-1')?.machine.powerOn();
    cluster.simulation.runUntil(seconds(230));
    const bound = boundAt(cluster, 'web');
    cluster.simulation.runUntil(seconds(290));
    // The server is back at 220 s. Who restarted meanwhile sees the old Lease then for the first time, and waits out its 15 s and a
    // look every 2 to 4.4 s.
    expect(bound()).toBeGreaterThan(235);
    expect(bound()).toBeLessThan(242);
  });
});

describe('a control plane of one machine', () => {
  it('comes back with it, and finds out what happened meanwhile', () => {
    const cluster = aCluster(1);
    cluster.node('control-0')?.machine.powerOff();
    cluster.node('worker')?.machine.powerOff();
    const ready = (): string | undefined =>
      cluster.get('Node', 'worker')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    cluster.simulation.runUntil(seconds(300));
    // Nobody looks.
    expect(ready()).toBe('True');
    cluster.node('control-0')?.machine.powerOn();
    // 20 s to boot; 15 s of the old Lease, seen for the first time, and up to 4.4 s to the next look; then the controller's grace of
    // 50 s from when it first sees the node, and up to 5 s to its next pass.
    cluster.simulation.runUntil(seconds(385));
    expect(ready()).toBe('True');
    cluster.simulation.runUntil(seconds(396));
    expect(ready()).toBe('Unknown');
  });
});
