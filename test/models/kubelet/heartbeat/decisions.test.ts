import { seconds } from '../../../../engine/index.js';
import { conditionOf, type Node } from '../../../../models/api/index.js';
import {
  computeNodeStatus,
  type NodeFacts,
  nodeStatusHasChanged,
  reportDecision,
} from '../../../../models/kubelet/heartbeat/decisions.js';
import { heartbeatSettings } from '../../../../models/kubelet/heartbeat/index.js';
import { initialNode, reconciledNode } from '../../../../models/kubelet/heartbeat/registration.js';
import { type Defaults, defaultsFor } from '../../../../models/versions/index.js';

const FACTS: NodeFacts = {
  addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
  nodeInfo: {
    architecture: 'amd64',
    bootID: 'boot-1',
    containerRuntimeVersion: 'containerd://2.0.0',
    kernelVersion: '6.12',
    kubeProxyVersion: '',
    kubeletVersion: 'v1.37.2',
    machineID: 'm',
    operatingSystem: 'linux',
    osImage: 'Linux',
    systemUUID: 'u',
  },
  capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' },
  reserved: { memory: '100Mi', cpu: '5' },
  images: [
    { names: ['big'], sizeBytes: 2 },
    { names: ['small'], sizeBytes: 1 },
  ],
  kubeletPort: 10250,
  isUnderPressure: { Memory: false, Disk: false, PID: false },
  readyErrors: [],
};

const identity = { name: 'n', labels: { pool: 'p' }, taints: [], operatingSystem: 'linux', architecture: 'amd64' };
const fresh = initialNode(identity);
const compute = (node: Node, facts: Partial<NodeFacts> = {}, now = 10) =>
  computeNodeStatus(node, { ...FACTS, ...facts }, 50, seconds(now));
const posted: Node = { ...fresh, status: compute(fresh).status };

describe('the status of a node', () => {
  it('at first says that there is no pressure, and tells so; Ready comes last and is not told', () => {
    const { status, events } = compute(fresh);
    expect(status.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'MemoryPressure=False',
      'DiskPressure=False',
      'PIDPressure=False',
      'Ready=True',
    ]);
    expect(events.map(({ reason }) => reason)).toEqual([
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
    ]);
  });

  it('offers what is left of the capacity, and never less than nothing', () => {
    const { allocatable } = compute(fresh).status;
    expect(allocatable).toMatchObject({ memory: '8092Mi', cpu: '0', pods: '110' });
  });

  it('lists no more images than it may', () => {
    expect(computeNodeStatus(fresh, FACTS, 1, 0).status.images).toEqual([{ names: ['big'], sizeBytes: 2 }]);
    expect(computeNodeStatus(fresh, FACTS, -1, 0).status.images).toHaveLength(2);
  });

  it('declares what its kubelet can do for pods, where that says so', () => {
    const declaredFeatures = ['RestartAllContainersOnContainerExits'];
    expect(compute(fresh, { declaredFeatures }).status).toMatchObject({ declaredFeatures });
    expect(compute(fresh).status).not.toHaveProperty('declaredFeatures');
  });

  it('is not ready for every error it knows, in one message', () => {
    const { status, events } = compute(posted, { readyErrors: ['runtime is down', 'no network'] }, 20);
    expect(conditionOf(status.conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message: '[runtime is down, no network]',
      lastTransitionTime: seconds(20),
    });
    expect(events.map(({ reason }) => reason)).toEqual(['NodeNotReady']);
  });

  it('is not ready while a capacity is missing', () => {
    const { status } = compute(fresh, { capacity: { cpu: '4', memory: '8Gi', pods: '110' } });
    expect(conditionOf(status.conditions, 'Ready')?.message).toBe(
      'missing node capacity for resources: ephemeral-storage',
    );
  });

  it('tells of a boot id that is not the one posted before', () => {
    const { events } = compute(posted, { nodeInfo: { ...FACTS.nodeInfo, bootID: 'boot-2' } });
    expect(events).toEqual([
      { type: 'Warning', reason: 'Rebooted', message: 'Node n has been rebooted, boot id: boot-2' },
    ]);
  });

  it('turns pressure and readiness back after the controllers made them Unknown, and tells each', () => {
    const conditions = posted.status?.conditions?.map((condition) => ({ ...condition, status: 'Unknown' })) ?? [];
    const { events } = compute({ ...posted, status: { ...posted.status, conditions } });
    expect(events.map(({ reason }) => reason)).toEqual([
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
      'NodeReady',
    ]);
  });

  it('has not changed when only time has passed, nor when an amount is written another way', () => {
    const later = compute(posted, {}, 99).status;
    expect(nodeStatusHasChanged(posted.status ?? {}, later)).toBe(false);
    expect(nodeStatusHasChanged(posted.status ?? {}, { ...later, capacity: { ...later.capacity, cpu: '4000m' } })).toBe(
      false,
    );
    expect(nodeStatusHasChanged(posted.status ?? {}, compute(posted, { images: [] }).status)).toBe(true);
  });
});

describe('a report', () => {
  const delay = seconds(300);
  it.each([
    ['is due on a change, and draws the next delay', true, 100, 110, { isDue: true, drawsDelay: true }],
    ['is due first of all', false, undefined, 0, { isDue: true, drawsDelay: true }],
    ['is not due before its time', false, 100, 399, { isDue: false, drawsDelay: false }],
    ['is due by time alone, and then every so often', false, 100, 400, { isDue: true, drawsDelay: false }],
  ])('%s', (_, hasChanged, reportedAt, now, decision) => {
    const at = reportedAt === undefined ? undefined : seconds(reportedAt);
    expect(reportDecision(hasChanged, at, delay, seconds(now))).toEqual(decision);
  });
});

describe('a Node that exists', () => {
  it('gets its default labels back, but not the taints of its first registration', () => {
    const existing: Node = {
      ...fresh,
      metadata: { ...fresh.metadata, labels: { mine: 'x', 'kubernetes.io/os': 'plan9' } },
    };
    const initial = initialNode({ ...identity, taints: [{ key: 'new', effect: 'NoSchedule' }] });
    const put = reconciledNode(existing, initial);
    expect(put.metadata.labels).toMatchObject({
      mine: 'x',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/hostname': 'n',
    });
    expect(put.metadata.labels).not.toHaveProperty('pool');
    expect(put.spec.taints).toBeUndefined();
  });

  it('is left alone when all is right', () => {
    expect(reconciledNode(fresh, fresh)).toBe(fresh);
  });
});

describe('the settings', () => {
  const v1_37 = defaultsFor('1.37') as Defaults;

  it('renew a Lease every quarter of its duration', () => {
    expect(heartbeatSettings(v1_37, { nodeLeaseDurationSeconds: 60 }).leaseRenewInterval).toBe(seconds(15));
  });

  it('report as often as they compute where that is set and nothing else is said', () => {
    expect(heartbeatSettings(v1_37).nodeStatusReportFrequency).toBe(seconds(300));
    const rare = heartbeatSettings(v1_37, { nodeStatusUpdateFrequency: '1m' });
    expect(rare.nodeStatusReportFrequency).toBe(seconds(60));
    const both = heartbeatSettings(v1_37, { nodeStatusUpdateFrequency: '1m', nodeStatusReportFrequency: '10m' });
    expect(both.nodeStatusReportFrequency).toBe(seconds(600));
  });
});
