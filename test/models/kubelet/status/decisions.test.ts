import { type ContainerStatus, conditionOf, type Pod, type PodStatus } from '../../../../models/api/index.js';
import {
  isSameKubeletStatus,
  mergedStatus,
  resurrects,
  terminatedStatus,
} from '../../../../models/kubelet/status/decisions.js';

const GATES = { ContainerRestartRules: true, RestartAllContainersOnContainerExits: true };

const aPod = (status: PodStatus, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'c' }], restartPolicy: 'Never', ...spec },
  status,
});

const container = (state: ContainerStatus['state'], name = 'c'): ContainerStatus => ({
  name,
  image: 'app',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
});

const running = container({ running: {} });
const exited = (exitCode: number): ContainerStatus => container({ terminated: { exitCode } });

describe('a status about to be written', () => {
  const ready = [
    { type: 'Ready', status: 'True' },
    { type: 'ContainersReady', status: 'True' },
  ];

  it('leaves conditions of others as the server has them', () => {
    const current = aPod({ conditions: [{ type: 'example.com/gate', status: 'True' }, ...ready] });
    const ours = {
      conditions: [
        { type: 'example.com/gate', status: 'False' },
        { type: 'Ready', status: 'False' },
      ],
    };
    expect(mergedStatus(current, ours, false, 0).conditions).toEqual([
      { type: 'example.com/gate', status: 'True' },
      { type: 'Ready', status: 'False' },
    ]);
  });

  it('withholds a terminal phase while containers may run', () => {
    const current = aPod({ phase: 'Running' });
    const ours: PodStatus = { phase: 'Failed', reason: 'Evicted', conditions: [] };
    expect(mergedStatus(current, ours, true, 0)).toMatchObject({ phase: 'Running', reason: undefined });
    expect(mergedStatus(current, ours, false, 0)).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  });

  it('tells DisruptionTarget only together with the terminal phase', () => {
    const current = aPod({ phase: 'Running' });
    const ours = { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    const target = (status: PodStatus) => conditionOf(status.conditions, 'DisruptionTarget');
    expect(target(mergedStatus(current, ours, true, 0))).toBeUndefined();
    expect(target(mergedStatus(current, ours, false, 5_300_000))).toMatchObject({
      status: 'True',
      lastTransitionTime: 5_000_000,
    });
  });

  it('is not ready once it has ended', () => {
    const ours = { phase: 'Succeeded', conditions: ready, containerStatuses: [exited(0)] };
    const { conditions } = mergedStatus(aPod({ phase: 'Running' }), ours, false, 0);
    expect(conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Ready False PodCompleted',
      'ContainersReady False PodCompleted',
    ]);
  });
});

describe('a container that ended for good', () => {
  it.each([
    ['may not run again under Never', 'Never', exited(1), true],
    ['may run again after a failure under OnFailure', 'OnFailure', exited(1), false],
    ['may not after a success', 'OnFailure', exited(0), true],
    ['may always under Always', 'Always', exited(0), false],
  ] as const)('%s', (_, restartPolicy, before, expected) => {
    const pod = aPod({}, { restartPolicy });
    expect(resurrects(pod, { containerStatuses: [before] }, { containerStatuses: [running] }, GATES)).toBe(expected);
  });
});

describe('the last status of a pod', () => {
  it('leaves no container that could be taken for running, and a terminal phase [37]', () => {
    const last = terminatedStatus(aPod({}), { phase: 'Running', containerStatuses: [running] }, true);
    expect(last.phase).toBe('Failed');
    expect(last.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      reason: 'ContainerStatusUnknown',
      exitCode: 137,
    });
    expect(terminatedStatus(aPod({}), { phase: 'Running' }, false).phase).toBe('Running');
  });

  it('says nothing of containers that never had their turn', () => {
    const pod = aPod({}, { initContainers: [{ name: 'i' }, { name: 'j' }] });
    const waiting = container({ waiting: {} }, 'j');
    const status = { initContainerStatuses: [container({ running: {} }, 'i'), waiting], containerStatuses: [waiting] };
    const last = terminatedStatus(pod, status, true);
    expect(last.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137);
    expect(last.initContainerStatuses?.[1]).toBe(waiting);
    expect(last.containerStatuses?.[0]).toBe(waiting);
  });
});

describe('two statuses', () => {
  it('are the same to the kubelet whatever others say and whenever things were seen', () => {
    const a = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: 1 }] };
    const b = {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: 2 },
        { type: 'other', status: 'True' },
      ],
      reason: undefined,
    };
    expect(isSameKubeletStatus(a, b)).toBe(true);
    expect(isSameKubeletStatus(a, { ...b, phase: 'Failed' })).toBe(false);
    expect(isSameKubeletStatus(a, { ...b, conditions: [{ type: 'Ready', status: 'False' }] })).toBe(false);
  });
});
