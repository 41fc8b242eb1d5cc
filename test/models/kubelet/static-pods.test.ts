import { BucketEventQueue, MemorySink, Recorder, Simulation, seconds, toSeconds } from '../../../engine/index.js';
import { isPodReady, type Pod } from '../../../models/api/index.js';
import { type Cluster, kubernetes } from '../../../models/cluster.js';

const NODE = 'node-1';
const KEY = `kube-system/proxy-${NODE}`;
const capacity = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' };

const manifest: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'proxy', namespace: 'kube-system', labels: { app: 'proxy' } },
  spec: { containers: [{ name: 'c', image: 'proxy:v1' }], hostNetwork: true },
};

/** A machine with one manifest in its folder of static pods, put there at 60 s. */
function aCluster(kubernetesVersion = '1.37'): Cluster {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue() });
  const cluster = kubernetes.create({
    simulation,
    recorder: new Recorder(new MemorySink(() => simulation.now), []),
    kubernetesVersion,
    nodes: [],
    startTime: 1_767_225_600,
  });
  simulation.runUntil(seconds(60));
  cluster.addNode({ name: NODE, pool: 'node', labels: {}, taints: [], capacity, staticPods: [manifest] });
  return cluster;
}

const run = (cluster: Cluster, until: number): Pod | undefined => {
  cluster.simulation.runUntil(seconds(until));
  return cluster.get('Pod', KEY);
};

/** Seconds at which mirrors came and went. */
function comings(cluster: Cluster): readonly (readonly [number, string])[] {
  const seen: (readonly [number, string])[] = [];
  const note = (what: string) => (pod: Pod) => {
    if (pod.metadata.name === `proxy-${NODE}`) {
      seen.push([toSeconds(cluster.simulation.now), what]);
    }
  };
  cluster.watch('Pod', { added: note('added'), modified: () => {}, deleted: note('deleted') });
  return seen;
}

describe('a static pod', () => {
  it('is shown by a mirror: named after its node, owned by it, tolerating every NoExecute taint', () => {
    const mirror = run(aCluster(), 90);
    expect(mirror?.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: NODE, controller: true }]);
    expect(mirror?.metadata.annotations?.['kubernetes.io/config.source']).toBe('file');
    expect(mirror?.metadata.annotations?.['kubernetes.io/config.mirror']).toBe(
      mirror?.metadata.annotations?.['kubernetes.io/config.hash'],
    );
    expect(mirror?.spec.tolerations).toContainEqual({ operator: 'Exists', effect: 'NoExecute' });
    expect(mirror?.spec.nodeName).toBe(NODE);
  });

  it('runs before anybody can see it, and its mirror comes with the Node [37] or with its next resync [23]', () => {
    const cameAt = (version: string): number => {
      const cluster = aCluster(version);
      const seen = comings(cluster);
      run(cluster, 200);
      return seen[0]?.[0] as number;
    };
    // The Node is registered at 60.1 s.
    expect(cameAt('1.37')).toBeGreaterThan(60.1);
    expect(cameAt('1.37')).toBeLessThan(60.2);
    // The pod was synced first at 60.1 s, when there was no Node; it is looked at again when its containers run.
    expect(cameAt('1.23')).toBeGreaterThan(60.1);
    expect(cameAt('1.23')).toBeLessThan(150);
  });

  it('has its status shown by the mirror', () => {
    const mirror = run(aCluster(), 90) as Pod;
    expect(mirror.status?.phase).toBe('Running');
    expect(isPodReady(mirror)).toBe(true);
  });

  it('runs on when its mirror is deleted, and the mirror comes again', () => {
    const cluster = aCluster();
    const before = run(cluster, 90) as Pod;
    const seen = comings(cluster);
    cluster.user.delete('Pod', KEY, {}, () => {});
    const after = run(cluster, 120) as Pod;
    expect(seen.map(([, what]) => what)).toEqual(['deleted', 'added']);
    expect(seen[1]?.[0]).toBeLessThan(90.1);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    const id = (pod: Pod): string | undefined => pod.status?.containerStatuses?.[0]?.containerID;
    expect(id(after)).toBe(id(before));
  });

  it('stays through a restart of its kubelet', () => {
    const cluster = aCluster();
    const before = run(cluster, 90) as Pod;
    cluster.node(NODE)?.kubelet.stop();
    run(cluster, 95);
    cluster.node(NODE)?.kubelet.start();
    const after = run(cluster, 150) as Pod;
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(isPodReady(after)).toBe(true);
  });

  it('is not moved from a node that died', () => {
    const cluster = aCluster();
    run(cluster, 90);
    cluster.node(NODE)?.machine.powerOff();
    const mirror = run(cluster, 900) as Pod;
    expect(mirror.metadata.deletionTimestamp).toBeUndefined();
    expect(isPodReady(mirror)).toBe(false);
  });

  it('is restarted where it was when the machine comes back', () => {
    const cluster = aCluster();
    run(cluster, 90);
    cluster.node(NODE)?.machine.powerOff();
    run(cluster, 100);
    cluster.node(NODE)?.machine.powerOn();
    const mirror = run(cluster, 180) as Pod;
    expect(isPodReady(mirror)).toBe(true);
    expect(mirror.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });
});

