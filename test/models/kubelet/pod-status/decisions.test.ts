import { seconds } from '../../../../engine/time/micros.js';
import type { ContainerStatus, Pod, PodSpec } from '../../../../models/api/index.js';
import {
  type PodConditionInput,
  podConditions,
  podPhase,
  withTransitionTimes,
} from '../../../../models/kubelet/pod-status/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

const gatesOf = (version: string) => defaultsFor(version)!.features;

const aPod = (spec: Partial<PodSpec>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', generation: 1 },
  spec: { containers: [{ name: 'app' }], ...spec },
});

const status = (name: string, rest: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...rest,
});

const ended = (exitCode: number): Partial<ContainerStatus> => ({ state: { terminated: { exitCode } } });
const waitingAfter = (exitCode: number): Partial<ContainerStatus> => ({
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode } },
});

interface PhaseCase {
  readonly what: string;
  readonly spec: Partial<PodSpec>;
  readonly app: Partial<ContainerStatus>;
  readonly terminal?: boolean;
  readonly v1_37: string;
  readonly v1_23: string;
}

const PHASES: readonly PhaseCase[] = [
  { what: 'is created', spec: {}, app: { state: { waiting: {} } }, v1_37: 'Pending', v1_23: 'Pending' },
  { what: 'runs', spec: {}, app: { state: { running: {} } }, v1_37: 'Running', v1_23: 'Running' },
  { what: 'waits after a crash', spec: {}, app: waitingAfter(1), v1_37: 'Running', v1_23: 'Running' },
  {
    what: 'ended well, Never',
    spec: { restartPolicy: 'Never' },
    app: ended(0),
    v1_37: 'Succeeded',
    v1_23: 'Succeeded',
  },
  { what: 'ended badly, Never', spec: { restartPolicy: 'Never' }, app: ended(1), v1_37: 'Failed', v1_23: 'Failed' },
  {
    what: 'ended badly, OnFailure',
    spec: { restartPolicy: 'OnFailure' },
    app: ended(1),
    v1_37: 'Running',
    v1_23: 'Running',
  },
  // Its last exit was 0, so by container rules it will not restart, and it is not seen as terminated either.
  {
    what: 'waits after exit 0, OnFailure',
    spec: { restartPolicy: 'OnFailure' },
    app: waitingAfter(0),
    v1_37: 'Failed',
    v1_23: 'Running',
  },
  { what: 'was deleted and ended well', spec: {}, app: ended(0), terminal: true, v1_37: 'Succeeded', v1_23: 'Running' },
  { what: 'was deleted and was killed', spec: {}, app: ended(137), terminal: true, v1_37: 'Failed', v1_23: 'Running' },
];

describe('the phase of a pod', () => {
  it.each(PHASES)(
    'whose container $what is $v1_37 in 1.37 and $v1_23 in 1.23',
    ({ spec, app, terminal, v1_37, v1_23 }) => {
      const statuses = { containerStatuses: [status('app', app)] };
      const progress = { podIsTerminal: terminal ?? false, podHasInitialized: true };
      expect(podPhase(aPod(spec), statuses, progress, gatesOf('1.37'))).toBe(v1_37);
      expect(podPhase(aPod(spec), statuses, progress, gatesOf('1.23'))).toBe(v1_23);
    },
  );

  it('stays Running while a sidecar restarts once the pod is initialized, and is Pending before', () => {
    const pod = aPod({ initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] });
    const statuses = {
      initContainerStatuses: [status('proxy', { state: { running: {} }, started: false })],
      containerStatuses: [status('app', { state: { running: {} } })],
    };
    const phase = (podHasInitialized: boolean): string =>
      podPhase(pod, statuses, { podIsTerminal: false, podHasInitialized }, gatesOf('1.37'));
    expect(phase(true)).toBe('Running');
    expect(phase(false)).toBe('Pending');
  });

  it('fails with an init container that will not be tried again', () => {
    const pod = aPod({ restartPolicy: 'Never', initContainers: [{ name: 'migrate' }] });
    const statuses = {
      initContainerStatuses: [status('migrate', ended(1))],
      containerStatuses: [status('app', { state: { waiting: {} } })],
    };
    const progress = { podIsTerminal: false, podHasInitialized: false };
    expect(podPhase(pod, statuses, progress, gatesOf('1.37'))).toBe('Failed');
    expect(podPhase(pod, statuses, progress, gatesOf('1.23'))).toBe('Failed');
  });
});

describe('the conditions of a pod', () => {
  const input = (
    pod: Pod,
    app: Partial<ContainerStatus>,
    rest: Partial<PodConditionInput> = {},
  ): PodConditionInput => ({
    pod,
    phase: 'Running',
    containerStatuses: [status('app', app)],
    oldConditions: undefined,
    sandboxProblem: undefined,
    isRestartingAllContainers: false,
    ...rest,
  });
  const shown = (conditionInput: PodConditionInput, version: string): readonly string[] =>
    podConditions(conditionInput, gatesOf(version)).map(({ type, status, reason }) =>
      [type, status, ...(reason ? [reason] : [])].join(' '),
    );

  it('are those of the kubelet, after those of others', () => {
    const pod: Pod = { ...aPod({}), status: { conditions: [{ type: 'example.com/lb', status: 'True' }] } };
    expect(shown(input(pod, { ready: true, state: { running: {} } }), '1.37')).toEqual([
      'example.com/lb True',
      'PodReadyToStartContainers True',
      'Initialized True',
      'Ready True',
      'ContainersReady True',
      'PodScheduled True',
    ]);
  });

  it('do not know sandboxes in 1.23', () => {
    expect(shown(input(aPod({}), { ready: false, state: { running: {} } }), '1.23')).toEqual([
      'Initialized True',
      'Ready False ContainersNotReady',
      'ContainersReady False ContainersNotReady',
      'PodScheduled True',
    ]);
  });

  it('wait for readiness gates', () => {
    const pod = aPod({ readinessGates: [{ conditionType: 'example.com/lb' }] });
    const conditions = podConditions(input(pod, { ready: true, state: { running: {} } }), gatesOf('1.37'));
    expect(conditions.find(({ type }) => type === 'Ready')).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/lb" does not exist.',
      observedGeneration: 1,
    });
  });

  it('keep the mark of an eviction until the pod is gone', () => {
    const mark = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' };
    expect(shown(input(aPod({}), ended(137), { phase: 'Failed', oldConditions: [mark] }), '1.37')).toEqual([
      'DisruptionTarget True TerminationByKubelet',
      'PodReadyToStartContainers True',
      'Initialized True',
      'Ready False PodFailed',
      'ContainersReady False PodFailed',
      'PodScheduled True',
    ]);
  });

  it('change their time with their status only, and stay the same object while nothing changes', () => {
    const of = (ready: boolean) => podConditions(input(aPod({}), { ready, state: { running: {} } }), gatesOf('1.37'));
    const first = withTransitionTimes(of(false), undefined, seconds(10) + 300_000);
    expect(first.every(({ lastTransitionTime }) => lastTransitionTime === seconds(10))).toBe(true);
    expect(withTransitionTimes(of(false), first, seconds(20))).toBe(first);
    const second = withTransitionTimes(of(true), first, seconds(30));
    expect(second.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['PodReadyToStartContainers', seconds(10)],
      ['Initialized', seconds(10)],
      ['Ready', seconds(30)],
      ['ContainersReady', seconds(30)],
      ['PodScheduled', seconds(10)],
    ]);
    expect(second[1]).toBe(first[1]);
  });
});
