import { BucketEventQueue, MemorySink, Recorder, Simulation, seconds, toSeconds } from '../../../engine/index.js';
import { conditionOf, type Event, type Node } from '../../../models/api/index.js';
import { type Cluster, kubernetes } from '../../../models/cluster.js';
import type { KubeletConfiguration } from '../../../models/kubelet/index.js';
import type { ContainerRuntime } from '../../../models/world/index.js';

const NODE = 'node-1';
const capacity = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** A control plane, and a machine that is put there at 60 s. */
function aNewMachine(kubelet: KubeletConfiguration = {}, kubernetesVersion = '1.37', elideQuietEvents = true): Cluster {
  const simulation = new Simulation({ seed: 1, queue: new BucketEventQueue() });
  const cluster = kubernetes.create({
    simulation,
    recorder: new Recorder(new MemorySink(() => simulation.now), []),
    kubernetesVersion,
    nodes: [],
    startTime: 1_767_225_600,
    configuration: { kubelet: { ...kubelet } },
    elideQuietEvents,
  });
  simulation.runUntil(seconds(60));
  cluster.addNode({ name: NODE, pool: 'node', labels: {}, taints: [], capacity });
  return cluster;
}

/** Ready of each version of the Node: seconds since the machine came, status and message. */
function readiness(cluster: Cluster): readonly (readonly [number, ...(string | undefined)[]])[] {
  const seen: (readonly [number, ...(string | undefined)[]])[] = [];
  const see = (object: Node): void => {
    const { status, message } = conditionOf(object.status?.conditions, 'Ready') ?? {};
    seen.push([toSeconds(cluster.simulation.now) - 60, status, message]);
  };
  cluster.watch('Node', { added: see, modified: see, deleted: () => {} });
  return seen;
}

/** "reason count" of each write of an Event by the kubelet about its Node. */
function nodeEvents(cluster: Cluster): readonly string[] {
  const told: string[] = [];
  const see = ({ count, involvedObject, reason, source }: Event): void => {
    if (involvedObject.kind === 'Node' && source?.component === 'kubelet') {
      told.push(`${reason} ${count}`);
    }
  };
  cluster.watch('Event', { added: see, modified: see, deleted: () => {} });
  return told;
}