describe('the folder of static pods', () => {
  const changed: Pod = {
    ...manifest,
    spec: { ...manifest.spec, containers: [{ name: 'c', image: 'proxy:v2' }], terminationGracePeriodSeconds: 5 },
  };
  const image = (mirror: Pod | undefined): string | undefined => mirror?.spec.containers[0]?.image;

  it('makes another pod of a manifest that changes: it starts when the old one is gone and its back-off is over', () => {
    const cluster = aCluster();
    const before = run(cluster, 90) as Pod;
    cluster.node(NODE)?.manifests?.write(changed);
    // The old one is stopped at once; the new one had to wait, and looks again 10 to 15 s later.
    expect(image(run(cluster, 99.9))).toBe('proxy:v1');
    const after = run(cluster, 106.5) as Pod;
    expect(image(after)).toBe('proxy:v2');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    const hash = 'kubernetes.io/config.hash';
    expect(after.metadata.annotations?.[hash]).not.toBe(before.metadata.annotations?.[hash]);
    expect(isPodReady(run(cluster, 110) as Pod)).toBe(true);
  });

  it('lets a pod whose manifest goes end, then its mirror', () => {
    const cluster = aCluster();
    run(cluster, 90);
    const seen = comings(cluster);
    expect(cluster.node(NODE)?.manifests?.remove('proxy', 'kube-system')).toBe(true);
    expect(cluster.node(NODE)?.manifests?.remove('proxy', 'kube-system')).toBe(false);
    run(cluster, 200);
    expect(seen.map(([, what]) => what)).toEqual(['deleted']);
    // Housekeeping looks each 2 s once the containers are gone, which a relist each second finds.
    expect(seen[0]?.[0]).toBeGreaterThan(90);
    expect(seen[0]?.[0]).toBeLessThan(94);
  });

  it('runs a pod that is written later, at once', () => {
    const cluster = aCluster();
    run(cluster, 90);
    cluster.node(NODE)?.manifests?.write({ ...changed, metadata: { ...changed.metadata, name: 'second' } });
    // Pulling its image takes most of it.
    run(cluster, 98);
    expect(isPodReady(cluster.get('Pod', `kube-system/second-${NODE}`) as Pod)).toBe(true);
    expect(image(run(cluster, 98))).toBe('proxy:v1');
  });

  it('does nothing about a manifest that is written again as it was', () => {
    const cluster = aCluster();
    const before = run(cluster, 90) as Pod;
    cluster.node(NODE)?.manifests?.write({ ...manifest });
    expect(run(cluster, 150)).toEqual(before);
  });

  it('is read when the kubelet starts: what ran of the old manifest is killed, the new one does not wait for it', () => {
    const cluster = aCluster();
    run(cluster, 90);
    cluster.node(NODE)?.kubelet.stop();
    cluster.node(NODE)?.manifests?.write(changed);
    run(cluster, 95);
    cluster.node(NODE)?.kubelet.start();
    // The pull of the new image is all it waits for; the mirror is replaced at the sync after that.
    const after = run(cluster, 101) as Pod;
    expect(image(after)).toBe('proxy:v2');
    expect(isPodReady(run(cluster, 110) as Pod)).toBe(true);
  });

  it('starts three versions one after the other, and never the one that was overtaken', () => {
    const cluster = aCluster();
    run(cluster, 90);
    cluster.node(NODE)?.manifests?.write(changed);
    run(cluster, 95);
    const third = { ...changed, spec: { ...changed.spec, containers: [{ name: 'c', image: 'proxy:v3' }] } };
    cluster.node(NODE)?.manifests?.write(third);
    const images = new Set<string | undefined>();
    cluster.watch('Pod', { added: (pod) => images.add(image(pod)), modified: () => {}, deleted: () => {} });
    expect(image(run(cluster, 130))).toBe('proxy:v3');
    expect(images.has('proxy:v2')).toBe(false);
  });
});