describe('a kubelet on a new machine', () => {
  it('registers a Node that is not ready until it has a CSINode', () => {
    const cluster = aNewMachine();
    const seen = readiness(cluster);
    cluster.simulation.runUntil(seconds(65));
    // 100 ms of sleep before the registration, and half a call of 4 ms.
    expect(seen[0]).toEqual([expect.closeTo(0.102, 5), 'False', 'CSINode is not yet initialized']);
    // Tries to make the CSINode at 0, 10, 60 and 310 ms, each pause up to 10 % longer; the last one finds the Node. The kubelet
    // looks each 100 ms whether it may say so, at 400 ms.
    expect(seen.find(([, status]) => status === 'True')?.[0]).toBeCloseTo(0.402, 5);
    const owners = cluster.get('CSINode', NODE)?.metadata.ownerReferences;
    expect(owners).toMatchObject([{ kind: 'Node', name: NODE }]);
  });

  it('has to wait for the next status in 1.23, where only a pod CIDR makes the first ones quick', () => {
    const cluster = aNewMachine({}, '1.23');
    const seen = readiness(cluster);
    cluster.simulation.runUntil(seconds(75));
    const readyAt = seen.find(([, status]) => status === 'True')?.[0];
    // The status loop's second run: 10 to 10.4 s after the end of the first one.
    expect(readyAt).toBeGreaterThan(10);
    expect(readyAt).toBeLessThan(10.6);
  });

  it('tells the conditions twice: once to make sure of its machine, once when it registers', () => {
    const cluster = aNewMachine();
    const told = nodeEvents(cluster);
    cluster.simulation.runUntil(seconds(65));
    const conditions = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'];
    expect(told).toEqual([
      'Starting 1',
      'InvalidDiskCapacity 1',
      ...conditions.map((reason) => `${reason} 1`),
      'NodeAllocatableEnforced 1',
      ...conditions.map((reason) => `${reason} 2`),
      'NodeReady 1',
    ]);
  });

  for (const elideQuietEvents of [true, false]) {
    const twin = elideQuietEvents ? '' : ', every tick an event';
    it(`asks its runtime each 100 ms whether there is a network now, and tells so${twin}`, () => {
      const cluster = aNewMachine({}, '1.37', elideQuietEvents);
      const runtime = cluster.node(NODE)?.runtime as ContainerRuntime;
      const heal = runtime.breakNetworkPlugin();
      const seen = readiness(cluster);
      cluster.simulation.runUntil(seconds(63.25));
      expect(seen.at(-1)?.[1]).toBe('False');
      heal();
      cluster.simulation.runUntil(seconds(64));
      // The look at 3.3 s finds it, and not the poll at 5 s; half a call of 4 ms.
      expect(seen.find(([, status]) => status === 'True')?.[0]).toBeCloseTo(3.302, 5);
    });

    it(`gives up after two minutes: the runtime is asked each 5 s, the status told within 10.4 s${twin}`, () => {
      const cluster = aNewMachine({}, '1.37', elideQuietEvents);
      const runtime = cluster.node(NODE)?.runtime as ContainerRuntime;
      const heal = runtime.breakNetworkPlugin();
      const seen = readiness(cluster);
      cluster.simulation.runUntil(seconds(60 + 120.25));
      heal();
      cluster.simulation.runUntil(seconds(60 + 136));
      const readyAt = seen.find(([, status]) => status === 'True')?.[0];
      expect(readyAt).toBeGreaterThan(125);
      expect(readyAt).toBeLessThan(135.5);
    });
  }

  it('does not start a kubelet on a machine that is off: it comes with the next boot', () => {
    const cluster = aNewMachine();
    cluster.simulation.runUntil(seconds(100));
    const { kubelet, machine } = cluster.node(NODE) as NonNullable<ReturnType<Cluster['node']>>;
    kubelet.stop();
    machine.powerOff();
    const told = nodeEvents(cluster);
    kubelet.start();
    cluster.simulation.runUntil(seconds(200));
    expect(told).toEqual([]);
    machine.powerOn();
    cluster.simulation.runUntil(seconds(300));
    expect(told).toContain('Starting 1');
  });

  it('does not enforce what is allocatable when it is told not to', () => {
    const cluster = aNewMachine({ enforceNodeAllocatable: ['none'] });
    const told = nodeEvents(cluster);
    cluster.simulation.runUntil(seconds(65));
    expect(told).not.toContain('NodeAllocatableEnforced 1');
  });
});

describe('a kubelet that comes back', () => {
  it('finds its CSINode and stays ready', () => {
    const cluster = aNewMachine();
    cluster.simulation.runUntil(seconds(120));
    cluster.node(NODE)?.kubelet.stop();
    const seen = readiness(cluster);
    cluster.simulation.runUntil(seconds(125));
    cluster.node(NODE)?.kubelet.start();
    cluster.simulation.runUntil(seconds(150));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(([, status]) => status === 'True')).toBe(true);
  });

  it('declares the features that pods may need, so that the scheduler gives it such pods [37]', () => {
    const declared = (kubelet: KubeletConfiguration, version: string) => {
      const cluster = aNewMachine(kubelet, version);
      cluster.simulation.runUntil(seconds(65));
      return cluster.get('Node', NODE)?.status?.declaredFeatures;
    };
    expect(declared({}, '1.37')).toEqual(['RestartAllContainersOnContainerExits']);
    expect(declared({ featureGates: { RestartAllContainersOnContainerExits: false } }, '1.37')).toBeUndefined();
    expect(declared({}, '1.23')).toBeUndefined();
  });
});
